"""The client package as its users have it: packed by npm, installed, and built into applications by Vite."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.browser.workshop import BUILDS_WITHIN_S, MODULES, ROOT, run, vite_build

PACKAGE = ROOT / "clients" / "js"
EXAMPLES = PACKAGE / "examples"
NOT_SOURCE = shutil.ignore_patterns("node_modules", "dist", "out")


def workplace(folder: Path) -> Path:
    """A folder `apps` in which the packed package is installed; above it lie the frameworks for it."""
    (folder / "node_modules").symlink_to(MODULES)
    apps = folder / "apps"
    apps.mkdir()
    (apps / "package.json").write_text(json.dumps({"name": "apps", "private": True, "type": "module"}))
    npm(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", packed(folder)], apps)
    return apps


def packed(folder: Path) -> Path:
    """`npm pack` of a copy, so that nothing is left in the project: the tarball."""
    source = folder / "source"
    shutil.copytree(PACKAGE, source, ignore=NOT_SOURCE)
    npm(["pack", "--pack-destination", folder], source)
    return next(folder.glob("niochat-client-*.tgz"))


def npm(arguments: list[str | Path], folder: Path) -> None:
    # It asks nobody: neither for packages nor whether there is a newer npm.
    alone = {"npm_config_offline": "true", "npm_config_update_notifier": "false"}
    env = os.environ | alone | {"PATH": f"{MODULES / '.bin'}{os.pathsep}{os.environ['PATH']}"}
    command = ["npm", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=BUILDS_WITHIN_S, check=False
    )
    assert done.returncode == 0, f"npm {arguments}:\n{done.stdout}{done.stderr}"


def plain(apps: Path) -> Path:
    """The example without a framework needs no build: it stands beside the package's own modules."""
    site = apps / "plain"
    shutil.copytree(apps / "node_modules" / "niochat-client" / "src", site / "src")
    for name in ("plain", "shared"):
        shutil.copytree(EXAMPLES / name, site / "examples" / name)
    return site / "examples" / "plain"


def built(apps: Path, name: str) -> Path:
    """An example as a Vite application."""
    if not (apps / "shared").exists():
        shutil.copytree(EXAMPLES / "shared", apps / "shared")
    app = apps / name
    shutil.copytree(EXAMPLES / name, app, ignore=NOT_SOURCE)
    return compiled(app)


def compiled(app: Path) -> Path:
    """`ngc`, where it is Angular's, and `vite build`."""
    if (app / "tsconfig.json").exists():
        run(["node", MODULES / "@angular" / "compiler-cli" / "bundles" / "src" / "bin" / "ngc.js"], app)
    return vite_build(app)
