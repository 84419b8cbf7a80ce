"""Everything that reads the code without running it, and the translations."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tools.environment import PYTHON, VENV
from tools.packages import ensure
from tools.steps import Step, run_all, summary
from tools.terminal import ROOT, quietly, say

BIN = VENV / "bin"
NODE_BIN = ROOT / "node_modules" / ".bin"
LANGUAGES = ("pt_BR", "es")
# Templates and scripts of ours only.
NOT_OURS = ("node_modules/*", ".venv/*", "var/*", "staticfiles/*", "clients/*", "bench/*", "tests/*", "*/vendor/*")


def steps() -> list[Step]:
    """The slowest first: they run two at once."""
    python_code = [
        Step("types (mypy)", [BIN / "mypy", "."]),
        Step("format (ruff)", [BIN / "ruff", "format", "--check", "."]),
        Step("rules (ruff)", [BIN / "ruff", "check", "."]),
        Step("import contracts (import-linter)", [BIN / "lint-imports", "--no-logo"]),
        Step("templates (djLint)", [BIN / "djlint", ".", "--lint", "--quiet"]),
        Step("migrations are complete", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]),
        Step("translations are compiled", [PYTHON, "-m", "tools.catalogs", "--check"]),
    ]
    javascript = [
        Step(
            "JavaScript's format and rules (Biome)", [NODE_BIN / "biome", "ci", "--colors=off", "--error-on-warnings"]
        ),
        Step("JavaScript's types (tsc)", [NODE_BIN / "tsc", "--project", "jsconfig.json"]),
    ]
    return python_code + javascript


def environment() -> dict[str, str]:
    return os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}


def run() -> None:
    """`make lint`: all of them, and a failure if one failed."""
    sys.exit(not summary(run_all(steps(), environment())))


def collect_messages() -> None:
    """Collect what is to be translated into locale/, and compile what is."""
    ensure("gettext")
    env = environment()
    common = ["--no-wrap", "--no-obsolete", "--add-location=file"]
    common += [part for pattern in NOT_OURS for part in ("--ignore", pattern)]
    common += [part for language in LANGUAGES for part in ("--locale", language)]
    for domain in ("django", "djangojs"):
        command: list[str | Path] = [PYTHON, "manage.py", "makemessages", "--domain", domain, *common]
        quietly(command, "makemessages failed.", env)
    quietly([PYTHON, "-m", "tools.catalogs"], "The translations could not be compiled.")
    say("locale/ is up to date")
