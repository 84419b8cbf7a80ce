"""Reading many things as they stood at one moment of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

REPEATABLE = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@contextmanager
def one_moment() -> Iterator[None]:
    """Every query of the block sees what was committed when its first one ran, and nothing after it. Only read in it.

    PostgreSQL refuses whatever writes. On SQLite the transaction begins as DEFERRED: the settings' IMMEDIATE would take
    the one write lock and have every writer wait for a page that is being read. Inside another transaction the moment
    is that one's.
    """
    if connection.in_atomic_block:
        yield
        return
    with reading_sqlite() if connection.vendor == "sqlite" else transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(REPEATABLE)
        yield


@contextmanager
def reading_sqlite() -> Iterator[None]:
    """A transaction that takes no lock until somebody reads, and then only a reader's."""
    ours: Any = connection
    usual, ours.transaction_mode = ours.transaction_mode, "DEFERRED"
    try:
        with transaction.atomic():
            yield
    finally:
        ours.transaction_mode = usual
