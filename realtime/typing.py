"""Typing: passed on at most once in 2 s a conversation, and over by itself 10 s after the last sign of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

COALESCE_S = 2.0
EXPIRES_S = 10.0


@dataclass(slots=True)
class Writing:
    """Somebody writes here: when that was last passed on, and what ends it."""

    told_at: float
    end: asyncio.TimerHandle


class TypingBook:
    """One socket's. `stop(key)` is called when a conversation's typing has to be taken back."""

    def __init__(self, stop: Callable[[int], None]) -> None:
        self.loop = asyncio.get_running_loop()
        self.stop = stop
        self.writing: dict[int, Writing] = {}

    def starts(self, key: int) -> bool:
        """A sign of typing; True when it has to be passed on."""
        now = self.loop.time()
        known = self.writing.get(key)
        if known:
            known.end.cancel()
        told_at = known.told_at if known and now - known.told_at < COALESCE_S else now
        self.writing[key] = Writing(told_at, self.loop.call_later(EXPIRES_S, self.expire, key))
        return told_at == now

    def stops(self, key: int) -> bool:
        """The end of it; True when there is something to take back."""
        known = self.writing.pop(key, None)
        if known:
            known.end.cancel()
        return known is not None

    def expire(self, key: int) -> None:
        if self.stops(key):
            self.stop(key)

    def close(self) -> None:
        """The socket is over: take everything back."""
        for key in list(self.writing):
            self.expire(key)
