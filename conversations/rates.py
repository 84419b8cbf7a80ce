"""How often strangers may do what costs something: counted by address, in the cache."""

from __future__ import annotations

import time

from django.core.cache import cache

from accounts.errors import RateLimited


def count(what: str, whom: str, *, most: int, seconds: int) -> None:
    """Count one more; raises RateLimited past `most` within a fixed window of so many seconds.

    A cache that is down limits nobody.
    """
    window, passed = divmod(int(time.time()), seconds)
    key = f"rate:{what}:{whom}:{window}"
    try:
        cache.add(key, 0, timeout=seconds * 2)
        so_far = int(cache.incr(key))
    except (ValueError, OSError):
        return
    if so_far > most:
        raise RateLimited(retry_after=seconds - passed)
