"""How often somebody may do what costs something: counted in the cache, which processes share."""

from __future__ import annotations

import time
from typing import Protocol, cast

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from accounts.errors import RateLimited


class Counting(Protocol):
    """What the product's caches can beside what Django's can."""

    def count(self, key: str, seconds: int) -> int:
        """Count `key` once more, in one step; how often so far. It is forgotten so many seconds after the first.

        0 where the cache is down.
        """


def count(what: str, whom: str, *, most: int, seconds: int, sentence: str = "") -> None:
    """Count one more; raises RateLimited past `most` within a fixed window of so many seconds."""
    if counted(what, whom, seconds=seconds) > most:
        raise RateLimited(sentence or None, retry_after=seconds - int(time.time()) % seconds)


def counted(what: str, whom: str, *, seconds: int) -> int:
    """How often within this window, this time included; 0 where the cache is down, so that it limits nobody."""
    key = f"rate:{what}:{whom}:{int(time.time()) // seconds}"
    # Kept for longer than the window: clocks of several processes differ.
    return cast("Counting", cache).count(key, seconds * 2 + 5)


def nameless(name: str) -> str:
    """A name as it may stand in the cache's key: nobody reads there who it was."""
    return salted_hmac("accounts.rates", name, algorithm="sha256").hexdigest()
