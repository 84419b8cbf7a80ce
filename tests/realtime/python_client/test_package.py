"""The package as somebody else gets it: installed afresh, its smoke script, its example, its pages."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from conversations.models import Message
from tests.realtime.clients import away
from tests.realtime.python_client.conftest import eventually, with_password
from tests.realtime.serving import ROOT, Server
from tests.world import PASSWORD, Person

PACKAGE = ROOT / "clients" / "python"
PAGES = [PACKAGE / "README.md", ROOT / "docs" / "clients.md"]
PIP: list[str | Path] = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
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


# What a program of somebody else's says, in strict types.
TYPED_PROGRAM = """
from collections.abc import Callable

from niochat_client import Backoff, ChatMessage, Event, FileStore, Message, NioChatClient, Sent, State


async def heard(event: ChatMessage) -> None:
    print(event.message.content.strip(), event.contact.name.strip())


async def main() -> None:
    async with NioChatClient(
        "http://x",
        token="t",
        backoff=Backoff(attempts=3),
        store=FileStore("position"),
        on_state=lambda state, why: print(state.value, why),
    ) as client:
        remove: Callable[[], None] = client.on("chat_message", heard)
        sent: Sent = await client.send_message(5, "Olá", private=True)
        rows: list[Message] = await client.rest.messages(sent.conversation_id)
        assert client.state is State.CONNECTED and rows[0].id
        async for event in client:
            reveal: Event = event
            match event:
                case ChatMessage(message=Message(sender="customer") as message):
                    await client.mark_as_read(message.conversation_id, message.id)
        remove()
"""
WRONG_PROGRAM = """
from niochat_client import NioChatClient


async def main(client: NioChatClient) -> None:
    await client.send_message("five", 5)
    client.state.nonsense
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it is built from a copy, so that nothing is left in the project."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(PACKAGE, folder / "source")
    subprocess.run([*PIP, "wheel", "--no-deps", "--wheel-dir", folder, folder / "source"], check=True)
    return next(folder.glob("niochat_client-*.whl"))


def test_the_wheel_holds_the_package_its_types_and_nothing_else(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = next(name for name in names if name.endswith("METADATA"))
        described = archive.read(metadata).decode()

    inside = {name for name in names if ".dist-info/" not in name}
    sources = {
        f"niochat_client/{file.name}" for file in (PACKAGE / "src" / "niochat_client").iterdir() if file.is_file()
    }
    assert inside == sources
    assert "niochat_client/py.typed" in inside
    assert {"Requires-Dist: httpx>=0.27", "Requires-Dist: websockets>=15", "Requires-Python: >=3.11"} <= set(
        described.splitlines()
    )


def test_a_strict_program_outside_is_checked_against_the_wheel_s_types(wheel: Path, tmp_path: Path):
    """Installed beside the program, away from the project and its mypy configuration."""
    subprocess.run([*PIP, "install", "--no-deps", "--target", tmp_path / "site", wheel], check=True)
    (tmp_path / "right.py").write_text(TYPED_PROGRAM)
    (tmp_path / "wrong.py").write_text(WRONG_PROGRAM)
    search = {"MYPYPATH": "", "PYTHONPATH": str(tmp_path / "site")}
    checked = [
        subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", tmp_path / "cache", name],
            cwd=tmp_path,
            env=os.environ | search,
            capture_output=True,
            text=True,
            check=False,
        )
        for name in ("right.py", "wrong.py")
    ]

    assert (checked[0].returncode, checked[0].stdout) == (0, "Success: no issues found in 1 source file\n")
    assert checked[1].stdout.count("error:") == 3


def test_it_installs_into_a_fresh_environment(wheel: Path, tmp_path: Path):
    fresh = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", fresh], check=True)
    subprocess.run([fresh / "bin" / "python", *PIP[1:], "install", wheel], check=True)

    shown = subprocess.run(
        [fresh / "bin" / "niochat-smoke", "--help"], cwd=tmp_path, check=True, capture_output=True, text=True
    )

    assert "Does this NioChat work?" in shown.stdout


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
        await eventually(lambda: answered(text))

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


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("hashed", "conversation")
async def test_the_echo_bot_ends_in_good_order(running_server, ana, customer, tmp_path, ended_by):
    command: list[str | Path] = [PACKAGE / "examples" / "echo_bot.py", *identity(running_server, ana)]
    async with running(*command, cwd=tmp_path) as program:
        await eventually((tmp_path / "echo_bot.position").exists)
        await customer("antes do fim")
        await eventually(lambda: answered("antes do fim"))
        program.process.send_signal(ended_by)
        async with asyncio.timeout(20):
            await program.process.wait()

    assert program.process.returncode == 0
    assert "Traceback" not in program.output


@pytest.mark.usefixtures("hashed", "conversation")
async def test_two_bots_do_not_answer_each_other_and_a_customer_s_bot_is_left_alone(
    running_server, ana, bruno, customer, tmp_path
):
    await away(with_password)(bruno)
    commands = [bot(running_server, one, tmp_path / one.username) for one in (ana, bruno)]
    async with running(*commands[0], cwd=tmp_path), running(*commands[1], cwd=tmp_path):
        for one in (ana, bruno):
            await eventually((tmp_path / one.username).exists)
        for _ in range(8):
            await customer("Estou de férias.")
        await customer("Voltei!")
        await eventually(lambda: answered("Voltei!", 2))

    said = await away(answers)()
    assert (said.count("Estou de férias."), said.count("Voltei!"), len(said)) == (10, 2, 12)


def bot(server: Server, person: Person, position: Path) -> list[str | Path]:
    return [PACKAGE / "examples" / "echo_bot.py", *identity(server, person), "--position", position]


async def answered(text: str, times: int = 1) -> bool:
    return (await away(answers)()).count(text) >= times


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
