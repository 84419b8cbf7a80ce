"""How the OpenAPI document describes what the workplace's routes answer."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.utils import OpenApiParameter
from pydantic import BaseModel, ConfigDict, Field

from conversations.views.documents import Answer
from dashboard.buckets import INTERVALS
from dashboard.series import SERIES
from realtime.events import ConversationEvent, DashboardMetrics, Moment, SessionStatus


class Shape(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Counts(Shape):
    """How many conversations each tab of the inbox holds."""

    open: int
    mine: int
    waiting: int
    unassigned: int
    snoozed: int
    closed: int


class Agent(Shape):
    """A colleague and their presence."""

    id: int
    name: str
    username: str
    role: Literal["agent", "supervisor", "admin"]
    avatar_url: str
    status: Literal["online", "away", "busy", "offline"]
    last_seen: Moment | None


class Snapshot(Shape):
    """`user` is as `auth/me` shows it; inboxes, teams and labels are as their own lists show them."""

    epoch: str
    cursors: dict[str, int]
    user: dict[str, Any]
    counts: Counts
    conversations: list[ConversationEvent]
    agents: list[Agent]
    metrics: DashboardMetrics
    inboxes: list[dict[str, Any]]
    teams: list[dict[str, Any]]
    labels: list[dict[str, Any]]
    sessions: list[SessionStatus]


class SnapshotAnswer(Answer):
    model = Snapshot


class MetricsAnswer(Answer):
    model = DashboardMetrics


class Point(Shape):
    """One bucket: from `time` to the next point's. `count` is how many rows `value` was made of."""

    time: Moment
    value: float | None
    count: int
    p50: float | None
    p90: float | None


class SeriesData(Shape):
    """`from` and `to` are the bounds of the buckets, which lie on whole intervals of the tenant's own clocks."""

    metric: str
    interval: Literal["hour", "day", "week", "month"]
    timezone: str
    # Keywords of Python's, so they are declared by their other name.
    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")
    points: list[Point]


class SeriesAnswer(Answer):
    model = SeriesData


series_query = [
    OpenApiParameter("metric", str, required=True, enum=sorted(SERIES)),
    OpenApiParameter("interval", str, enum=INTERVALS, default="day", description="In the tenant's time zone."),
    OpenApiParameter("from", str, description="A time; by default 48 hours, 60 days, 26 weeks or 24 months ago."),
    OpenApiParameter("to", str, description="A time, by default now. The point that it lies in is the last one."),
    OpenApiParameter("inbox", str, description="An inbox's id."),
    OpenApiParameter("agent", str, description="A user's id: who replied, closed, was rated, or owns it."),
    OpenApiParameter("team", str, description="A team's id."),
]
