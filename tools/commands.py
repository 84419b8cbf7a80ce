"""What each command of the Makefile does."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Never

from tools import environment, lint, suites
from tools.packages import ensure
from tools.services import services
from tools.terminal import ROOT, give_up, say

DEFAULT_PORTS = "8010"
MADE_BY_US = (
    ".venv",
    "node_modules",
    "var",
    "staticfiles",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".import_linter_cache",
    ".hypothesis",
)


def dispatch(arguments: Sequence[str]) -> None:
    """Run the command that was named."""
    command = COMMANDS.get(arguments[0]) if arguments else None
    if command is None:
        give_up(f"Say one of: {', '.join(COMMANDS)}.")
    # An end by SIGTERM must stop the services too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        command()
    except KeyboardInterrupt:
        sys.exit(130)


def run() -> Never:
    """Set up, then become the server, so that Ctrl-C and SIGTERM reach it directly."""
    ports = wanted_ports()
    environment.ready_to_run()
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("PUBLIC_URL", f"http://localhost:{ports[0]}")
    os.chdir(ROOT)
    python = str(environment.PYTHON)
    os.execv(python, [python, "manage.py", "start", "--demo", "--ports", *map(str, ports)])


def wanted_ports() -> list[int]:
    """The ports of PORTS, each of them free: looked at before anything is installed or migrated."""
    words = os.environ.get("PORTS", DEFAULT_PORTS).replace(",", " ").split()
    if not words or not all(word.isdigit() and 0 < int(word) < 2**16 for word in words):
        give_up('PORTS must be port numbers, as in: make run PORTS="8010 8000".')
    for port in map(int, words):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                give_up(f"Port {port} is in use: stop what listens there, or choose another: make run PORTS=8020.")
    return [int(word) for word in words]


def test() -> None:
    """Everything; or, with ARGS, only what pytest finds by them."""
    environment.ready_to_check()
    arguments = shlex.split(os.environ.get("ARGS", ""))
    if arguments:
        with services(chromium=False) as env:
            sys.exit(suites.pytest(arguments, env))
    environment.ready_for_javascript()
    suites.everything()


def check_style() -> None:
    environment.ready_to_check()
    environment.ready_for_javascript()
    lint.run()


def bench() -> None:
    environment.ready_to_check()
    environment.ready_for_javascript()  # One of the peers is Node's.
    arguments = shlex.split(os.environ.get("ARGS", ""))
    with services(chromium=False) as env:
        sys.exit(
            subprocess.run([environment.PYTHON, "-m", "bench", *arguments], cwd=ROOT, env=env, check=False).returncode
        )


def screenshots() -> None:
    environment.ready_to_check()
    ensure("chromium")
    sys.exit(subprocess.run([environment.PYTHON, "-m", "tools.screenshots"], cwd=ROOT, check=False).returncode)


def document() -> None:
    environment.ready_to_run()
    env = os.environ | {"DEBUG": "1"}
    sys.exit(subprocess.run([environment.PYTHON, "manage.py", "document"], cwd=ROOT, env=env, check=False).returncode)


def messages() -> None:
    environment.ready_to_check()
    lint.collect_messages()


def clean() -> None:
    for name in MADE_BY_US:
        path = ROOT / name
        if path.is_symlink():
            say(f"{name} is a link: left alone")
        elif path.exists():
            shutil.rmtree(path)
            say(f"removed {name}")
    for cache in ROOT.rglob("__pycache__"):
        shutil.rmtree(cache, ignore_errors=True)


COMMANDS: dict[str, Callable[[], None]] = {
    "run": run,
    "test": test,
    "lint": check_style,
    "bench": bench,
    "screenshots": screenshots,
    "document": document,
    "messages": messages,
    "clean": clean,
}
