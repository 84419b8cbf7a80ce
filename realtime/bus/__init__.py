"""A bus carries parcels (a topic, bytes) to every process that subscribed to the topic. It may lose them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

Parcel = tuple[bytes, bytes]
Hear = Callable[[bytes, bytes], None]


class Line(Protocol):
    """One event loop's end of a bus. Everything on it is called from that loop."""

    # Whether parcels of every process flow: never on the bus that stays inside one process.
    up: bool

    async def ready(self) -> None:
        """Wait until the bus has been tried once."""

    async def subscribe(self, topics: Collection[bytes]) -> bool:
        """Ask for topics and wait until they flow; False when the bus is down (they flow when it is back)."""

    def unsubscribe(self, topics: Collection[bytes]) -> None:
        """Ask for topics no more."""

    def cast(self, parcels: Sequence[Parcel]) -> None:
        """Send without waiting; lost when the bus is down."""

    async def push(self, queue: str, message: bytes, capacity: int, expiry: float) -> bool:
        """Put a message at the end of a named queue, which is forgotten after `expiry` s; False when it is full."""

    async def pull(self, queue: str) -> bytes | None:
        """Take the first message of a named queue."""

    async def enrol(self, group: str, channel: str, expires: float) -> None:
        """Remember that a named queue belongs to a group until then (Unix time)."""

    async def strike(self, group: str, channel: str) -> None:
        """Forget that a named queue belongs to a group."""

    async def enrolled(self, group: str) -> list[str]:
        """The named queues of a group."""

    async def flush(self) -> None:
        """Forget all named queues and who belongs to which group."""

    def close(self) -> None:
        """Hang up."""


class Bus(Protocol):
    """One per process and address."""

    def post(self, parcels: Sequence[Parcel]) -> None:
        """Send from any thread. Waits 200 ms at most; never raises."""

    def open(self, hear: Hear, back: Callable[[], None]) -> Line:
        """A line for the running loop: `hear(topic, payload)` for each parcel, `back()` when the bus is back up."""

    def close(self) -> None:
        """Nobody in this process listens any more: let go of what is kept for posting."""
