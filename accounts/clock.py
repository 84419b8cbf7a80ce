"""The product's clock. Actions ask it instead of the system, so that a demo's history can be lived in its own time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_set_to: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The current moment, aware, in UTC; inside `at` the moment given there."""
    return _set_to.get() or timezone.now()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let everything in the block happen at `moment`. For the demo's history and for tests of time."""
    token = _set_to.set(moment)
    try:
        yield
    finally:
        _set_to.reset(token)
