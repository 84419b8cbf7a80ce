"""The package as somebody else gets it: installed afresh, its smoke script, its example, its pages."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from conversations.models import Message
from tests.realtime.clients import away
from tests.realtime.python_client.conftest import eventually
from tests.realtime.serving import ROOT, Server
from tests.world import PASSWORD, Person

PACKAGE = ROOT / "clients" / "python"
PAGES = [PACKAGE / "README.md", ROOT / "docs" / "clients.md"]
PROGRAM = re.compile(r"```python\n(# (?P<name>\w+\.py)\n.*?)```", re.DOTALL)


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(PACKAGE / "src"), "PYTHONUNBUFFERED": "1"}


def identity(server: Server, person: Person) -> list[str]:
    url = server.url.replace("ws:", "http:")
    return ["--url", url, "--username", person.username, "--password", PASSWORD]


class Program:
    """A program that runs beside the test; what it prints is in `output`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process, self.output, self.came = process, "", asyncio.Event()
        self.reader = asyncio.create_task(self.read())

    async def read(self) -> None:
        assert self.process.stdout
        while piece := await self.process.stdout.read(4096):
            self.output += piece.decode()
            self.came.set()

    async def prints(self, text: str, within: float = 30) -> None:
        async with asyncio.timeout(within):
            while text not in self.output:
                if self.reader.done():
                    raise AssertionError(f"ended without {text!r}:\n{self.output[-3000:]}")
                self.came.clear()
                await asyncio.wait(
                    {asyncio.ensure_future(self.came.wait()), self.reader}, return_when="FIRST_COMPLETED"
                )


@asynccontextmanager
async def running(*command: str | Path, cwd: Path) -> AsyncIterator[Program]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *map(str, command),
        cwd=cwd,
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    program = Program(process)
    try:
        yield program
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        async with asyncio.timeout(20):
            await process.wait()
            await program.reader


def test_it_installs_into_a_fresh_environment(tmp_path: Path):
    fresh = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", fresh], check=True)
    python = fresh / "bin" / "python"
    pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    copy = tmp_path / "source"
    subprocess.run(["cp", "-r", PACKAGE, copy], check=True)
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", tmp_path, copy], check=True)
    subprocess.run([*pip, "install", next(tmp_path.glob("niochat_client-*.whl"))], check=True)

    shown = subprocess.run(
        [fresh / "bin" / "niochat-smoke", "--help"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    typed = (
        "import niochat_client, pathlib; print(pathlib.Path(niochat_client.__file__).with_name('py.typed').exists())"
    )
    found = subprocess.run([python, "-c", typed], cwd=tmp_path, check=True, capture_output=True, text=True)

    assert "Does this NioChat work?" in shown.stdout
    assert found.stdout == "True\n"


@pytest.mark.usefixtures("hashed", "conversation")
async def test_the_smoke_script_connects_sends_reads_and_says_so(running_server, ana, tmp_path):
    command = ["-m", "niochat_client.smoke", *identity(running_server, ana)]
    async with running(*command, cwd=tmp_path) as program:
        await program.process.wait()

    assert program.process.returncode == 0
    said = [line.split(":")[0] for line in program.output.splitlines()]
    assert said == ["connected", "sent", "heard", "read", "cleaned up", "OK"]
    note = await away(Message.objects.latest)("pk")
    assert (note.private, note.content, note.deleted_at is None) == (True, "", False)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"--password": "wrong"}, "FAILED: "),
        ({"--url": "http://127.0.0.1:9"}, "FAILED: Gave up after 3 attempts"),
        ({"--conversation": "999999"}, "FAILED: NOT_FOUND"),
        ({"--url": "nowhere"}, "is no address"),
    ],
)
@pytest.mark.usefixtures("hashed", "conversation")
async def test_the_smoke_script_fails_aloud(running_server, ana, tmp_path, wrong, says):
    given = dict(zip(*[iter(identity(running_server, ana))] * 2, strict=True)) | wrong
    command = ["-m", "niochat_client.smoke", *(word for pair in given.items() for word in pair)]
    async with running(*command, cwd=tmp_path) as program:
        await program.prints(says)
        await program.process.wait()

    assert program.process.returncode == 1


@pytest.mark.usefixtures("hashed", "conversation")
async def test_the_echo_bot_answers_each_message_once_across_kills(running_server, ana, customer, tmp_path):
    command: list[str | Path] = [PACKAGE / "examples" / "echo_bot.py", *identity(running_server, ana)]

    async def echoed(text: str) -> None:
        await eventually(lambda: heard(text))

    async def heard(text: str) -> bool:
        return text in await away(answers)()

    wanted = []
    for life in range(4):
        wanted += [f"{life} fora", f"{life} dentro"]
        if life:
            await customer(f"{life} fora")
        async with running(*command, cwd=tmp_path) as program:
            if life:
                await echoed(f"{life} fora")
            else:
                await eventually((tmp_path / "echo_bot.position").exists)  # It is there once the bot is connected.
            await customer(f"{life} dentro")
            await echoed(f"{life} dentro")
            program.process.kill()

    assert await away(answers)() == wanted[1:]


def answers() -> list[str]:
    rows = Message.objects.filter(client_message_id__startswith="echo-").order_by("pk")
    return list(rows.values_list("content", flat=True))


def programs() -> list[Any]:
    found = [(page.name, match) for page in PAGES for match in PROGRAM.finditer(page.read_text())]
    return [pytest.param(match[1], id=f"{page}:{match['name']}") for page, match in found]


@pytest.mark.parametrize("text", programs())
@pytest.mark.usefixtures("hashed", "conversation")
async def test_a_program_printed_in_a_page_works(running_server, ana, customer, tmp_path, text):
    here = text.replace("http://localhost:8010", running_server.url.replace("ws:", "http:"))
    here = here.replace('"agent"', f'"{ana.username}"').replace('"niochat-demo"', f'"{PASSWORD}"')
    assert here.count(ana.username) >= 1
    (tmp_path / "program.py").write_text(here)

    async with running("program.py", cwd=tmp_path) as program:
        async with asyncio.timeout(30):
            for number in range(1_000):
                await customer(f"Vocês abrem hoje? ({number})")
                await asyncio.sleep(0.2)
                if "Vocês abrem hoje?" in program.output:
                    break
        assert "Traceback" not in program.output
