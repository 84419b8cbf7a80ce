"""The package as somebody else gets it: its wheel, its types, installed afresh."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.realtime.python_client.programs import PACKAGE

PIP: list[str | Path] = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]

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
