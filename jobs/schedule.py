"""The clock: queues each scheduled task when it is due, in exactly one of all workers."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from jobs.models import Beat
from jobs.queue import later
from jobs.registry import SCHEDULE


def tick() -> None:
    """Queue what is due; moving a beat on and queueing its job are one transaction, so a crash skips no beat."""
    known = set(Beat.objects.filter(name__in=list(SCHEDULE)).values_list("name", flat=True))
    # A new task's row is due at once.
    Beat.objects.bulk_create([Beat(name=name) for name in SCHEDULE if name not in known], ignore_conflicts=True)
    due = Beat.objects.filter(name__in=list(SCHEDULE), next_at__lte=Now())
    for name in list(due.values_list("name", flat=True)):
        with transaction.atomic():
            upcoming = Now() + timedelta(seconds=SCHEDULE[name])
            if due.filter(name=name).update(next_at=upcoming, last_at=Now()):
                later(name, unique=f"beat:{name}")
