"""The server as users run it: a process of its own, on ports of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parent.parent.parent
# However busy the machine is; a test may take no longer than 300 s.
UP_WITHIN_S = 200
get, post = partial(httpx.get, timeout=PATIENCE_S), partial(httpx.post, timeout=PATIENCE_S)


def environment(home: Path) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "niochat.settings",
        "SECRET_KEY": "only for this test 0123456789abcdef",
        "VAR_DIR": str(home),
        "DATABASE_URL": f"sqlite:///{home}/db.sqlite3",
        "REDIS_URL": "",
        "DEBUG": "1",
        "LOG_FORMAT": "json",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """A running `manage.py start`."""

    def __init__(self, home: Path, database: Path, *arguments: str, **env: str) -> None:
        home.mkdir()
        shutil.copy(database, home)
        self.ports = [free_port(), free_port()]
        self.log = home / "log"
        command = [sys.executable, "manage.py", "start", "--ports", *map(str, self.ports), *arguments]
        with self.log.open("w") as output:
            settings = environment(home) | env
            self.process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=output, stderr=output)

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

    def at(self, path: str, scheme: str = "http", port: int = 0) -> str:
        return f"{scheme}://127.0.0.1:{self.ports[port]}{path}"

    def end(self, number: int = signal.SIGTERM) -> int:
        """Its exit code after a signal; an end that takes too long fails the test."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated database to copy."""
    home = tmp_path_factory.mktemp("migrated")
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment(home), check=True)
    return home / "db.sqlite3"


@pytest.fixture(scope="module")
def start(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def begin(*arguments: str, **env: str) -> Served:
        started.append(Served(tmp_path_factory.mktemp("home") / "var", database, *arguments, **env))
        return started[-1]

    yield begin
    for served in started:
        served.process.kill()
        served.process.wait()


@pytest.fixture(scope="module")
def running(start: Callable[..., Served]) -> Served:
    """A server for tests that leave it as it was."""
    return start().up()


def test_one_process_answers_on_each_port_and_says_where(running: Served) -> None:
    for port in (0, 1):
        assert get(running.at("/health", port=port)).json() == {"status": "ok"}
    assert f"http://localhost:{running.ports[0]}/" in running.said
    assert f"Socket.IO: http://localhost:{running.ports[0]}/socket.io/" in running.said


def test_it_does_all_that_it_says_it_does(running: Served) -> None:
    answer = get(running.at("/health/ready"))

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": {"database": True, "channel_layer": True, "jobs": True}}


def test_compression_is_not_negotiated_23_and_no_token_is_logged_45(running: Served) -> None:
    path = "/ws/dashboard/?token=a-very-secret-token"
    with connect(running.at(path, "ws"), open_timeout=PATIENCE_S) as agent:
        assert agent.response is not None
        assert "Sec-WebSocket-Extensions" not in agent.response.headers
    get(running.at(path))

    assert "a-very-secret-token" not in running.said


def test_an_unknown_socket_is_refused_with_404(running: Served) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(running.at("/ws/nothing/", "ws"), open_timeout=PATIENCE_S)

    assert refused.value.response.status_code == 404


def test_a_huge_upload_is_cut_off_early_34(running: Served) -> None:
    sent = 0
    with socket.create_connection(("127.0.0.1", running.ports[0])) as line:
        line.settimeout(PATIENCE_S)
        line.sendall(b"POST /api/v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 209715200\r\n\r\n")
        answer = line.recv(4096)
        with suppress(OSError):
            for _ in range(200):
                sent += line.send(b"a" * 2**20)

    assert b" 413 " in answer.splitlines()[0]
    assert sent < 50 * 2**20


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_it_ends_cleanly_and_tells_open_sockets_to_come_back(start: Callable[..., Served], number: int) -> None:
    served = start().up()
    with (
        httpx.Client(timeout=PATIENCE_S) as keeps_open,
        connect(served.at("/ws/dashboard/", "ws"), open_timeout=PATIENCE_S) as agent,
    ):
        keeps_open.get(served.at("/health"))
        assert served.end(number) == 0
        with pytest.raises(ConnectionClosed) as closed:
            agent.recv(timeout=PATIENCE_S)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
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


def test_pages_and_sockets_can_have_processes_of_their_own(start: Callable[..., Served]) -> None:
    web, sockets = start("--role", "web", "--no-worker"), start("--role", "sockets", "--no-worker")

    with pytest.raises(InvalidStatus):
        connect(web.up().at("/ws/dashboard/", "ws"), open_timeout=PATIENCE_S)
    with connect(sockets.up().at("/ws/dashboard/", "ws"), open_timeout=PATIENCE_S):
        pass
    assert get(web.at("/api/v1/auth/me")).status_code == 401
    assert get(sockets.at("/api/v1/auth/me")).status_code == 404
    assert get(sockets.at("/health")).status_code == 200
    assert get(sockets.at("/ws/dashboard/")).status_code == 426


def test_without_a_database_it_lives_and_says_so(start: Callable[..., Served]) -> None:
    served = start("--no-worker", DATABASE_URL=f"postgresql://nobody@127.0.0.1:{free_port()}/nothing").up()

    assert get(served.at("/health")).status_code == 200
    assert get(served.at("/health/ready")).status_code == 503
    refused = get(served.at("/api/v1/auth/me"), headers={"Authorization": "Bearer nk_a"})
    assert refused.status_code in (401, 503)
    login = post(served.at("/api/v1/auth/token"), json={"username": "a", "password": "b"})
    assert (login.status_code, login.json()["errors"][0]["code"]) == (503, "unavailable")
    assert int(login.headers["Retry-After"]) > 0


def test_without_redis_it_works_on_and_says_so(start: Callable[..., Served]) -> None:
    served = start(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0").up()

    answer = get(served.at("/health/ready"))

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"] == {"database": True, "channel_layer": False, "jobs": True}
    login = post(served.at("/api/v1/auth/token"), json={"username": "a", "password": "b"})
    assert login.status_code == 401


@pytest.fixture
def runserver(database: Path, tmp_path: Path) -> Iterator[Callable[..., int]]:
    """Runs `manage.py runserver`; answers the port. What it says goes to `said`."""
    shutil.copy(database, tmp_path)
    running: list[subprocess.Popen[bytes]] = []

    def run(**env: str) -> int:
        port = free_port()
        command = [sys.executable, "-u", "manage.py", "runserver", "--noreload", "--skip-checks", str(port)]
        with (tmp_path / "said").open("wb") as said:
            running.append(
                subprocess.Popen(command, cwd=ROOT, env=environment(tmp_path) | env, stdout=said, stderr=said)
            )
        wait_for(lambda: accepts(port))
        return port

    yield run
    for process in running:
        process.terminate()
        process.wait(PATIENCE_S)


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + UP_WITHIN_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def ticks(home: Path) -> int:
    """How many scheduled tasks a worker has queued here."""
    with closing(sqlite3.connect(home / "db.sqlite3", timeout=PATIENCE_S)) as database:
        found: int = database.execute("SELECT count(*) FROM jobs_beat WHERE last_at IS NOT NULL").fetchone()[0]
        return found


def test_djangos_own_runserver_serves_pages_sockets_and_jobs_too(runserver: Callable[..., int], tmp_path: Path) -> None:
    port = runserver()

    assert get(f"http://127.0.0.1:{port}/health").status_code == 200
    with connect(f"ws://127.0.0.1:{port}/ws/dashboard/?token=wrong", open_timeout=PATIENCE_S) as agent:
        assert "TOKEN_INVALID" in str(agent.recv(timeout=PATIENCE_S))
    wait_for(lambda: ticks(tmp_path) > 0)


def test_a_runserver_beside_redis_says_who_runs_the_jobs(runserver: Callable[..., int], tmp_path: Path) -> None:
    runserver(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")

    assert "run `manage.py work` beside it" in (tmp_path / "said").read_text()
    assert ticks(tmp_path) == 0
