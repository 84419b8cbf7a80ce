"""The numbers over time. Formulas are those of `dashboard.metrics`; where a point has nothing to average it is None."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Any

from django.db.models import Case, Count, DurationField, Expression, ExpressionWrapper, F, Q, QuerySet, Sum, Value, When

from accounts.actor import Actor
from conversations.models import Conversation, Message, OpenInterval, ReplyTime, Sender, Survey
from dashboard.buckets import Quarter, quarter
from realtime.events import iso

# Past this the single values are too many to look at one by one, and points have no percentiles.
PERCENTILES_WITHIN = timedelta(days=93)
FEWEST_TO_RANK = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Which rows a series counts, at which moment each; with `value`, their mean instead of their number.

    `inbox`, `agent` and `team` are the columns by which it is narrowed.
    """

    rows: Callable[[Actor], QuerySet[Any]]
    at: str
    inbox: str = "conversation__inbox_id"
    agent: str
    team: str = "conversation__team_id"
    value: Expression | F | None = None
    ranked: bool = False
    digits: int = 1


def opened(actor: Actor) -> QuerySet[OpenInterval]:
    return seen(OpenInterval.visible_to(actor), actor)


def first_opened(actor: Actor) -> QuerySet[OpenInterval]:
    """The stretch from a conversation's beginning to its first close."""
    return opened(actor).filter(opened_at=F("conversation__created_at"), closed_at__isnull=False)


def replies(actor: Actor) -> QuerySet[ReplyTime]:
    return seen(ReplyTime.visible_to(actor), actor)


def answers(actor: Actor) -> QuerySet[Survey]:
    """Ratings: an agent's own, for those who do not watch over the others."""
    rows = Survey.visible_to(actor).filter(rating__isnull=False)
    return rows.exclude(inbox_id__in=actor.hidden_inboxes) if actor.hidden_inboxes else rows


def said(actor: Actor, *senders: Sender) -> QuerySet[Message]:
    """What was said in public, deleted since or not."""
    return Message.visible_to(actor).filter(sender_type__in=senders, private=False)


def seen(rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    """Without what happened in inboxes that the actor may not see."""
    return rows.exclude(conversation__inbox_id__in=actor.hidden_inboxes) if actor.hidden_inboxes else rows


created = Series(rows=Conversation.visible_to, at="created_at", inbox="inbox_id", agent="assignee_id", team="team_id")
messages = Series(
    rows=lambda actor: said(actor, Sender.CONTACT, Sender.AGENT),
    at="created_at",
    inbox="inbox_id",
    agent="conversation__assignee_id",
)
rating = Series(rows=answers, at="answered_at", inbox="inbox_id", agent="agent_id", value=F("rating"), digits=2)
# The short names are what most charts ask for.
SERIES: Mapping[str, Series] = {
    "conversations": created,
    "conversations_created": created,
    "conversations_closed": Series(
        rows=lambda actor: opened(actor).filter(closed_at__isnull=False), at="closed_at", agent="closed_by_id"
    ),
    "conversations_reopened": Series(
        rows=lambda actor: opened(actor).exclude(opened_at=F("conversation__created_at")),
        at="opened_at",
        agent="conversation__assignee_id",
    ),
    "messages": messages,
    "messages_received": Series(
        rows=lambda actor: said(actor, Sender.CONTACT),
        at="created_at",
        inbox="inbox_id",
        agent="conversation__assignee_id",
    ),
    "messages_sent": Series(
        rows=lambda actor: said(actor, Sender.AGENT), at="created_at", inbox="inbox_id", agent="sender_user_id"
    ),
    "response_time": Series(rows=replies, at="replied_at", agent="user_id", value=F("seconds"), ranked=True),
    "first_response_time": Series(
        rows=lambda actor: replies(actor).filter(turn=ReplyTime.Turn.FIRST),
        at="replied_at",
        agent="user_id",
        value=F("seconds"),
        ranked=True,
    ),
    "resolution_time": Series(
        rows=first_opened,
        at="closed_at",
        agent="closed_by_id",
        value=ExpressionWrapper(F("closed_at") - F("opened_at"), output_field=DurationField()),
        ranked=True,
    ),
    "satisfaction": rating,
    "average_satisfaction": rating,
    "csat_score": Series(
        rows=answers,
        at="answered_at",
        inbox="inbox_id",
        agent="agent_id",
        value=Case(When(rating__gte=4, then=Value(1)), default=Value(0)),
        digits=4,
    ),
}


def points(actor: Actor, name: str, bounds: list[datetime], narrowed: Mapping[str, int]) -> list[dict[str, Any]]:
    """A point for each bucket between two bounds, the empty ones too: 0 for a number, None for a mean."""
    series = SERIES[name]
    conditions = {getattr(series, by): number for by, number in narrowed.items()}
    inside = {f"{series.at}__gte": bounds[0], f"{series.at}__lt": bounds[-1]}
    rows = series.rows(actor).filter(Q(**inside), **conditions).annotate(quarter=Quarter(series.at)).order_by()
    found = buckets(series, rows, [quarter(bound) for bound in bounds])
    ranks = ranked(series, rows, bounds)
    return [
        {"time": iso(bound), **point(series, *found[at]), **ranks.get(at, {"p50": None, "p90": None})}
        for at, bound in enumerate(bounds[:-1])
    ]


def buckets(series: Series, rows: QuerySet[Any], edges: list[int]) -> dict[int, tuple[int, float]]:
    """How many rows each bucket has, and the sum of their values."""
    found: defaultdict[int, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    grouped = rows.values("quarter").annotate(rows=Count("pk"), total=Sum(series.value or Value(0)))
    for number, count, total in grouped.values_list("quarter", "rows", "total"):
        at = bisect_right(edges, number) - 1
        found[at] = (found[at][0] + count, found[at][1] + plain(total))
    return found


def point(series: Series, count: int, total: float) -> dict[str, Any]:
    if series.value is None:
        return {"value": count, "count": count}
    return {"value": round(total / count, series.digits) if count else None, "count": count}


def ranked(series: Series, rows: QuerySet[Any], bounds: list[datetime]) -> dict[int, dict[str, float]]:
    """Median and 90th percentile of each bucket that has values, where they are durations: a mean alone misleads."""
    if not series.ranked or series.value is None or bounds[-1] - bounds[0] > PERCENTILES_WITHIN:
        return {}
    edges = [quarter(bound) for bound in bounds]
    values: defaultdict[int, list[float]] = defaultdict(list)
    for number, value in rows.annotate(seconds_=series.value).values_list("quarter", "seconds_"):
        values[bisect_right(edges, number) - 1].append(plain(value))
    return {at: percentiles(sorted(held), series.digits) for at, held in values.items()}


def percentiles(values: list[float], digits: int) -> dict[str, float]:
    """By linear interpolation, as PostgreSQL's percentile_cont."""
    if len(values) < FEWEST_TO_RANK:
        return {"p50": round(values[0], digits), "p90": round(values[0], digits)}
    tenths = quantiles(values, n=10, method="inclusive")
    return {"p50": round(tenths[4], digits), "p90": round(tenths[8], digits)}


def plain(value: Any) -> float:
    """Seconds, where it is a duration."""
    return value.total_seconds() if isinstance(value, timedelta) else float(value or 0)
