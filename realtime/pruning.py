"""Forget events that are too old to resume from. Whoever comes back from before them is told to `resync`."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now

from realtime.models import Stream, StreamEvent

BATCH = 2000


def prune_events() -> int:
    """Delete what is older than EVENTS_KEPT_DAYS, batch by batch; how many events went."""
    pruned = 0
    while ends := oldest():
        pruned += sum(prune(stream, seq) for stream, seq in sorted(ends.items()))
    return pruned


def oldest() -> dict[str, int]:
    """The next batch of events to go, as the last number of each stream."""
    limit = Now() - timedelta(days=settings.EVENTS_KEPT_DAYS)
    rows = StreamEvent.objects.filter(created_at__lt=limit).order_by("created_at").values_list("stream", "seq")[:BATCH]
    ends: dict[str, int] = {}
    for stream, seq in rows:
        ends[stream] = max(seq, ends.get(stream, 0))
    return ends


@transaction.atomic
def prune(stream: str, until: int) -> int:
    """Raise the floor and delete what lies below it, as one: a cursor is served whole or not at all."""
    Stream.objects.filter(name=stream).update(floor=Greatest(F("floor"), until))
    return StreamEvent.objects.filter(stream=stream, seq__lte=until).delete()[0]
