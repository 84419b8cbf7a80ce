"""Process-specific channels: what waits in them, for whom, and until when."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

# A channel that nobody has been receiving from for this long belonged to a consumer that is gone.
ABANDONED_S = 120.0


class Held(NamedTuple):
    """A message that waits, until a Unix time."""

    expires: float
    packed: bytes


class Mailbox:
    """One channel's messages. `readers` counts who waits in `receive`; `left_at` is when the last one stopped."""

    __slots__ = ("held", "left_at", "readers", "wake")

    def __init__(self) -> None:
        self.held: deque[Held] = deque()
        self.wake = asyncio.Event()
        self.readers = 0
        self.left_at = time.monotonic()

    def tidy(self) -> None:
        """Drop what has expired."""
        while self.held and self.held[0].expires <= time.time():
            self.held.popleft()

    @property
    def abandoned(self) -> bool:
        return not self.readers and self.left_at < time.monotonic() - ABANDONED_S


class Mailboxes:
    """All of one event loop's channels."""

    def __init__(self, capacity: Callable[[str], int], expiry: float) -> None:
        self.capacity, self.expiry = capacity, expiry
        self.boxes: dict[str, Mailbox] = {}

    def __contains__(self, channel: str) -> bool:
        return channel in self.boxes

    def open(self, channel: str) -> None:
        """Make a channel, and forget those whose consumers are gone (a live one always waits in `take`)."""
        for name in [name for name, box in self.boxes.items() if box.abandoned]:
            del self.boxes[name]
        self.boxes[channel] = Mailbox()

    def put(self, channel: str, packed: bytes) -> bool:
        """Add a message; False when the channel is full, and the message is lost."""
        box = self.boxes.setdefault(channel, Mailbox())
        box.tidy()
        if len(box.held) >= self.capacity(channel):
            return False
        box.held.append(Held(time.time() + self.expiry, packed))
        box.wake.set()
        return True

    async def take(self, channel: str) -> bytes:
        """The first message, as soon as there is one."""
        box = self.boxes.setdefault(channel, Mailbox())
        box.readers += 1
        try:
            while True:
                box.tidy()
                if box.held:
                    return box.held.popleft().packed
                box.wake.clear()
                await box.wake.wait()
        finally:
            box.readers -= 1
            box.left_at = time.monotonic()
