"""The cache that processes share: what it counts, and what is done while it is away."""

from __future__ import annotations

import socket
from typing import cast
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.core.cache import cache

from accounts.rates import Counting, counted
from niochat.caches import ForgivingRedisCache


@pytest.fixture
def nobody_answers() -> ForgivingRedisCache:
    """A cache whose Redis is not there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return ForgivingRedisCache(f"redis://127.0.0.1:{port}", {"OPTIONS": {"socket_connect_timeout": 0.2}})


def test_without_redis_nothing_is_kept_and_nobody_fails(nobody_answers: ForgivingRedisCache) -> None:
    nobody_answers.set("a", 1, timeout=5)

    assert nobody_answers.get("a", "nothing") == "nothing"
    assert nobody_answers.add("a", 0)
    assert nobody_answers.incr("a") == 1
    assert nobody_answers.count("a", 5) == 0
    assert nobody_answers.delete("a") is False


def test_a_count_begins_at_one_and_is_each_ones_own() -> None:
    whom = str(uuid4())

    assert [counted("test", whom, seconds=3600) for _ in range(3)] == [1, 2, 3]
    assert counted("test", f"{whom}:another", seconds=3600) == 1


@pytest.mark.redis
def test_a_count_is_forgotten_by_redis_itself() -> None:
    key = f"counted:{uuid4()}"
    for _ in range(2):
        cast("Counting", cache).count(key, 5)

    with redis.Redis.from_url(settings.REDIS_URL) as server:
        assert 0 < server.ttl(cache.make_key(key)) <= 5
