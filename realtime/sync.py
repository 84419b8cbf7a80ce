"""Read the log: where streams stand, and what came after a cursor."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models.functions import Now

from realtime.models import StreamEvent

PAGE = 500
LATELY = timedelta(minutes=1)
MARKS = {
    "postgresql": "SELECT name, head, floor FROM realtime_stream WHERE name = ANY(%s)",
    "sqlite": "SELECT name, head, floor FROM realtime_stream WHERE name IN (SELECT value FROM json_each(%s))",
}
ASTRAY = {
    "postgresql": """
        SELECT stream.name, stream.head FROM unnest(%s::text[], %s::bigint[]) AS ours (name, cursor)
        JOIN realtime_stream stream USING (name) WHERE stream.head <> ours.cursor
    """,
    "sqlite": """
        SELECT stream.name, stream.head FROM json_each(%s) AS ours
        JOIN realtime_stream stream ON stream.name = ours.key WHERE stream.head <> ours.value
    """,
}


class Mark(NamedTuple):
    """How far a stream goes: `floor` and below is gone, `head` is the last event."""

    head: int = 0
    floor: int = 0


class Kept(NamedTuple):
    """One frame of the log, ready to send."""

    seq: int
    body: str
    created_at: datetime


def marks(streams: Collection[str]) -> dict[str, Mark]:
    """Heads and floors of all these streams by one query; a stream that nobody ever wrote to is at 0."""
    found = dict.fromkeys(streams, Mark())
    if not found:
        return found
    with connection.cursor() as cursor:
        cursor.execute(MARKS[connection.vendor], [listed(streams)])
        found.update((name, Mark(head, floor)) for name, head, floor in cursor)
    return found


def stirred(streams: Collection[str]) -> set[str]:
    """Which of these streams got an event within the last minute, by the database's clock."""
    if not streams:
        return set()
    recent = StreamEvent.objects.filter(stream__in=streams, created_at__gt=Now() - LATELY)
    return set(recent.values_list("stream", flat=True).distinct())


def listed(streams: Collection[str]) -> list[str] | str:
    """The names as one parameter, however many there are. They hold nothing that JSON would have to escape."""
    return list(streams) if connection.vendor == "postgresql" else '["' + '","'.join(streams) + '"]'


def page(stream: str, after: int, until: int) -> list[Kept]:
    """The first events with `after < seq <= until`, oldest first, at most PAGE of them."""
    rows = StreamEvent.objects.filter(stream=stream, seq__gt=after, seq__lte=until).order_by("seq")
    return [Kept(*row) for row in rows.values_list("seq", "body", "created_at")[:PAGE]]


def read_since(cursors: Mapping[str, int], until: Mapping[str, int] | None = None) -> Iterator[tuple[str, list[Kept]]]:
    """Everything after each stream's cursor, page by page, as (stream, events).

    `until` bounds each stream; without it the heads of now do. The caller has checked that no cursor is below its
    stream's floor.
    """
    bounds = until if until is not None else {name: mark.head for name, mark in marks(cursors).items()}
    for stream, reached in cursors.items():
        events = page(stream, reached, bounds[stream])
        while events:
            yield stream, events
            events = page(stream, events[-1].seq, bounds[stream]) if events[-1].seq < bounds[stream] else []


def astray(cursors: Mapping[str, int]) -> dict[str, int]:
    """The heads of those streams that are not where their cursor is, by one query however many are asked about."""
    postgres = connection.vendor == "postgresql"
    parameters: list[Any] = [list(cursors), list(cursors.values())] if postgres else [json.dumps(dict(cursors))]
    with connection.cursor() as cursor:
        cursor.execute(ASTRAY[connection.vendor], parameters)
        return dict(cursor)


class Watch:
    """Tells whether the log may have changed since the last look. PostgreSQL can't tell, so there it always may.

    SQLite counts other connections' commits in `data_version`, compared within one connection: so that one stays open,
    on a thread of its own.
    """

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="realtime-watch")
        self.version = -1

    async def stirred(self) -> bool:
        if connection.vendor != "sqlite":
            return True
        version = await asyncio.get_running_loop().run_in_executor(self.thread, data_version)
        version, self.version = self.version, version
        return version != self.version

    def forget(self) -> None:
        """What was seen last could not be used: look again."""
        self.version = -1

    def close(self) -> None:
        self.thread.submit(connection.close)
        self.thread.shutdown(wait=True)


def data_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])
