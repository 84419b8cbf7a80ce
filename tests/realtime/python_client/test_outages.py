"""What is under the server goes away and comes back while clients are connected: they stay, wait, and miss nothing."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from niochat_client import Backoff, ChatMessage, NioChatClient, State
from tests.patience import PATIENCE_S
from tests.realtime.serving import ROOT, free_port
from tools import services
from tools.packages import postgres_programs

UP_WITHIN_S = 120.0
PASSWORD = "niochat-demo"
SOON = Backoff(first_s=0.2, most_s=0.5, crowd_s=0.5)


class Demo:
    """The product with its demo, on a database of its own."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "niochat.settings",
            "DATABASE_URL": database,
            "REDIS_URL": "",
            "DEBUG": "1",
            "VAR_DIR": str(folder / "var"),
        }

    def start(self) -> None:
        command = [sys.executable, "manage.py", "start", "--demo", "--ports", str(self.port)]
        with (self.folder / "demo.log").open("ab") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=output, stderr=output)
        until = time.monotonic() + UP_WITHIN_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/health", timeout=20).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        self.process.kill()
        self.process.wait()
        raise AssertionError((self.folder / "demo.log").read_text()[-3000:])

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE_S)

    def client(self, username: str) -> NioChatClient:
        return NioChatClient(self.url, username=username, password=PASSWORD, backoff=SOON)


class Postgres:
    """A cluster of this test's own, to stop and start again."""

    def __init__(self, here: Path) -> None:
        programs = postgres_programs()
        assert programs, "PostgreSQL's programs are missing"
        self.programs, self.data, self.port = programs, here / "postgres", services.free_port()
        self.data.mkdir()
        self.become = services.as_nobody_special(self.data)
        options = ["-U", "niochat", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        made: list[str | Path] = [*self.become, programs / "initdb", "-D", self.data, *options]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL)

    @property
    def url(self) -> str:
        return f"postgresql://niochat@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [*self.become, self.programs / "postgres", "-D", self.data, *given]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        services.wait_until(lambda: services.answers(self.port), "PostgreSQL did not start")

    def stop(self) -> None:
        """At once: every connection is ended."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_S)


@pytest.fixture
def cluster() -> Iterator[Postgres]:
    """Not below pytest's own folder, which is closed to whom the cluster belongs."""
    with TemporaryDirectory(prefix="niochat-cluster-") as folder:
        Path(folder).chmod(0o755)
        running = Postgres(Path(folder))
        running.start()
        yield running
        running.stop()


@asynccontextmanager
async def two_at_work(demo: Demo) -> AsyncIterator[tuple[NioChatClient, NioChatClient, int]]:
    """Two agents, and a conversation that both see."""
    async with demo.client("agent") as one, demo.client("agent2") as other:
        async with asyncio.timeout(UP_WITHIN_S):
            await one.ready()
            await other.ready()
        yield one, other, (await one.rest.conversations(limit=1, status="open"))[0].id


async def heard(client: NioChatClient, last: str) -> list[str]:
    """What is said of `last`'s kind, up to it."""
    found: list[str] = []
    async with asyncio.timeout(PATIENCE_S):
        async for event in client:
            if isinstance(event, ChatMessage) and event.message.content.startswith("line "):
                found.append(event.message.content)
                if found[-1] == last:
                    break
    return found


@pytest.mark.postgres
async def test_postgresql_restarts_under_open_sockets(tmp_path: Path, cluster: Postgres):
    demo = Demo(tmp_path, cluster.url)
    await asyncio.to_thread(demo.start)
    try:
        async with two_at_work(demo) as (one, other, conversation):
            await one.send_message(conversation, "line 0")
            await asyncio.to_thread(cluster.stop)
            sending = asyncio.gather(*(one.send_message(conversation, f"line {number}") for number in (1, 2, 3)))
            async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
                token = await one.common.credentials.token()
                refused = await http.get(f"{demo.url}/api/v1/users", headers={"Authorization": f"Bearer {token}"})
            await asyncio.sleep(2)
            states = (one.state, other.state)
            await asyncio.to_thread(cluster.start)
            await sending
            lines = await heard(other, "line 3")
    finally:
        await asyncio.to_thread(demo.stop)

    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    assert states == (State.CONNECTED, State.CONNECTED)
    assert lines == [f"line {number}" for number in range(4)]
    assert "command_failed" not in (tmp_path / "demo.log").read_text()


async def test_a_full_disk_refuses_for_now_and_loses_nothing(tmp_path: Path):
    demo = Demo(tmp_path, f"sqlite:///{tmp_path / 'demo.sqlite3'}")
    await asyncio.to_thread(demo.start)
    try:
        async with two_at_work(demo) as (one, other, conversation):
            await one.send_message(conversation, "line 0")
            allow(demo, 0)
            sending = asyncio.gather(*(one.send_message(conversation, f"line {number}") for number in (1, 2, 3)))
            done, _ = await asyncio.wait({sending}, timeout=3)
            states = (one.state, other.state)
            allow(demo, resource.RLIM_INFINITY)
            await sending
            lines = await heard(other, "line 3")
    finally:
        allow(demo, resource.RLIM_INFINITY)
        await asyncio.to_thread(demo.stop)

    assert not done
    assert states == (State.CONNECTED, State.CONNECTED)
    assert lines == [f"line {number}" for number in range(4)]


def allow(demo: Demo, size: int) -> None:
    """How large a file the server may write: with nothing left, each write fails as on a full disk."""
    _, most = resource.prlimit(demo.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(demo.process.pid, resource.RLIMIT_FSIZE, (size, most))
