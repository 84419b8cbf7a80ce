"""Pushing the numbers: at most once a second and tenant, counted once however many watch, and not at all when nobody
does.

What makes them stale queues one job, due in a second, which all further changes until then share. The job sees all of
them: it can't start before the transactions that queued it have ended. Who begins to watch makes them stale too, so
whatever went by unpushed before, because nobody was there yet, is in the first push.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.timezone import now

from accounts.compiled import Compiled
from dashboard import metrics
from jobs import later
from realtime import streams
from realtime.events import ConversationUpdated, DashboardMetrics, Event
from realtime.models import Connection
from realtime.transient import transient

EVERY = timedelta(seconds=1)


def moves_numbers(event: Event) -> bool:
    """Whether what is told moves any number: a conversation's state or owner, a reply; a rating; a question for one.

    What a customer adds to a conversation that stands as it stood moves none, and is most of what is told at all.
    """
    if not isinstance(event, ConversationUpdated):
        return event.type in ("csat_update", "survey")
    before = event.previous
    stands = before is not None and (before.status, before.assignee_id) == (event.status, event.assignee_id)
    return not stands or event.last_message_sender != "contact"


def went_stale(tenant_ids: set[int]) -> None:
    """Have these tenants' numbers pushed in a second, if anybody is watching: one statement each."""
    for tenant_id in sorted(tenant_ids):
        later(
            "dashboard.metrics",
            tenant_id,
            run_at=now() + EVERY,
            unique=f"metrics:t{tenant_id}",
            tenant_id=tenant_id,
            only_if=WATCHING.query(tenant_id=tenant_id),
        )


def watching(tenant_id: int) -> QuerySet[Connection]:
    """The leases of those who would see a push."""
    return Connection.objects.filter(tenant_id=tenant_id, expires_at__gt=Now())


WATCHING = Compiled(lambda tenant_id: watching(tenant_id).only("pk"), "tenant_id")


def watched() -> set[int]:
    """The tenants in which anybody is watching."""
    return set(Connection.objects.filter(expires_at__gt=Now()).values_list("tenant_id", flat=True).distinct())


_promised: dict[int, DashboardMetrics] = {}


def welcome(tenant_id: int) -> DashboardMetrics:
    """The numbers for somebody who begins to watch. Call it when their lease is there and their socket follows.

    They may be a second old, and what changed since may have been pushed too early for this socket, or not at all. So
    a push is queued, once for each set of numbers however many are welcomed with it.
    """
    numbers = metrics.current(tenant_id)
    if _promised.get(tenant_id) is not numbers:
        _promised[tenant_id] = numbers
        went_stale({tenant_id})
    return numbers


def push(tenant_id: int) -> None:
    """Count once and send to the whole team; put off where the last push is less than a second ago."""
    if not watching(tenant_id).exists():
        return
    last: datetime | None = cache.get(f"metrics:t{tenant_id}")
    moment = now()
    if last is not None and last <= moment < last + EVERY:
        with transaction.atomic():
            unique = f"metrics:t{tenant_id}"
            later("dashboard.metrics", tenant_id, run_at=last + EVERY, unique=unique, tenant_id=tenant_id)
        return
    cache.set(f"metrics:t{tenant_id}", moment, timeout=5)
    transient(streams.agents(tenant_id), metrics.keep(tenant_id))
