"""The test suites, and `make test` as a whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tools import lint
from tools.environment import PYTHON
from tools.services import WORKERS, services
from tools.steps import Outcome, Step, run, stream, summary
from tools.terminal import ROOT

# What takes minutes and asks little of the database is tried beside PostgreSQL only.
ONCE = [
    "tests/admin",
    "tests/gateways",
    "tests/niochat/test_conformance.py",
    "tests/realtime/families",
    "tests/realtime/javascript_client",
    "tests/realtime/python_client",
    "tests/realtime/socketio",
    "tests/telegram",
]
# A file's tests stay in one worker: a server or a browser that a file starts is started once. The order is our own: by
# their number alone, the files with few and long tests would come last, one after the other in one worker.
PARALLEL = ["-n", str(WORKERS), "--dist", "loadfile", "--no-loadscope-reorder"]


def everything() -> None:
    """Lint, JavaScript, Python and browser on PostgreSQL and Redis, then the core again on SQLite without Redis."""
    outcomes = lint.checks()
    with services() as env:
        outcomes.append(javascript(env))
        outcomes.append(suite("tests on PostgreSQL and Redis", [*PARALLEL, "-m", "not bench and not browser"], env))
        # A process of their own: Playwright keeps an event loop running, and Django refuses its ORM beside one.
        outcomes.append(suite("tests in Chromium", ["-m", "browser"], env))
    # What newcomers run: one process, SQLite, the bus in memory.
    embedded = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    only = "not browser and not bench and not postgres and not redis"
    skipped = [part for path in ONCE for part in ("--ignore", path)]
    outcomes.append(suite("tests on SQLite and the in-process bus", [*PARALLEL, "-m", only, *skipped], embedded))
    sys.exit(not summary(outcomes))


def javascript(env: Mapping[str, str]) -> Outcome:
    """Node's own test runner over tests/js and the client's own tests."""
    folders = [ROOT / "tests" / "js", ROOT / "clients" / "js" / "tests"]
    files = [file for folder in folders for file in sorted(folder.rglob("*.test.js"))]
    return run(Step("JavaScript tests (node)", ["node", "--test", *files]), env)


def suite(name: str, arguments: Sequence[str], env: Mapping[str, str]) -> Outcome:
    return stream(Step(name, [PYTHON, "-m", "pytest", "--quiet", "--durations=10", *arguments]), env)


def pytest(arguments: Sequence[str], env: Mapping[str, str]) -> int:
    """A developer's run: pytest alone, on the terminal."""
    return subprocess.run([PYTHON, "-m", "pytest", *arguments], cwd=ROOT, env=env, check=False).returncode
