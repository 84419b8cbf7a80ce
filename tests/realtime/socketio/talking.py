"""socket.io-client from npm as tests drive it: a process of Node's for each client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

import pytest

from tests.patience import PATIENCE_S, promised
from tests.realtime.serving import ROOT, Server

CLIENT = Path(__file__).parent / "client.mjs"
WEBSOCKET, POLLING, UPGRADING = ["websocket"], ["polling"], ["polling", "websocket"]
EACH_TRANSPORT = pytest.mark.parametrize("transports", [WEBSOCKET, POLLING], ids=["websocket", "polling"])
Told = dict[str, Any]


class NodeClient:
    """One client. What happened to it is kept in `told`, in order; each has the key `is`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.told: list[Told] = []
        self.seen = 0
        self.came = asyncio.Event()
        self.reader = asyncio.create_task(self.read())

    async def read(self) -> None:
        while self.process.stdout and (line := await self.process.stdout.readline()):
            self.told.append(json.loads(line))
            self.came.set()
        self.came.set()

    async def do(self, order: str, **fields: Any) -> None:
        if self.process.stdin:
            self.process.stdin.write(json.dumps({"do": order, **fields}).encode() + b"\n")
            await self.process.stdin.drain()

    async def emit(self, event: str, *given: Any) -> None:
        await self.do("emit", event=event, given=given, ack=False)

    async def ask(self, event: str, *given: Any) -> Any:
        """Emit, and wait for the acknowledgement."""
        await self.do("emit", event=event, given=given, ack=True)
        return (await self.next("ack"))["data"]

    async def join(self, conversation_id: int) -> None:
        assert (await self.ask("join_conversation", {"conversation_id": str(conversation_id)}))["ok"]

    async def next(self, wanted: str | Callable[[Told], bool], within: float = PATIENCE_S) -> Told:
        """What happened next of this kind (or that fits), past what was looked at already."""
        fits = wanted if callable(wanted) else lambda told: told["is"] == wanted
        async with promised(within):
            while True:
                while self.seen < len(self.told):
                    self.seen += 1
                    if fits(self.told[self.seen - 1]):
                        return self.told[self.seen - 1]
                assert not self.reader.done(), f"the client ended; it said {self.told[-5:]}"
                self.came.clear()
                await self.came.wait()

    async def upgraded(self) -> None:
        """Until the client has changed to a WebSocket, which may be before it is let in."""
        if not self.count("upgrade"):
            await self.next("upgrade")

    async def passed(self) -> None:
        """Everything that was emitted, and told, before has arrived."""
        await self.ask("ping")

    def count(self, kind: str) -> int:
        return [told["is"] for told in self.told].count(kind)

    def payloads(self, kind: str) -> list[Any]:
        return [told["data"] for told in self.told if told["is"] == kind]

    async def end(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), 5)
        except TimeoutError:
            self.process.kill()
        await self.reader


class Counter:
    """Opens clients on a server; ends them all."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.clients: list[NodeClient] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(client.end() for client in self.clients))

    @property
    def url(self) -> str:
        return self.server.url.replace("ws://", "http://")

    async def raw(self, *, transports: list[str] = WEBSOCKET, url: str = "", **options: Any) -> NodeClient:
        """A client that has begun to connect."""
        process = await asyncio.create_subprocess_exec(
            "node",
            CLIENT,
            url or self.url,
            json.dumps({"transports": transports, **options}),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        client = NodeClient(process)
        self.clients.append(client)
        return client

    async def open(self, token: str | Awaitable[str], *, joined: int | None = None, **options: Any) -> NodeClient:
        """A client that has been let in by `auth`, and has perhaps joined a conversation.

        One that is to be let in for seconds has its token yet to be minted: Node may take longer than that to start.
        """
        if isinstance(token, str):
            client = await self.raw(auth={"token": token}, **options)
        else:
            client = await self.raw(autoConnect=False, **options)
            await client.do("ready")
            await client.next("ready")
            await client.do("token", token=await token)
            await client.do("connect")
        await client.next("connected")
        if joined is not None:
            await client.join(joined)
        return client
