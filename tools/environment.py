"""The Python environment in .venv and the JavaScript tools in node_modules, made again only when their lock changed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tools.terminal import ROOT, give_up, quietly, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PIP = (
    PYTHON,
    "-m",
    "pip",
    "install",
    "--disable-pip-version-check",
    "--no-input",
    "--require-hashes",
    "--no-deps",
    "-r",
)
RUN_LOCK, DEV_LOCK = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
NODE_OLDEST = 20


def ready_to_run() -> None:
    """What the product needs is installed. The checking environment has it all, so it will do as well."""
    if VENV.is_symlink() or _stamped(DEV_LOCK):
        return
    _install(RUN_LOCK)


def ready_to_check() -> None:
    """What the checks and tests need is installed, the product's own needs included."""
    if not VENV.is_symlink():  # an environment that somebody shares is theirs to change
        _install(DEV_LOCK)


def ready_for_javascript() -> None:
    """The JavaScript tools are installed as package-lock.json says."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        give_up(f"Node.js is missing: install nodejs {NODE_OLDEST} or newer and npm.")
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if int(said.lstrip("v").split(".")[0] or 0) < NODE_OLDEST:
        give_up(f"Node.js {said or 'of an unknown version'} is too old: install nodejs {NODE_OLDEST} or newer.")
    if (ROOT / "node_modules").is_symlink():  # as with .venv: theirs to change
        return
    stamp, wanted = ROOT / "node_modules" / ".niochat-lock", _fingerprint(ROOT / "package-lock.json")
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("installing the JavaScript tools (package-lock.json)")
    # Not `npm ci`: it insists on the packages of every platform, which not every mirror of the registry has.
    install = ["npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"]
    quietly(install, "npm could not install the JavaScript tools.")
    stamp.write_text(wanted)


def _install(lock: Path) -> None:
    if _stamped(lock):
        return
    if not PYTHON.exists():
        say("making .venv")
        quietly([sys.executable, "-m", "venv", VENV], "Python's venv module is missing: install python3-venv.")
    say(f"installing {lock.name}")
    quietly([*PIP, lock], f"pip could not install {lock.name}; is a package index within reach?")
    _stamp(lock).write_text(_fingerprint(lock))


def _stamped(lock: Path) -> bool:
    stamp = _stamp(lock)
    return PYTHON.exists() and stamp.exists() and stamp.read_text() == _fingerprint(lock)


def _stamp(lock: Path) -> Path:
    return VENV / f".niochat-{lock.stem}"


def _fingerprint(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()
