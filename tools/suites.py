"""The test suites, and `make test` as a whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tools import lint
from tools.environment import PYTHON
from tools.services import WORKERS, services
from tools.steps import Step, run_all, stream, stream_lanes, summary
from tools.terminal import ROOT

# What takes minutes and asks little of the database is tried beside PostgreSQL only.
ONCE = [
    "tests/admin",
    "tests/gateways",
    "tests/niochat/test_conformance.py",
    "tests/niochat/test_errors.py",
    "tests/niochat/test_logs.py",
    "tests/niochat/test_server.py",
    "tests/realtime/families",
    "tests/realtime/javascript_client",
    "tests/realtime/python_client",
    "tests/realtime/socketio",
    "tests/telegram",
    "tests/test_permissions.py",
    "tests/test_replays.py",
    "tests/tools",
    "tests/whatsapp",
]
# A file's tests stay in one worker: a server or a browser that a file starts is started once. The order is our own: by
# their number alone, the files with few and long tests would come last, one after the other in one worker.
BY_FILE = ["--dist", "loadfile", "--no-loadscope-reorder"]
# Its plugin takes two seconds of each process that does not need it.
UNSCHEMED = ["-p", "no:schemathesis"]


def everything() -> None:
    """Lint and JavaScript, Python on PostgreSQL and Redis, then Chromium and, beside it, the core again on SQLite."""
    # The tests start hundreds of Pythons: what one has compiled need not be compiled by the next.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    types, *others = lint.steps()
    outcomes = run_all([types, javascript(), *others], lint.environment())
    with services() as env:
        outcomes.append(stream(on_postgresql(), env))
        # Windows wait more than they work. (All three at once take longer: what waits for a busy machine works too.)
        outcomes += stream_lanes([(in_chromium(), env)], [(on_sqlite(), embedded(env))])
    sys.exit(not summary(outcomes))


def javascript() -> Step:
    """Node's own test runner over tests/js and the client's own tests."""
    folders = [ROOT / "tests" / "js", ROOT / "clients" / "js" / "tests"]
    files = [file for folder in folders for file in sorted(folder.rglob("*.test.js"))]
    return Step("JavaScript tests (node)", ["node", "--test", *files])


def on_postgresql() -> Step:
    workers = ["-n", str(WORKERS), *BY_FILE]
    return suite("tests on PostgreSQL and Redis", [*workers, "-m", "not bench and not browser"])


def in_chromium() -> Step:
    """Processes of their own: Playwright keeps an event loop running, and Django refuses its ORM beside one."""
    return suite("tests in Chromium", ["-n", "2", *BY_FILE, *UNSCHEMED, "-m", "browser", "tests/browser"])


def on_sqlite() -> Step:
    """What newcomers run: SQLite, and the bus in memory."""
    only = "not browser and not bench and not postgres and not redis"
    skipped = [part for path in ONCE for part in ("--ignore", path)]
    return suite(
        "tests on SQLite and the in-process bus",
        ["-n", "2", *BY_FILE, *UNSCHEMED, "-m", only, *skipped, "tests"],
    )


def embedded(env: Mapping[str, str]) -> Mapping[str, str]:
    """The environment without servers."""
    return {name: value for name, value in env.items() if not name.startswith(("DATABASE_URL", "REDIS_URL"))}


def suite(name: str, arguments: Sequence[str]) -> Step:
    return Step(name, [PYTHON, "-m", "pytest", "--quiet", "--durations=10", *arguments])


def pytest(arguments: Sequence[str], env: Mapping[str, str]) -> int:
    """A developer's run: pytest alone, on the terminal."""
    return subprocess.run([PYTHON, "-m", "pytest", *arguments], cwd=ROOT, env=env, check=False).returncode
