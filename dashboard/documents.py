"""How the OpenAPI document describes what the workplace's routes answer."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from conversations.views.documents import Answer
from realtime.events import ConversationUpdated, DashboardMetrics, Moment


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
    conversations: list[ConversationUpdated]
    agents: list[Agent]
    metrics: DashboardMetrics
    inboxes: list[dict[str, Any]]
    teams: list[dict[str, Any]]
    labels: list[dict[str, Any]]


class SnapshotAnswer(Answer):
    model = Snapshot


class MetricsAnswer(Answer):
    model = DashboardMetrics
