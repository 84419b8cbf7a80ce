"""Typing: passed on at most once in 2 s a conversation, and over by itself 10 s after the last sign of it.

`TypingBook` belongs to a socket; `SharedBook` keeps the same for requests, each of which another process may answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import cache

from accounts import clock

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


class SharedBook:
    """Who writes by requests, in the cache that processes share; `key` names the writer and the conversation.

    While the cache is away every sign is passed on, and the end of none is: receivers let typing end by themselves.
    """

    # Longer than any sign is good for, so that the end of one that went quiet is told once, and by whom it falls to.
    KEPT_S = 60

    def starts(self, key: str) -> bool:
        """A sign of typing; True when it has to be passed on."""
        cache.set(self.sign(key), clock.now().timestamp(), timeout=self.KEPT_S)
        return cache.add(self.told(key), 1, timeout=COALESCE_S)

    def stops(self, key: str) -> bool:
        """The end of it; True when there is something to take back."""
        cache.delete(self.told(key))
        return cache.delete(self.sign(key))

    def quiet_in(self, key: str) -> float:
        """In how many seconds it is over unless there is another sign of it; 0 or less where it is."""
        last: float | None = cache.get(self.sign(key))
        return 0.0 if last is None else last + EXPIRES_S - clock.now().timestamp()

    def sign(self, key: str) -> str:
        return f"typing-sign:{key}"

    def told(self, key: str) -> str:
        return f"typing-passed-on:{key}"
