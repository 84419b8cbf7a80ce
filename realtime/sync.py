"""Read the log: where streams stand, and what came after a cursor."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from django.db import connection

from realtime.models import StreamEvent

PAGE = 500
MARKS = {
    "postgresql": "SELECT name, head, floor FROM realtime_stream WHERE name = ANY(%s)",
    "sqlite": "SELECT name, head, floor FROM realtime_stream WHERE name IN (SELECT value FROM json_each(%s))",
}


class Mark(NamedTuple):
    """How far a stream goes: `floor` and below is gone, `head` is the last event."""

    head: int = 0
    floor: int = 0


class Kept(NamedTuple):
    """One frame of the log, ready to send."""

    seq: int
    body: str


def marks(streams: Collection[str]) -> dict[str, Mark]:
    """Heads and floors of all these streams by one query; a stream that nobody ever wrote to is at 0."""
    found = dict.fromkeys(streams, Mark())
    if not found:
        return found
    with connection.cursor() as cursor:
        cursor.execute(MARKS[connection.vendor], [listed(streams)])
        found.update((name, Mark(head, floor)) for name, head, floor in cursor)
    return found


def listed(streams: Collection[str]) -> list[str] | str:
    """The names as one parameter, however many there are. They hold nothing that JSON would have to escape."""
    return list(streams) if connection.vendor == "postgresql" else '["' + '","'.join(streams) + '"]'


def page(stream: str, after: int, until: int) -> list[Kept]:
    """The first events with `after < seq <= until`, oldest first, at most PAGE of them."""
    rows = StreamEvent.objects.filter(stream=stream, seq__gt=after, seq__lte=until).order_by("seq")
    return [Kept(*row) for row in rows.values_list("seq", "body")[:PAGE]]


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
