"""The JavaScript client at work in Node, driven from here, on a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from tests.patience import PATIENCE_S
from tests.realtime.company import conversation, customer, own_server, site
from tests.realtime.serving import Server

__all__ = ["conversation", "customer", "own_server", "site"]
DRIVER = Path(__file__).resolve().parents[3] / "clients" / "js" / "tests" / "driver.js"
LINE_MOST = 4 * 1024 * 1024


class Node:
    """One client in a process of its own; `frames` is all that it told."""

    def __init__(self, process: asyncio.subprocess.Process, token: Callable[[], Awaitable[str]] | None) -> None:
        self.process, self.token = process, token
        self.frames: list[dict[str, Any]] = []
        self.renewals = 0
        self.answers: dict[int, asyncio.Future[Any]] = {}
        self.ids = count(1)
        self.came = asyncio.Condition()
        self.reader = asyncio.create_task(self.read())

    async def read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            said = json.loads(line)
            if "wants" in said:
                assert self.token is not None
                self.renewals += 1
                self.write(token=await self.token())
            elif "frame" in said:
                self.frames.append(said["frame"])
            elif "problem" in said:
                self.answers.pop(said["id"]).set_exception(RuntimeError(said["problem"]))
            else:
                self.answers.pop(said["id"]).set_result(said["result"])
            async with self.came:
                self.came.notify_all()

    def write(self, **line: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(line).encode() + b"\n")

    def begin(self, call: str, *args: Any) -> asyncio.Future[Any]:
        """Call a method of the client; the future is its answer."""
        number = next(self.ids)
        self.answers[number] = asyncio.get_running_loop().create_future()
        future = self.answers[number]
        self.write(id=number, call=call, args=args)
        return future

    async def do(self, call: str, *args: Any) -> Any:
        return await asyncio.wait_for(self.begin(call, *args), PATIENCE_S)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame["data"] for frame in self.frames if frame["type"] == kind]

    async def until(self, true: Callable[[], Any]) -> None:
        """Wait until what the client told makes this true."""
        async with asyncio.timeout(PATIENCE_S), self.came:
            await self.came.wait_for(true)

    async def has(self, kind: str) -> None:
        """Wait until it has told such an event."""
        await self.until(lambda: self.of(kind))

    async def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        await asyncio.wait_for(self.process.wait(), PATIENCE_S)
        await self.reader


@pytest.fixture
async def node(transactional_db: None) -> AsyncIterator[Callable[..., Awaitable[Node]]]:
    """Starts clients and ends them."""
    begun: list[Node] = []

    async def start(server: Server, *, renew: Callable[[], Awaitable[str]] | None = None, **options: Any) -> Node:
        given = {"url": server.url, "renews": renew is not None, **options}
        process = await asyncio.create_subprocess_exec(
            "node",
            str(DRIVER),
            json.dumps(given),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_MOST,
        )
        begun.append(Node(process, renew))
        return begun[-1]

    yield start
    for one in begun:
        await one.end()
    await sync_to_async(connections.close_all)()
