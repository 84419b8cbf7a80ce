"""The ten minutes of the package's README, as printed."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from tests.realtime.clients import away
from tests.realtime.python_client.conftest import with_password
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
PACKAGE = Path(__file__).resolve().parents[3] / "clients" / "js"
BLOCK = re.compile(r"```js\n(.*?)```", re.DOTALL)


def program(url: str, username: str) -> str:
    """The first block of the README, for this server and person."""
    found = BLOCK.search((PACKAGE / "README.md").read_text())
    assert found
    printed = found[1]
    for shown, real in (("http://localhost:8010", url), ('"agent"', f'"{username}"'), ("niochat-demo", PASSWORD)):
        assert shown in printed
        printed = printed.replace(shown, real)
    return printed


async def said(process: asyncio.subprocess.Process, wanted: str) -> None:
    """Wait until the program has written this."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        async for line in process.stdout:
            if wanted in line.decode():
                return
    raise AssertionError(f"it ended without saying {wanted!r}")


async def test_the_quick_start_prints_what_a_customer_writes(running_server, ana, conversation, customer, tmp_path):
    await away(with_password)(ana)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "niochat-client").symlink_to(PACKAGE)
    file = tmp_path / "quick.mjs"
    file.write_text(program(running_server.url.replace("ws:", "http:"), ana.username))

    # Node has had a WebSocket of its own for longer than it has shown it.
    process = await asyncio.create_subprocess_exec(
        "node", "--experimental-websocket", str(file), stdout=asyncio.subprocess.PIPE
    )
    try:
        await said(process, "connected")
        heard = asyncio.create_task(said(process, "Joana Silva: Chegou?"))
        while not heard.done():  # What is written before the snapshot was taken is in it, and no event.
            await customer("Chegou?")
            await asyncio.wait({heard}, timeout=1)
        await heard
    finally:
        process.kill()
        await process.wait()
