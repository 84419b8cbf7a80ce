"""Append events to their streams now, push them to sockets after commit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F

from realtime import doorbell, streams, wire
from realtime.events import Event, Letter
from realtime.models import Stream, StreamEvent

ADVANCE = """
    INSERT INTO realtime_stream AS stream (name, head, floor) VALUES (%s, %s, 0)
    ON CONFLICT (name) DO UPDATE SET head = stream.head + excluded.head RETURNING head
"""
APPEND = "INSERT INTO realtime_streamevent (stream, seq, type, body) VALUES "


Listener = Callable[[set[int]], None]
_listeners: list[tuple[frozenset[str], Listener]] = []


class Row(NamedTuple):
    """One line of the log."""

    stream: str
    seq: int
    type: str
    body: str


def publish(*letters: Letter | Iterable[Letter]) -> None:
    """Append kept events to their streams; push them to sockets after commit.

    Call once, last in the transaction: it holds each stream's row lock until commit, which is what makes `seq`
    order equal commit order. Streams are locked in name order, so two actions can never deadlock here.
    """
    everything = list(opened(letters))
    tell_listeners(everything)
    rows = list(numbered(everything))
    if rows:
        append(rows)
        parcels = [(row.stream, wire.kept_parcel(row.seq, row.body)) for row in rows]
        transaction.on_commit(partial(doorbell.ring, parcels), robust=True)


def when_published(types: Iterable[str], listener: Listener) -> None:
    """Have `listener` called whenever events of these types are published, with the ids of the tenants concerned.

    It is called inside the transaction, before any stream is locked, so it may queue a job; and it should do no more.
    """
    _listeners.append((frozenset(types), listener))


def tell_listeners(letters: list[Letter]) -> None:
    for types, listener in _listeners:
        concerned = {streams.tenant_of(stream) for stream, event in letters if event.type in types}
        if concerned:
            listener(concerned)


def opened(letters: Iterable[Letter | Iterable[Letter]]) -> Iterator[Letter]:
    """The letters one by one, in the order given."""
    for letter in letters:
        if isinstance(letter, Letter):
            yield letter
        else:
            yield from letter


def numbered(letters: list[Letter]) -> Iterator[Row]:
    """Give each event the next number of its stream. From here on the streams are locked."""
    stems = {id(event): wire.stem(event) for _stream, event in letters}
    by_stream: defaultdict[str, list[Event]] = defaultdict(list)
    for stream, event in letters:
        by_stream[stream].append(kept(event))
    for stream, events in sorted(by_stream.items()):
        first = advance(stream, len(events)) - len(events) + 1
        for seq, event in enumerate(events, first):
            yield Row(stream, seq, event.type, wire.kept(stems[id(event)], stream, seq))


def kept(event: Event) -> Event:
    """The event itself; refuses one that is not meant for the log."""
    if not event.kept:
        raise TypeError(f"{event.type} is transient: send it with realtime.transient.transient().")
    return event


def advance(stream: str, by: int) -> int:
    """Move a stream's head and return it. The row is locked until commit."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("publish() belongs inside the action's transaction.")
    with connection.cursor() as cursor:
        cursor.execute(ADVANCE, [stream, by])
        return int(cursor.fetchone()[0])


def append(rows: list[Row]) -> None:
    """Store the rows by one statement; the database dates them."""
    with connection.cursor() as cursor:
        cursor.execute(APPEND + ",".join(["(%s,%s,%s,%s)"] * len(rows)), [value for row in rows for value in row])


def forget(stream: str) -> None:
    """Drop what a stream still holds (a person was erased): who resumes from before now is told to `resync`."""
    with transaction.atomic():
        Stream.objects.filter(name=stream).update(floor=F("head"))
        StreamEvent.objects.filter(stream=stream).delete()
