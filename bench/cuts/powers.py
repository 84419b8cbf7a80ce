"""Servers and Redis, to be killed and started again on the same port."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from bench.processes import ROOT, free_port

# For a machine that has much else to do: its programs take most of a minute to be read.
UP_WITHIN_S = 240.0


class Power(Protocol):
    """Something that runs. `start` returns once it takes connections."""

    port: int

    def start(self) -> None: ...

    def kill(self) -> None:
        """At once, by SIGKILL."""

    def stop(self) -> None:
        """In good order, by SIGTERM."""


class Process:
    """A program that listens on a port of its own."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], log: Path, port: int) -> None:
        self.command, self.env, self.log, self.port = command, env, log, port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=dict(self.env), stdout=output, stderr=output, stdin=subprocess.DEVNULL
            )
        until = time.monotonic() + UP_WITHIN_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise SystemExit(f"{self.command} did not start:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(10)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()


def server(env: Mapping[str, str]) -> Process:
    """The product, as production serves it, without a worker."""
    port = free_port()
    command = [sys.executable, "manage.py", "start", "--ports", str(port), "--no-worker"]
    return Process(command, env, Path(env["VAR_DIR"]) / f"server-{port}.log", port)


def redis(env: Mapping[str, str]) -> Process:
    """A Redis of our own, which writes nothing to disk."""
    port, here = free_port(), env["VAR_DIR"]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    return Process([*command, "--dir", here], env, Path(here) / "redis.log", port)
