"""Ids before rows: whoever knows an object's number in advance can write the whole history in one go."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, models

BLOCK = 500
RESERVE = {
    # The sequence gives each number once, whoever else asks meanwhile.
    "postgresql": "SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, {block})",
    # Nobody else writes before our transaction ends: on SQLite it began by taking the write lock.
    "sqlite": "SELECT MAX(seq) FROM (SELECT seq FROM sqlite_sequence WHERE name = '{table}' UNION ALL SELECT 0)",
}


def numbers_for(model: type[models.Model]) -> Iterator[int]:
    """Free ids of the model's table, rising; to be used in the transaction that takes them."""
    statement = RESERVE[connection.vendor].format(table=model._meta.db_table, block=BLOCK)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            found = [row[0] for row in cursor.fetchall()]
        if connection.vendor == "sqlite":
            yield from counted_up(found[0] + 1)
        yield from found


def counted_up(number: int) -> Iterator[int]:
    while True:
        yield number
        number += 1
