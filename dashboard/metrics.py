"""The live numbers: what each one means, and how it is counted.

Where a number is unknown it is None, never an invented default. Means and rates look at the last 30 days, today and the
29 days before it as the tenant's own calendar has them; the counts are of now.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Avg, Count, Q
from django.db.models.functions import Now

from accounts import clock
from accounts.models import Tenant
from conversations.models import Conversation, ReplyTime, Status, Survey
from realtime.events import DashboardMetrics
from realtime.models import Connection, Presence

WINDOW_DAYS = 30
FRESH_S = 1.0
# As values: an index serves `IN`, but not `<> 'closed'`.
OPEN = [Status.WAITING, Status.ASSIGNED, Status.ACTIVE, Status.SNOOZED]


def count(tenant_id: int) -> DashboardMetrics:
    """All numbers of a tenant as they are now: six queries."""
    moment = clock.now()
    since = window_start(zone_of(tenant_id), moment)
    standing = standing_now(tenant_id, since)
    return DashboardMetrics(
        **standing,
        **satisfaction(tenant_id, since),
        **reply_times(tenant_id, since),
        agents_online=agents_online(tenant_id),
        computed_at=moment,
    )


def zone_of(tenant_id: int) -> ZoneInfo:
    """The tenant's time zone."""
    return ZoneInfo(Tenant.objects.values_list("timezone", flat=True).get(pk=tenant_id))


def window_start(zone: ZoneInfo, moment: datetime) -> datetime:
    """The midnight, on the tenant's own clocks, with which the 30 days begin that `moment` is in the last of."""
    first_day = moment.astimezone(zone).date() - timedelta(days=WINDOW_DAYS - 1)
    return datetime.combine(first_day, clock_time.min, zone).astimezone(UTC)


def standing_now(tenant_id: int, since: datetime) -> dict[str, Any]:
    """How many conversations stand where, and the resolution rate.

    total = open + closed; open is everything that is not closed, so it includes the snoozed; waiting is nobody's and
    awake, unassigned is nobody's and open. Source: Conversation.status and .assignee.

    resolution_rate = conversations that were closed in the window and stayed closed, by the conversations that were
    open at any time in it. Whatever was open in the window is either open now or was closed last in the window, so
    with r = closed conversations whose closed_at (their last close) lies in the window it is r / (open + r). A
    reopened conversation is no success; one that was closed before the window counts on neither side.
    """
    rows = Conversation.objects.filter(tenant_id=tenant_id).order_by()
    found = rows.filter(status__in=OPEN).aggregate(
        open_conversations=Count("pk"),
        waiting_conversations=Count("pk", filter=Q(status=Status.WAITING)),
        snoozed_conversations=Count("pk", filter=Q(status=Status.SNOOZED)),
        unassigned_conversations=Count("pk", filter=Q(assignee__isnull=True)),
    )
    closed = rows.filter(status=Status.CLOSED).count()
    resolved = rows.filter(status=Status.CLOSED, closed_at__gte=since).count()
    return found | {
        "total_conversations": found["open_conversations"] + closed,
        "closed_conversations": closed,
        "resolution_rate": share(resolved, found["open_conversations"] + resolved),
    }


def reply_times(tenant_id: int, since: datetime) -> dict[str, float | None]:
    """Mean waits in seconds of the customers who were answered in the window.

    response_time = mean of ReplyTime.seconds, from a turn's first unanswered message to a person's public reply: first
    and later turns alike. first_response_time = the same of first turns, of which a conversation has one at most.
    """
    rows = ReplyTime.objects.filter(tenant_id=tenant_id, replied_at__gte=since)
    found = rows.aggregate(
        response_time=Avg("seconds"),
        first_response_time=Avg("seconds", filter=Q(turn=ReplyTime.Turn.FIRST)),
    )
    return {name: rounded(value, 1) for name, value in found.items()}


def satisfaction(tenant_id: int, since: datetime) -> dict[str, float | None]:
    """What customers thought of it.

    average_satisfaction = mean rating (1 to 5) of the surveys first answered in the window, each with its newest
    rating; csat_score = ratings of 4 and 5 among them; csat_response_rate = of the surveys sent in the window, those
    answered by now. Source: Survey.
    """
    rows = Survey.objects.filter(tenant_id=tenant_id).order_by()
    answers = rows.filter(answered_at__gte=since).aggregate(
        answered=Count("pk"), good=Count("pk", filter=Q(rating__gte=4)), average=Avg("rating")
    )
    sent = rows.filter(sent_at__gte=since).aggregate(sent=Count("pk"), answered=Count("answered_at"))
    return {
        "average_satisfaction": rounded(answers["average"], 2),
        "csat_score": share(answers["good"], answers["answered"]),
        "csat_response_rate": share(sent["answered"], sent["sent"]),
    }


def agents_online(tenant_id: int) -> int:
    """Members who hold a live lease and do not choose to be seen as offline."""
    leases = Connection.objects.filter(tenant_id=tenant_id, expires_at__gt=Now())
    hidden = Presence.objects.filter(tenant_id=tenant_id, status=Presence.Status.OFFLINE).values("user_id")
    found: int = leases.exclude(user_id__in=hidden).aggregate(people=Count("user_id", distinct=True))["people"]
    return found


def share(part: int, whole: int) -> float | None:
    """A rate from 0 to 1, or None of nothing."""
    return round(part / whole, 4) if whole else None


def rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(float(value), digits)


_kept: dict[int, tuple[float, DashboardMetrics]] = {}
_counting: dict[int, threading.Lock] = {}


def current(tenant_id: int) -> DashboardMetrics:
    """The numbers, at most a second old: counted once a second and tenant by this process, however many ask at once."""
    with _counting.setdefault(tenant_id, threading.Lock()):
        until, numbers = _kept.get(tenant_id, (0.0, None))
        return numbers if numbers is not None and time.monotonic() < until else keep(tenant_id)


def keep(tenant_id: int) -> DashboardMetrics:
    """Count anew, for all who ask within the next second."""
    numbers = count(tenant_id)
    _kept[tenant_id] = (time.monotonic() + FRESH_S, numbers)
    return numbers


def forget() -> None:
    """Drop the numbers that are kept. For tests, whose tenants share their ids."""
    _kept.clear()
