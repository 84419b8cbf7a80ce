"""The server as users run it: a process of its own, on ports of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
UP_WITHIN_S = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """A running `manage.py start`."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.ports = [free_port(), free_port()]
        self.log = home / "log"
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "niochat.settings",
            "SECRET_KEY": "only for this test 0123456789abcdef",
            "VAR_DIR": str(home),
            "DATABASE_URL": f"sqlite:///{home}/db.sqlite3",
            "REDIS_URL": "",
            "DEBUG": "1",
            "LOG_FORMAT": "json",
        }
        command = [sys.executable, "manage.py", "start", "--ports", *map(str, self.ports), "--migrate", *arguments]
        with self.log.open("w") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output)

    @property
    def said(self) -> str:
        return self.log.read_text()

    def up(self) -> Served:
        deadline = time.monotonic() + UP_WITHIN_S
        while "is running" not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)
        return self

    def end(self, number: int = signal.SIGTERM) -> int:
        """Its exit code after a signal; an end that takes too long fails the test."""
        self.process.send_signal(number)
        return self.process.wait(12)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def begin(*arguments: str) -> Served:
        home = tmp_path / str(len(started))
        home.mkdir()
        started.append(Served(home, *arguments))
        return started[-1]

    yield begin
    for served in started:
        served.process.kill()
        served.process.wait()


def test_one_process_answers_on_each_port_and_says_where(start: Callable[..., Served]) -> None:
    served = start().up()

    for port in served.ports:
        assert httpx.get(f"http://127.0.0.1:{port}/health").json() == {"status": "ok"}
    assert f"http://localhost:{served.ports[0]}/" in served.said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_it_ends_cleanly_with_a_request_under_way(start: Callable[..., Served], number: int) -> None:
    served = start().up()
    with httpx.Client(base_url=f"http://127.0.0.1:{served.ports[0]}") as keeps_open:
        keeps_open.get("/health")

        assert served.end(number) == 0

    assert "Traceback" not in served.said
    for port in served.ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_taken_port_is_one_sentence(start: Callable[..., Served]) -> None:
    with socket.socket() as occupied:
        occupied.bind(("127.0.0.1", 0))
        occupied.listen()
        port = occupied.getsockname()[1]
        served = start("--ports", str(port))

        assert served.process.wait(UP_WITHIN_S) == 1

    assert f"Port {port} is in use" in served.said
    assert "Traceback" not in served.said


def test_a_huge_upload_is_cut_off_early_34(start: Callable[..., Served]) -> None:
    served = start().up()
    parts = (b"a" * 2**20 for _ in range(200))

    with socket.create_connection(("127.0.0.1", served.ports[0])) as line:
        line.settimeout(10)
        line.sendall(b"POST /api/v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 209715200\r\n\r\n")
        answer = line.recv(4096)
        sent = 0
        try:
            for part in parts:
                line.sendall(part)
                sent += len(part)
        except OSError:
            pass

    assert b" 413 " in answer.splitlines()[0]
    assert sent < 50 * 2**20
