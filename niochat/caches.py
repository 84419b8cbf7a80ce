"""The cache that processes share, and what the product does while it is away."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
# One step, so that no count is left behind that nothing ends.
COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""


class ForgivingRedisCache(RedisCache):
    """Redis that may be away: what is asked for is not there, and what is to be kept is not kept. Nobody's request
    fails because of it; the limits that are counted here limit nobody meanwhile.
    """

    def add(self, *args: Any, **options: Any) -> bool:
        return bool(self._tried("add", True, *args, **options))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._tried("get", default, key, default, version)

    def set(self, *args: Any, **options: Any) -> None:
        self._tried("set", None, *args, **options)

    def delete(self, *args: Any, **options: Any) -> bool:
        return bool(self._tried("delete", False, *args, **options))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return int(self._tried("incr", delta, key, delta, version))

    @cached_property
    def client(self) -> Redis:
        """Kept, since to make one costs as much as to ask it once."""
        client: Redis = self._cache.get_client(write=True)
        return client

    def count(self, key: str, seconds: int) -> int:
        name = self.make_and_validate_key(key)
        try:
            answer: Any = self.client.eval(COUNT, 1, name, seconds)
            return int(answer)
        except RedisError as error:
            return int(missed("count", error, 0))

    def _tried(self, operation: str, otherwise: Any, *args: Any, **options: Any) -> Any:
        try:
            return getattr(super(), operation)(*args, **options)
        except RedisError as error:
            return missed(operation, error, otherwise)


def missed(operation: str, error: RedisError, otherwise: Any) -> Any:
    """What is answered instead."""
    log.warning("cache_away", operation=operation, error=str(error))
    return otherwise


class LocalCache(LocMemCache):
    """One process's own."""

    def count(self, key: str, seconds: int) -> int:
        self.add(key, 0, timeout=seconds)
        try:
            return int(self.incr(key))
        except ValueError:  # expired in between
            return 0
