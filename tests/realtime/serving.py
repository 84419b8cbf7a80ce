"""The product's server in a process of its own, on the tests' database: `python -m tests.realtime.serving SOCKET`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import django
import httpx
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
# However busy the machine is; a test may take no longer than 300 s.
UP_WITHIN_S = 200.0


class Server:
    """`kill` is SIGKILL; `start` again takes the same port."""

    def __init__(
        self, folder: Path, *, times: dict[str, Any] | None = None, redis: str | None = None, process: str = ""
    ) -> None:
        self.folder, self.times, self.process_name = folder, times or {}, process
        self.redis = settings.REDIS_URL if redis is None else redis
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text()

    def start(self) -> None:
        until = time.monotonic() + UP_WITHIN_S
        with self.bound(until) as given, (self.folder / "server.log").open("ab") as output:
            command = [sys.executable, "-m", "tests.realtime.serving", str(given.fileno())]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.env(), stdout=output, stderr=output, pass_fds=[given.fileno()]
            )
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/health", timeout=20).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        self.kill()
        raise AssertionError(f"The server did not start:\n{self.log[-4000:]}")

    def bound(self, until: float) -> socket.socket:
        """A socket on the server's port, which it is given: nobody else can take the port before it listens."""
        given = socket.socket()
        given.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        while True:
            try:
                given.bind(("127.0.0.1", self.port))
            except OSError:  # A port that was left may be somebody's end of a connection for a while.
                assert time.monotonic() < until, f"Port {self.port} does not come free"
                time.sleep(0.05)
            else:
                self.port = given.getsockname()[1]
                return given

    def env(self) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "niochat.settings",
            "DATABASE_URL": database_url(),
            "REDIS_URL": self.redis,
            "VAR_DIR": str(self.folder),
            "SECRET_KEY": settings.SECRET_KEY,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "SOCKETIO_PROCESS": self.process_name,
            "PUBLIC_URL": "https://nio.example",
            "ALLOWED_ORIGINS": "https://front.example",
            "DEBUG": "0",
            "SECURE": "0",
            "LOG_LEVEL": "INFO",
            "TIMES": json.dumps(self.times),
        }

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(60)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url() -> str:
    """The tests' database, as the environment names one."""
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    login = known["USER"] + (f":{known['PASSWORD']}" if known["PASSWORD"] else "")
    return f"postgresql://{login}@{known['HOST'] or '127.0.0.1'}:{known['PORT'] or 5432}/{known['NAME']}"


def main(given: int) -> None:
    django.setup()
    for name, value in json.loads(os.environ["TIMES"]).items():
        module, _, constant = name.rpartition(".")
        setattr(import_module(module), constant, value)
    server = import_module("niochat.server")
    server.serve([socket.socket(fileno=given)], "all", lambda: None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
