"""The product's server in a process of its own, on the tests' database: `python -m tests.realtime.serving PORT`."""

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
UP_WITHIN_S = 60.0


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
        self.port = self.port or free_port()
        command = [sys.executable, "-m", "tests.realtime.serving", str(self.port)]
        with (self.folder / "server.log").open("ab") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.env(), stdout=output, stderr=output)
        until = time.monotonic() + UP_WITHIN_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/health", timeout=1).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"The server did not start:\n{self.log[-4000:]}")

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
            self.process.wait(10)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(20)


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


def main(port: int) -> None:
    django.setup()
    for name, value in json.loads(os.environ["TIMES"]).items():
        module, _, constant = name.rpartition(".")
        setattr(import_module(module), constant, value)
    server = import_module("niochat.server")
    server.serve(server.listen("127.0.0.1", [port]), "all", lambda: None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
