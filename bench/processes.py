"""Servers under measurement: started, fed, weighed, stopped."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UP_WITHIN_S = 90.0
# What a server may use of a core and still count as quiet, and how long it gets to become so.
QUIET_SHARE = 0.05
QUIET_WITHIN_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A running server process; CPU and memory are the operating system's own figures."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port

    def cpu_seconds(self) -> float:
        """CPU used so far by all threads, in seconds."""
        total = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def settled(self) -> None:
        """Wait until nothing that was begun is still at work: whoever comes, goes or is told of it is work too."""
        until = time.monotonic() + QUIET_WITHIN_S
        while self.load(1.0) > QUIET_SHARE and time.monotonic() < until:
            pass

    def load(self, seconds: float) -> float:
        """The share of a core that it uses over the next so many seconds."""
        began, cpu = time.monotonic(), self.cpu_seconds()
        time.sleep(seconds)
        return (self.cpu_seconds() - cpu) / (time.monotonic() - began)

    def memory_bytes(self) -> int:
        """Resident memory now, in bytes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def server(command: Sequence[str | Path], port: int, env: dict[str, str], *, core: int | None = 0) -> Iterator[Server]:
    """Run a server on one core (None: any) until the block ends."""
    log = Path(env["VAR_DIR"]) / f"server-{port}.log"
    pinned = ["taskset", "-c", str(core), *command] if core is not None else list(command)
    with process_of(pinned, env, log) as process:
        wait_for(partial(answers, port), process, log)
        yield Server(process, port)


@contextmanager
def process_of(command: Sequence[str | Path], env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the block ends."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(8)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
    except OSError:
        return False
    return True


def wait_for(is_up: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        if is_up():
            return
        time.sleep(0.05)
    raise SystemExit(f"A server did not start:\n{log.read_text()[-3000:]}")


@contextmanager
def product(env: dict[str, str], *, worker: bool = False, core: int | None = 0, role: str = "all") -> Iterator[Server]:
    """The product as production serves it: one process, uvicorn with our protocol class."""
    port = free_port()
    flags = ["--worker" if worker else "--no-worker", "--role", role]
    command: list[str | Path] = [sys.executable, "manage.py", "start", "--ports", str(port), *flags]
    with server(command, port, env, core=core) as running:
        yield running


@contextmanager
def jobs_worker(env: dict[str, str], *options: object) -> Iterator[Server]:
    """A worker in a process of its own, which listens nowhere."""
    log = Path(env["VAR_DIR"]) / f"worker-{secrets.token_hex(4)}.log"
    command = [sys.executable, "-u", "manage.py", "work", *map(str, options)]
    with process_of(command, env, log) as process:
        wait_for(lambda: "running jobs" in log.read_text(), process, log)
        yield Server(process, 0)
