"""The bus inside one process: the embedded default, without Redis."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import NamedTuple

from realtime.bus import Hear, Parcel


class Waiting(NamedTuple):
    """A message in a named queue."""

    expires: float
    body: bytes


class MemoryBus:
    """Hands parcels to each loop of the process that listens. Threads may post; only loops hear."""

    def __init__(self) -> None:
        self.lines: set[MemoryLine] = set()
        self.queues: defaultdict[str, deque[Waiting]] = defaultdict(deque)
        self.groups: defaultdict[str, dict[str, float]] = defaultdict(dict)

    def post(self, parcels: Sequence[Parcel]) -> None:
        for line in tuple(self.lines):
            try:
                line.loop.call_soon_threadsafe(line.take, parcels)
            except RuntimeError:
                self.lines.discard(line)  # Its loop has been closed.

    def open(self, hear: Hear, back: Callable[[], None]) -> MemoryLine:
        line = MemoryLine(self, hear)
        self.lines.add(line)
        return line

    def close(self) -> None:
        return


class MemoryLine:
    """A loop's end of the bus."""

    up = False

    def __init__(self, bus: MemoryBus, hear: Hear) -> None:
        self.bus = bus
        self.hear = hear
        self.loop = asyncio.get_running_loop()
        self.topics: set[bytes] = set()

    def take(self, parcels: Sequence[Parcel]) -> None:
        for topic, payload in parcels:
            if topic in self.topics:
                self.hear(topic, payload)

    async def ready(self) -> None:
        return

    async def subscribe(self, topics: Collection[bytes]) -> bool:
        self.topics.update(topics)
        return True

    def unsubscribe(self, topics: Collection[bytes]) -> None:
        self.topics.difference_update(topics)

    def cast(self, parcels: Sequence[Parcel]) -> None:
        self.bus.post(parcels)

    async def push(self, queue: str, message: bytes, capacity: int, expiry: float) -> bool:
        waiting = self.fresh(queue)
        if len(waiting) >= capacity:
            return False
        waiting.append(Waiting(time.time() + expiry, message))
        return True

    async def pull(self, queue: str) -> bytes | None:
        waiting = self.fresh(queue)
        message = waiting.popleft().body if waiting else None
        if not waiting:
            del self.bus.queues[queue]
        return message

    def fresh(self, queue: str) -> deque[Waiting]:
        """The queue without what has expired."""
        waiting = self.bus.queues[queue]
        while waiting and waiting[0].expires <= time.time():
            waiting.popleft()
        return waiting

    async def enrol(self, group: str, channel: str, expires: float) -> None:
        self.bus.groups[group][channel] = expires

    async def strike(self, group: str, channel: str) -> None:
        self.bus.groups[group].pop(channel, None)

    async def enrolled(self, group: str) -> list[str]:
        return [channel for channel, expires in self.bus.groups.get(group, {}).items() if expires > time.time()]

    async def flush(self) -> None:
        self.bus.queues.clear()
        self.bus.groups.clear()

    def close(self) -> None:
        self.bus.lines.discard(self)


@cache
def memory_bus(_name: str) -> MemoryBus:
    """The process's one bus of that name."""
    return MemoryBus()
