"""How long to wait before coming back, and when not to."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

# The server restarts, is full, or we are too many: everybody comes back at once, so the widest spread.
CROWDED = frozenset({1012, 1013, 4429})
TOO_FAST = 4429
UNAUTHENTICATED = 4401
# Not allowed, or a broken client: the same again would end the same way.
FINAL = {
    1003: "The server does not take binary frames",
    1007: "The server got text that is not UTF-8",
    1009: "A frame was larger than the server takes",
    4400: "The server refused too many commands",
    4403: "This account is disabled, or not allowed here",
}


@dataclass(frozen=True)
class Backoff:
    """Exponential, with full jitter: the wait is anywhere between nothing and 1, 2, 4 … `most_s` seconds.

    `crowd_s` is the least ceiling after a restart of the server; `attempts` in a row end it (None: never); a connection
    that lasted `steady_s` makes the next attempt the first one again.
    """

    first_s: float = 1.0
    most_s: float = 32.0
    crowd_s: float = 15.0
    steady_s: float = 5.0
    attempts: int | None = None
    random: Callable[[], float] = random.random

    def is_used_up(self, failures: int) -> bool:
        return self.attempts is not None and failures >= self.attempts

    def wait(self, failures: int, code: int | None = None, retry_after: float | None = None) -> float:
        """Seconds to wait after this many failures in a row (0: it had been well)."""
        ceiling = min(self.first_s * 2.0 ** min(failures, 30), self.most_s)
        if code in CROWDED:
            ceiling = max(ceiling, self.crowd_s)
        least = ceiling / 2 if code == TOO_FAST else 0.0
        return max(retry_after or 0.0, least) + self.random() * (ceiling - least)
