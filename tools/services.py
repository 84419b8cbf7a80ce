"""What the tests run against: a PostgreSQL and two Redis of their own, on free ports, gone when the tests are done."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tools.packages import ensure, postgres_programs
from tools.terminal import give_up, quietly, say

# One more than the cores of a small machine: tests of sockets mostly wait.
WORKERS = 3
UP_WITHIN_S = 30


@contextmanager
def services(*, chromium: bool = True) -> Iterator[dict[str, str]]:
    """Start them, and yield the environment that names them."""
    ensure("postgresql", "redis-server", *(["chromium"] if chromium else []))
    with ExitStack() as stack:
        here = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="niochat-services-")))
        here.chmod(0o755)
        say("starting PostgreSQL and Redis")
        env = os.environ | {"DATABASE_URL": stack.enter_context(postgres(here))}
        for worker in range(WORKERS):
            url = stack.enter_context(redis(here / f"redis{worker}"))
            env |= {f"REDIS_URL_GW{worker}": url} | ({} if worker else {"REDIS_URL": url})
        yield env


@contextmanager
def postgres(here: Path) -> Iterator[str]:
    """A private cluster without fsync (nobody will miss it); yields its URL."""
    programs = postgres_programs()
    if programs is None:
        give_up("PostgreSQL's programs are missing: install the package postgresql.")
    data, port = here / "postgres", free_port()
    data.mkdir()
    become = as_nobody_special(data)
    options = ["-U", "niochat", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    quietly([*become, programs / "initdb", "-D", data, *options], "PostgreSQL's initdb failed.")
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": 200,
        "shared_buffers": "256MB",
    }
    given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with daemon([*become, programs / "postgres", "-D", data, *given], here / "postgres.log", port):
        yield f"postgresql://niochat@127.0.0.1:{port}/postgres"


@contextmanager
def redis(here: Path) -> Iterator[str]:
    """A private Redis that writes nothing to disk; yields its URL."""
    here.mkdir()
    port = free_port()
    command: list[str | Path] = [
        "redis-server",
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        here,
    ]
    with daemon(command, here / "log", port):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def daemon(command: list[str | Path], log: Path, port: int) -> Iterator[None]:
    """Run a server until the block ends; it is up once it takes a connection."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_until(lambda: process.poll() is not None or answers(port), f"{command[0]} did not start: {log}")
        if process.poll() is not None:
            give_up(f"A server for the tests did not start:\n{log.read_text()[-2000:]}")
        yield
    finally:
        process.send_signal(signal.SIGINT)  # to PostgreSQL SIGTERM would mean: when the last client has gone
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def as_nobody_special(data: Path) -> list[str]:
    """PostgreSQL refuses to run as root: the words that run it as somebody else, who then owns `data`."""
    if os.geteuid() != 0:
        return []
    names = {user.pw_name for user in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    shutil.chown(data, name)
    user = pwd.getpwnam(name)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(true: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + UP_WITHIN_S
    while not true():
        if time.monotonic() > deadline:
            give_up(otherwise)
        time.sleep(0.05)
