"""One client of each kind, which does nothing but listen, and comes back with a new token when it is sent away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import socketio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from bench.cuts.people import JS_LIBRARY
from bench.processes import ROOT
from niochat_client import Backoff, NioChatClient

GetToken = Callable[[], Awaitable[str]]
PAUSE_S = 0.5


class Sitter:
    """`opened` counts connections, `breaks` those that ended; `heard` is all that came, as text."""

    # Whether the client renews its token on the open connection, so that nothing breaks.
    renews = False

    def __init__(self, url: str, get_token: GetToken, conversation: int) -> None:
        self.url, self.give, self.conversation = url, get_token, conversation
        self.tokens = self.opened = self.breaks = 0
        self.heard: list[str] = []
        self.told = asyncio.Event()

    async def token(self) -> str:
        self.tokens += 1
        return await self.give()

    def note_open(self) -> None:
        self.opened += 1
        self.told.set()

    def hear(self, text: str) -> None:
        self.heard.append(text)
        self.told.set()

    async def until(self, true: Callable[[], bool], within: float) -> bool:
        """Whether it became true in time."""
        with suppress(TimeoutError):  # The answer says it.
            async with asyncio.timeout(within):
                while not true():
                    self.told.clear()
                    await self.told.wait()
        return true()

    async def sit(self) -> None:
        """Until cancelled."""


class PythonClient(Sitter):
    """clients/python"""

    renews = True

    async def sit(self) -> None:
        client = NioChatClient(self.url, get_token=self.token, backoff=Backoff(first_s=PAUSE_S), on_state=self.note)
        async with client:
            async for event in client:
                self.hear(json.dumps(event.raw))

    def note(self, state: str, _reason: str) -> None:
        if state == "connected":
            self.note_open()
        self.breaks += state == "reconnecting"


class Socket(Sitter):
    """A plain WebSocket that does what the family's document says, and no more."""

    path = "/ws/dashboard/?token={token}"
    first: tuple[dict[str, Any], ...] = ()

    async def sit(self) -> None:
        while True:
            token = await self.token()
            address = self.url.replace("http", "ws", 1) + self.path.format(token=token)
            with suppress(OSError, InvalidHandshake, TimeoutError):  # Counted as a break.
                async with connect(address, ping_interval=None, compression=None, proxy=None) as socket:
                    await self.introduce(socket, token)
                    self.note_open()
                    await self.listen(socket)
                self.breaks += 1
            await asyncio.sleep(PAUSE_S)

    async def introduce(self, socket: ClientConnection, token: str) -> None:
        for frame in self.first:
            told = {"token": token, "conversation_id": str(self.conversation)}
            await socket.send(json.dumps({name: told.get(name, value) for name, value in frame.items()}))

    async def listen(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):  # Whoever sits here comes back.
            async for text in socket:
                self.hear(str(text))
                await self.react(socket, json.loads(text))

    async def react(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        """What the family's clients do of themselves."""


class Native(Socket):
    """native protocol, plain socket"""

    renews = True

    async def react(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        if frame["type"] == "auth_expiring":
            await socket.send(json.dumps({"type": "auth", "token": await self.token()}))


class FastApi(Socket):
    """FastAPI family"""

    path = "/ws?token={token}"
    first = ({"type": "join", "conversation_id": ""},)


class PyTake(Socket):
    """PyTake family"""

    path = "/api/v1/conversations/ws"
    first = ({"type": "auth", "token": ""},)


class SysZap(Socket):
    """sysZap family"""

    path = "/ws?companyId=&token={token}"


class PythonSocketIo(Sitter):
    """Socket.IO family, python-socketio"""

    async def sit(self) -> None:
        while True:
            with suppress(socketio.exceptions.ConnectionError):  # It comes back.
                await self.sit_once()
                self.breaks += 1
            await asyncio.sleep(PAUSE_S)

    async def sit_once(self) -> None:
        over = asyncio.Event()
        client = socketio.AsyncClient(reconnection=False)
        client.on("*", lambda event, *given: self.hear(json.dumps([event, *given])))
        client.on("disconnect", lambda *_: over.set())
        await client.connect(self.url, auth={"token": await self.token()}, transports=["websocket"])
        try:
            await client.emit("join_conversation", {"conversation_id": str(self.conversation)})
            self.note_open()
            await over.wait()
        finally:
            await client.disconnect()


class Node(Sitter):
    """A client of Node's, in a process of its own, which asks us for tokens."""

    kind = ""

    async def sit(self) -> None:
        pipe = asyncio.subprocess.PIPE
        command = ["bench/idle/sitter.mjs", self.kind, self.url, str(self.conversation), str(JS_LIBRARY)]
        process = await asyncio.create_subprocess_exec("node", *command, cwd=ROOT, stdin=pipe, stdout=pipe)
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("Node was started with pipes.")
        try:
            while line := await process.stdout.readline():
                told = json.loads(line)
                if told["is"] == "token?":
                    process.stdin.write(json.dumps({"token": await self.token()}).encode() + b"\n")
                self.take(told)
        finally:
            process.stdin.close()
            await process.wait()

    def take(self, told: dict[str, Any]) -> None:
        match told["is"]:
            case "open":
                self.note_open()
            case "broken":
                self.breaks += 1
            case "heard":
                self.hear(json.dumps(told["data"]))


class NodeClient(Node):
    """clients/js in Node"""

    kind, renews = "niochat", True


class NodeSocketIo(Node):
    """Socket.IO family, socket.io-client"""

    kind = "socketio"


class NodePolling(Node):
    """Socket.IO family, long polling"""

    kind = "polling"


KINDS: tuple[type[Sitter], ...] = (
    PythonClient, NodeClient, Native, FastApi, PyTake, SysZap, PythonSocketIo, NodeSocketIo, NodePolling,
)  # fmt: skip
