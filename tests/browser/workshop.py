"""Where a test builds a front end as its author would, and serves what came out of it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "node_modules"
BUILDS_WITHIN_S = 300


def vite_build(folder: Path) -> Path:
    """Run the folder's own `vite build`; where the result lies."""
    run(["node", MODULES / "vite" / "bin" / "vite.js", "build", "--logLevel", "warn"], folder)
    return folder / "dist"


def run(command: list[str | Path], folder: Path) -> str:
    """A program of Node's in a folder; it must succeed. What it printed."""
    assert (MODULES / "vite").is_dir(), "The front ends' tools are not installed: `make lint` once installs them."
    env = os.environ | {"NO_COLOR": "1", "FORCE_COLOR": "0", "NODE_ENV": "production"}
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=BUILDS_WITHIN_S, check=False
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, says nothing, and lets no browser keep what the next test builds anew."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".js": "text/javascript", ".mjs": "text/javascript"}

    def log_message(self, *_: object) -> None:
        pass

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder as a web site on a port of its own: another origin than the product's."""
    site = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{site.server_port}"
    finally:
        site.shutdown()
        site.server_close()
