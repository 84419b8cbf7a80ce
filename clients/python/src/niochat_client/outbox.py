"""Commands on their way out: in order, one at a time, repeated after a break until the server has answered.

A message carries a `client_message_id`, so that a repeat is the same message; the other commands may be done twice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

from niochat_client.errors import QueueFull, Refused

# The server is busy or broken for now; the command itself may be sound.
PASSING = frozenset({"RATE_LIMITED", "UNAVAILABLE", "INTERNAL"})
PAUSE_S = 1.0
ANSWERED_WITHIN_S = 30.0
TRIES_OF_A_BREAKER = 5

Data = Mapping[str, Any]


class Entry:
    """One command and whoever waits for its answer."""

    def __init__(self, frame: dict[str, Any]) -> None:
        self.id = uuid4().hex
        self.frame = frame | {"request_id": self.id}
        self.result: asyncio.Future[Data] = asyncio.get_running_loop().create_future()
        self.answered = asyncio.Event()
        self.failures = 0
        self.result.add_done_callback(lambda _: self.answered.set())

    def take(self, kind: str, data: Data) -> float:
        """Take in an answer; how many seconds to wait before the next command, or this one again."""
        self.answered.set()
        if self.result.done():
            return 0.0
        if kind != "error":
            self.result.set_result(data)
            return 0.0
        if data["code"] in PASSING and not self.is_hopeless(data["code"]):
            return float(data.get("retry_after") or PAUSE_S)
        self.result.set_exception(Refused(data["code"], data["error"], data.get("attr")))
        return 0.0

    def is_hopeless(self, code: str) -> bool:
        """What breaks the server each time is not worth holding up everything behind it."""
        self.failures += code == "INTERNAL"
        return self.failures >= TRIES_OF_A_BREAKER


class Outbox:
    """At most `limit` commands that nobody has answered yet."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.entries: deque[Entry] = deque()
        self.filled = asyncio.Event()
        self.pause = 0.0
        self.ended: Exception | None = None

    def __len__(self) -> int:
        return sum(not entry.result.done() for entry in self.entries)

    def put(self, frame: dict[str, Any]) -> Entry:
        """Queue a command. Raises QueueFull, or what `end` was given."""
        if self.ended:
            raise self.ended
        if len(self) >= self.limit:
            raise QueueFull(f"{self.limit} commands wait for the server already; wait for some of them first.")
        entry = Entry(frame)
        self.entries.append(entry)
        self.filled.set()
        return entry

    async def ask(self, frame: dict[str, Any]) -> Data:
        """Queue a command and wait for its answer. Who stops waiting takes it back, unless it is gone already."""
        return await self.put(frame).result

    async def next(self) -> Entry:
        """The first that is not answered."""
        while True:
            while self.entries and self.entries[0].result.done():
                self.entries.popleft()
            if self.entries:
                return self.entries[0]
            self.filled.clear()
            await self.filled.wait()

    async def pump(self, send: Callable[[Mapping[str, Any]], Awaitable[None]]) -> None:
        """Send one after the other for as long as a connection lives. Raises TimeoutError when one stays unanswered."""
        while True:
            entry = await self.next()
            entry.answered.clear()
            self.pause = 0.0
            await send(entry.frame)
            async with asyncio.timeout(ANSWERED_WITHIN_S):
                await entry.answered.wait()
            await asyncio.sleep(self.pause)

    def answer(self, kind: str, data: Data) -> bool:
        """Whether this answers the command that is on its way."""
        entry = self.entries[0] if self.entries else None
        if entry is None or data.get("request_id") != entry.id:
            return False
        self.pause = entry.take(kind, data)
        return True

    def end(self, problem: Exception) -> None:
        """Nothing goes out any more: whoever waits is told."""
        self.ended = problem
        for entry in self.entries:
            if not entry.result.done():
                entry.result.set_exception(problem)
                entry.result.exception()  # Told to whoever waits; if nobody does, nothing is logged.
        self.entries.clear()
