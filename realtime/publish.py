"""Append events to their streams now, push them to sockets after commit."""

from __future__ import annotations

import time
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
    INSERT INTO realtime_stream AS stream (name, head, floor) VALUES {rows}
    ON CONFLICT (name) DO UPDATE SET head = stream.head + excluded.head RETURNING name, head
"""
APPEND = "INSERT INTO realtime_streamevent (stream, seq, type, body) VALUES {rows}"
# SQLite takes 32,766 values in a statement.
ROWS_AT_ONCE = 5_000


Listener = Callable[[set[int]], None]
Concerns = Callable[[Event], bool]
_listeners: list[tuple[Concerns, Listener]] = []


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
        transaction.on_commit(partial(ring, rows), robust=True)


def ring(rows: list[Row]) -> None:
    """It is committed: hand the frames to the layer, and say since when they are true."""
    now = time.time()
    doorbell.ring([(row.stream, wire.kept_parcel(row.seq, row.body, now)) for row in rows])


def when_published(concerns: Concerns, listener: Listener) -> None:
    """Have `listener` called whenever events that it `concerns` are published, with the ids of the tenants.

    It is called inside the transaction, before any stream is locked, so it may queue a job; and it should do no more.
    """
    _listeners.append((concerns, listener))


def tell_listeners(letters: list[Letter]) -> None:
    for concerns, listener in _listeners:
        concerned = {streams.tenant_of(stream) for stream, event in letters if concerns(event)}
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
    heads = advance({stream: len(events) for stream, events in sorted(by_stream.items())}) if by_stream else {}
    for stream, events in by_stream.items():
        for seq, event in enumerate(events, heads[stream] - len(events) + 1):
            yield Row(stream, seq, event.type, wire.kept(stems[id(event)], stream, seq))


def kept(event: Event) -> Event:
    """The event itself; refuses one that is not meant for the log."""
    if not event.kept:
        raise TypeError(f"{event.type} is transient: send it with realtime.transient.transient().")
    return event


def advance(steps: dict[str, int]) -> dict[str, int]:
    """Move the streams' heads by so many each, in one statement that locks their rows in the order given, and return
    the heads. The rows are locked until commit.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("publish() belongs inside the action's transaction.")
    rows = ",".join(["(%s,%s,0)"] * len(steps))
    with connection.cursor() as cursor:
        cursor.execute(ADVANCE.format(rows=rows), [value for step in steps.items() for value in step])
        return dict(cursor.fetchall())


def append(rows: list[Row]) -> None:
    """Store the rows, by one statement as a rule; the database dates them."""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        marks = ",".join(["(%s,%s,%s,%s)"] * len(some))
        with connection.cursor() as cursor:
            cursor.execute(APPEND.format(rows=marks), [value for row in some for value in row])


def forget(stream: str) -> None:
    """Drop what a stream still holds (a person was erased): who resumes from before now is told to `resync`."""
    with transaction.atomic():
        Stream.objects.filter(name=stream).update(floor=F("head"))
        StreamEvent.objects.filter(stream=stream).delete()
