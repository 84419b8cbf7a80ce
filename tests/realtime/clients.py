"""A client that keeps to the protocol: it applies each frame once and in order, and remembers its cursors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, Self, TypeVar

from asgiref.sync import sync_to_async
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.patience import PATIENCE_S, promised
from tests.realtime.serving import Server
from tests.world import Person

Frame = dict[str, Any]
P = ParamSpec("P")
T = TypeVar("T")


async def token(person: Person, **options: int) -> str:
    """An access token of a new login."""
    made: str = await away(lambda: person.token(**options))()
    return made


class Client:
    """One socket. What comes in is kept in `frames`, in order."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.frames: list[Frame] = []
        self.seen = 0
        self.came = asyncio.Event()
        self.reader = asyncio.create_task(self.read())

    async def read(self) -> None:
        try:
            async for text in self.connection:
                self.frames.append(json.loads(text))
                self.came.set()
        except ConnectionClosed:
            pass
        finally:
            self.came.set()

    async def send(self, type: str, **fields: Any) -> None:  # noqa: A002 - the frame's own word
        await self.raw(json.dumps({"type": type, **fields}))

    async def raw(self, text: str | bytes) -> None:
        await self.connection.send(text)

    async def ask(self, type: str, **fields: Any) -> Frame:  # noqa: A002
        """Send a command and wait for its answer."""
        await self.send(type, request_id="asked", **fields)
        return await self.next(lambda frame: frame["data"].get("request_id") == "asked")

    async def next(self, wanted: str | Callable[[Frame], bool], within: float = PATIENCE_S) -> Frame:
        """The next frame of this type (or that fits), past those looked at already."""
        fits = wanted if callable(wanted) else lambda frame: frame["type"] == wanted
        async with promised(within):
            while True:
                while self.seen < len(self.frames):
                    self.seen += 1
                    if fits(self.frames[self.seen - 1]):
                        return self.frames[self.seen - 1]
                if self.reader.done():
                    raise AssertionError(f"closed with {self.connection.close_code}; saw {self.frames[-5:]}")
                self.came.clear()
                await self.came.wait()

    async def end(self, within: float = PATIENCE_S) -> tuple[int | None, str | None]:
        """How the server closed: the code, and the code of the last error frame."""
        await self.end_of_frames(within)
        errors = [frame["data"]["code"] for frame in self.frames if frame["type"] == "error"]
        return self.connection.close_code, errors[-1] if errors else None

    async def end_of_frames(self, within: float = PATIENCE_S) -> None:
        """Wait until the server has closed."""
        async with promised(within):
            await self.connection.wait_closed()
            await self.reader

    async def quiet(self, seconds: float = 0.2) -> list[Frame]:
        """What comes within a while."""
        before = len(self.frames)
        await asyncio.sleep(seconds)
        self.seen = len(self.frames)
        return self.frames[before:]

    @property
    def kept(self) -> list[Frame]:
        return [frame for frame in self.frames if "seq" in frame]

    def cursors(self) -> dict[str, int]:
        """Where this client stands in each stream."""
        cursors: dict[str, int] = {}
        for frame in self.frames:
            if frame["type"] == "connected":
                cursors = dict(frame["data"]["cursors"])
            elif "seq" in frame and frame["seq"] == cursors[frame["stream"]] + 1:
                cursors[frame["stream"]] += 1
        return cursors

    @property
    def epoch(self) -> str:
        return str(next(frame["data"]["epoch"] for frame in self.frames if frame["type"] == "connected"))


class Door:
    """Opens sockets on a server; closes what is open at the end."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.clients: list[Client] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(client.connection.close() for client in self.clients))
        await asyncio.gather(*(client.reader for client in self.clients))

    async def raw(self, path: str = "/ws/dashboard/", **options: Any) -> Client:
        """A socket without credentials."""
        options = {"compression": None, "open_timeout": PATIENCE_S, **options}
        client = Client(await connect(self.server.url + path, proxy=None, ping_interval=None, **options))
        self.clients.append(client)
        return client

    async def open(self, credential: str, **options: Any) -> Client:
        """A socket that has been let in."""
        client = await self.raw(f"/ws/dashboard/?token={credential}", **options)
        await client.next("connected")
        return client


def away(function: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Run what touches the database outside the loop."""
    return sync_to_async(function, thread_sensitive=True)


async def goes_on(client: Client) -> bool:
    return bool((await client.ask("ping"))["type"] == "pong")


async def handshake(door: Door, credential: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client without a library: it answers nothing by itself."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.server.port, limit=2**16)
    writer.write(
        f"GET /ws/dashboard/?token={credential} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert b"101" in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


def masked(payload: bytes) -> bytes:
    """A text frame with a mask of zeros."""
    length = len(payload)
    head = bytes((0x81, 0x80 | length)) if length < 126 else b"\x81\xfe" + length.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload
