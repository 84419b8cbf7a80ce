"""Send a frame to whoever is there now. It has no number, leaves no row, and may be lost."""

from __future__ import annotations

from realtime import doorbell, wire
from realtime.events import Event


def transient(group: str, event: Event, *, by: int | None = None) -> None:
    """Push an event to a group or stream of `realtime.streams`. Callable from any thread; never raises, never waits.

    `by` is the id of the user whose own doing it reports: their sockets are not told.
    """
    doorbell.ring([(group, wire.transient_parcel(event, by))])
