"""Socket.IO spoken by hand, as no library would: over a WebSocket and by polling."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from conversations.models import Conversation
from tests.patience import PATIENCE_S
from tests.realtime.clients import away, token
from tests.realtime.socketio.talking import Counter
from tests.trade import reply
from tests.world import Person

QUERY = "EIO=4&transport"


@asynccontextmanager
async def bare(counter: Counter, credential: str = "", *, sid: str = "") -> AsyncIterator[ClientConnection]:
    """A WebSocket that speaks Engine.IO by hand, let in if there is a credential."""
    address = f"{counter.server.url}/socket.io/?{QUERY}=websocket{f'&sid={sid}' if sid else ''}"
    async with connect(address, proxy=None, ping_interval=None, open_timeout=PATIENCE_S) as socket:
        if not sid:
            assert str(await socket.recv()).startswith("0")
        if credential:
            await socket.send("40" + json.dumps({"token": credential}))
            assert str(await socket.recv()).startswith("40")
            assert str(await socket.recv()).startswith('42["connected"')
        yield socket


async def end_of(socket: ClientConnection) -> tuple[int | None, list[str]]:
    """How the server closed, and what it said before."""
    said = []
    async with asyncio.timeout(PATIENCE_S):
        try:
            while True:
                said.append(str(await socket.recv()))
        except ConnectionClosed:
            await socket.wait_closed()
    return socket.close_code, said


async def answers(socket: ClientConnection) -> list[str]:
    """What the server says until it answers a ping, or closes."""
    said = [""]
    async with asyncio.timeout(PATIENCE_S):
        with suppress(ConnectionClosed):
            while "pong" not in said[-1]:
                said.append(str(await socket.recv()))
    return said


class Poller:
    """A client that polls by hand."""

    def __init__(self, web: httpx.AsyncClient) -> None:
        self.web, self.sid = web, ""

    @property
    def address(self) -> str:
        return f"/socket.io/?{QUERY}=polling{f'&sid={self.sid}' if self.sid else ''}"

    async def poll(self) -> httpx.Response:
        return await self.web.get(self.address)

    async def post(self, body: str | bytes, **headers: str) -> httpx.Response:
        return await self.web.post(self.address, content=body, headers=headers)

    async def open(self, credential: str) -> None:
        self.sid = json.loads((await self.poll()).text[1:])["sid"]
        assert (await self.post("40" + json.dumps({"token": credential}))).text == "OK"
        said = ""
        while '42["connected"' not in said:
            said += (await self.poll()).text


async def gone(poller: Poller) -> None:
    """The session is no more; what waits in it may be taken first."""
    async with asyncio.timeout(PATIENCE_S):
        while (await poller.poll()).status_code == 200:
            pass


async def goes_on(counter: Counter, person: Person, conversation: Conversation) -> bool:
    """Whether somebody else's client works."""
    client = await counter.open(await token(person), joined=conversation.pk)
    await away(reply)(person, conversation, "fine")
    await client.next("message:new")
    return True
