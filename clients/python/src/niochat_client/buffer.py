"""Events between the socket and the application, so that neither waits for the other for long."""

from __future__ import annotations

import asyncio
from collections import deque

from niochat_client.events import Event


class Buffer:
    """At most `limit` events. What does not fit is left in the server's log and asked for again when there is room."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.events: deque[Event] = deque()
        self.filled = asyncio.Event()
        self.emptied = asyncio.Event()
        self.emptied.set()
        self.ended: BaseException | None = None

    @property
    def is_full(self) -> bool:
        return len(self.events) >= self.limit

    def put(self, event: Event) -> None:
        self.events.append(event)
        self.filled.set()
        if self.is_full:
            self.emptied.clear()

    async def get(self) -> Event:
        """The next event; what `end` was given, once all have been taken."""
        while not self.events:
            if self.ended:
                raise self.ended
            self.filled.clear()
            await self.filled.wait()
        event = self.events.popleft()
        if len(self.events) <= self.limit // 4:
            self.emptied.set()
        return event

    async def room(self) -> None:
        """Wait until most of it has been taken."""
        await self.emptied.wait()

    def end(self, problem: BaseException) -> None:
        """Nothing comes any more."""
        self.ended = self.ended or problem
        self.filled.set()
