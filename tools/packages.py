"""Programs of the system's packages: found, or installed by apt where this machine allows it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tools.terminal import give_up, quietly, say

POSTGRES_HOMES = Path("/usr/lib/postgresql")


def ensure(*packages: str) -> None:
    """Install those of the packages that the machine does not have."""
    missing = [package for package in packages if not PRESENT[package]()]
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        give_up(f"Missing: {', '.join(missing)}. Install them (on Debian: apt-get install {' '.join(missing)}).")
    say(f"installing {', '.join(missing)} from the system's packages")
    # At run level 1 their own services are not started: they would take memory and ports that nobody asked for.
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
    quietly([*apt, "update"], "apt-get update failed.", env)
    quietly([*apt, "install", "--no-install-recommends", *missing], f"apt-get could not install {missing}.", env)


def postgres_programs() -> Path | None:
    """The folder of the newest PostgreSQL on this machine."""
    homes = [path.parent for path in POSTGRES_HOMES.glob("*/bin/postgres")]
    if homes:
        return max(homes, key=lambda home: float(home.parent.name))
    on_path = shutil.which("postgres")
    return Path(on_path).parent if on_path else None


PRESENT: dict[str, Callable[[], bool]] = {
    "postgresql": lambda: postgres_programs() is not None,
    "redis-server": lambda: shutil.which("redis-server") is not None,
    "chromium": lambda: shutil.which("chromium") is not None,
    "gettext": lambda: shutil.which("xgettext") is not None,
}
