"""How fast one socket may send, and how often it may be wrong."""

from __future__ import annotations

import asyncio
import time
from collections import deque

FRAMES_PER_S, BURST = 20.0, 120.0
# So much of the burst must have come back before whoever was too fast counts as calm: what we ourselves were late in
# reading looks like a pause of theirs.
CALM = FRAMES_PER_S
PATIENCE_S = 5.0
STRIKES, STRIKES_WITHIN_S = 10, 60.0


class Bucket:
    """Tokens that come back at a steady rate."""

    __slots__ = ("at", "burst", "rate", "tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self.tokens, self.at = burst, time.monotonic()

    def take(self) -> float:
        """Take one token; how many seconds to wait for it."""
        now = time.monotonic()
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate) - 1
        self.at = now
        return max(0.0, -self.tokens / self.rate)


class Pace:
    """Above its rate a socket is read no faster; one that is above it for 5 s is too fast to keep."""

    __slots__ = ("bucket", "since", "waits")

    def __init__(self) -> None:
        self.bucket = Bucket(FRAMES_PER_S, BURST)
        self.since = 0.0
        self.waits = False

    async def turn(self) -> bool:
        """Wait for this frame's turn; True when it is the first one that had to."""
        wait = self.bucket.take()
        self.waits = bool(wait)
        if not wait:
            if self.bucket.tokens >= CALM:
                self.since = 0.0
            return False
        first = not self.since
        self.since = self.since or time.monotonic()
        await asyncio.sleep(wait)
        return first

    @property
    def is_exhausted(self) -> bool:
        return self.waits and time.monotonic() - self.since >= PATIENCE_S


class Strikes:
    """Errors that were the client's own fault."""

    __slots__ = ("at",)

    def __init__(self) -> None:
        self.at: deque[float] = deque(maxlen=STRIKES)

    def another(self) -> bool:
        """Count one; True when it was one too many."""
        now = time.monotonic()
        self.at.append(now)
        return len(self.at) == STRIKES and now - self.at[0] < STRIKES_WITHIN_S
