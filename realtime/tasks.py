"""What the post room has done by the clock."""

from __future__ import annotations

from jobs import every
from realtime import pruning, seats


@every(seconds=3600, name="realtime.prune_events")
def prune_events() -> None:
    pruning.prune_events()
    seats.prune()
