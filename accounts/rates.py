"""How often somebody may do what costs something: counted in the cache, which processes share."""

from __future__ import annotations

import time

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from accounts.errors import RateLimited


def count(what: str, whom: str, *, most: int, seconds: int, sentence: str = "") -> None:
    """Count one more; raises RateLimited past `most` within a fixed window of so many seconds."""
    if counted(what, whom, seconds=seconds) > most:
        raise RateLimited(sentence or None, retry_after=seconds - int(time.time()) % seconds)


def counted(what: str, whom: str, *, seconds: int) -> int:
    """How often within this window, this time included; 0 where the cache is down, so that it limits nobody."""
    key = f"rate:{what}:{whom}:{int(time.time()) // seconds}"
    try:
        # Kept for longer than the window: clocks of several processes differ.
        cache.add(key, 0, timeout=seconds * 2 + 5)
        return int(cache.incr(key))
    except (ValueError, OSError):  # Gone in between, or away.
        return 0


def nameless(name: str) -> str:
    """A name as it may stand in the cache's key: nobody reads there who it was."""
    return salted_hmac("accounts.rates", name, algorithm="sha256").hexdigest()
