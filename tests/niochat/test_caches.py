"""The shared cache while it is away."""

from __future__ import annotations

import socket

import pytest

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
    assert nobody_answers.delete("a") is False
