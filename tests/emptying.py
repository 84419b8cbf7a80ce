"""Emptying the database after a test that committed: only what is filled, in one transaction.

Django's own flush truncates every table and makes all permissions anew, which takes longer than most tests do.
"""

from __future__ import annotations

from typing import Any

from django.db import OperationalError, connections, transaction
from django.db.backends.utils import CursorWrapper

# What migrations write, and every test finds as it was.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}
TRIES = 20
# In a deadlock this transaction gives up before anybody else does: it can begin again, and no server's log tells of it.
YIELDING = "SET LOCAL deadlock_timeout = '20ms'"
# The trigger that keeps the audit book refuses otherwise.
MAINTENANCE = "SET LOCAL niochat.maintenance = 'on'"


def empty(test_case: Any) -> None:
    """Stands in for `TransactionTestCase._fixture_teardown`."""
    for alias in test_case._databases_names(include_mirrors=False):
        for left in reversed(range(TRIES)):
            try:
                empty_database(alias)
                break
            except OperationalError:
                if not left:
                    raise


def empty_database(alias: str) -> None:
    connection = connections[alias]
    names = set(connection.introspection.django_table_names(only_existing=False, include_views=False)) - KEPT
    tables = [connection.ops.quote_name(name) for name in sorted(names)]
    with transaction.atomic(alias), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # What a thread or a server still writes is waited for, and goes too; who only reads is not held up.
            cursor.execute(f"{YIELDING}; {MAINTENANCE}; LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
        for table in filled(cursor, tables):
            cursor.execute(f"DELETE FROM {table}")


def filled(cursor: CursorWrapper, tables: list[str]) -> list[str]:
    """Those with at least one row."""
    parts = [f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {table})" for number, table in enumerate(tables)]
    cursor.execute(" UNION ALL ".join(parts))
    return [tables[number] for (number,) in cursor.fetchall()]
