"""What comes with the package, at work: its smoke script, its example, its pages' programs."""

from __future__ import annotations

import asyncio
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from conversations.models import Message
from tests.patience import PATIENCE_S
from tests.realtime.clients import away
from tests.realtime.python_client.conftest import eventually, with_password
from tests.realtime.python_client.programs import PACKAGE, identity, running
from tests.realtime.serving import ROOT, Server
from tests.world import PASSWORD, Person

PAGES = [PACKAGE / "README.md", ROOT / "docs" / "clients.md"]
PROGRAM = re.compile(r"```python\n(# (?P<name>\w+\.py)\n.*?)```", re.DOTALL)


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
        async with asyncio.timeout(PATIENCE_S):
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
        async with asyncio.timeout(PATIENCE_S):
            for number in range(1_000):
                await customer(f"Vocês abrem hoje? ({number})")
                await asyncio.sleep(0.2)
                if "Vocês abrem hoje?" in program.output:
                    break
        assert "Traceback" not in program.output
