"""Send a frame to whoever is there now. It has no number, leaves no row, and may be lost."""

from __future__ import annotations

from realtime import doorbell, wire
from realtime.events import Event


def transient(group: str, event: Event) -> None:
    """Push an event to a group or stream of `realtime.streams`. Callable from any thread; never raises, never waits."""
    doorbell.ring([(group, wire.TRANSIENT + wire.plain(event))])
