"""What a fresh dashboard draws, and the cursors from which frames carry it on."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.models import Membership
from accounts.payloads import me_data
from conversations import sessions
from conversations.directory import inbox_data, label_data, team_data
from conversations.models import Conversation, Inbox, Label, Status, Team
from conversations.payloads import conversation_data
from dashboard import metrics
from realtime import streams, sync
from realtime.events import iso
from realtime.models import Connection, Epoch, Presence
from realtime.moment import one_moment

PAGE = 50


def snapshot(actor: Actor) -> dict[str, Any]:
    """The state as this member sees it, in a fixed number of queries.

    All of it is of one moment of the database, so the parts agree with each other, and with the cursors: what was
    committed before is in the state, what comes after in the frames.
    """
    epoch = Epoch.current()
    with one_moment():
        return {"epoch": epoch, "cursors": cursors(actor), **state(actor)}


def state(actor: Actor) -> dict[str, Any]:
    """What the page draws."""
    return {
        "user": me_data(actor),
        "counts": counts(actor),
        "conversations": [conversation_data(row) for row in recent(actor)],
        "agents": agents(actor),
        "metrics": metrics.current(actor.tenant_id).data(),
        "inboxes": [inbox_data(row) for row in Inbox.visible_to(actor).filter(is_active=True).order_by("pk")],
        "teams": [team_data(row) for row in Team.visible_to(actor).prefetch_related("members").order_by("pk")],
        "labels": [label_data(row) for row in Label.visible_to(actor).order_by("pk")],
        "sessions": sessions.told_of(actor),
    }


def cursors(actor: Actor) -> dict[str, int]:
    """Where each stream stands that the actor may follow."""
    return {name: mark.head for name, mark in sync.marks(streams.streams_for(actor)).items()}


def recent(actor: Actor) -> list[Conversation]:
    """The first page of the list in its default order."""
    return Conversation.with_labels(Conversation.listed_for(actor).order_by("-last_activity_at", "-pk")[:PAGE])


def counts(actor: Actor) -> dict[str, int]:
    """How many conversations each tab of the inbox holds, of those that the actor may see."""
    rows = Conversation.visible_to(actor).order_by()
    found = rows.filter(status__in=metrics.OPEN).aggregate(
        open=Count("pk"),
        mine=Count("pk", filter=Q(assignee_id=actor.user_id)),
        waiting=Count("pk", filter=Q(status=Status.WAITING)),
        unassigned=Count("pk", filter=Q(assignee__isnull=True)),
        snoozed=Count("pk", filter=Q(status=Status.SNOOZED)),
    )
    return found | {"closed": rows.filter(status=Status.CLOSED).count()}


def agents(actor: Actor) -> list[dict[str, Any]]:
    """Everybody who works here, with their presence: one query.

    Without a live lease somebody is offline, whatever they chose to be seen as.
    """
    mine = {"tenant_id": actor.tenant_id, "user_id": OuterRef("user_id")}
    chosen = Presence.objects.filter(**mine)
    rows = Membership.visible_to(actor).filter(is_active=True, user__is_active=True).exclude(joined_at=None)
    shown = rows.select_related("user").annotate(
        there=Exists(Connection.objects.filter(**mine, expires_at__gt=Now())),
        chosen=Subquery(chosen.values("status")[:1]),
        seen=Subquery(chosen.values("last_seen_at")[:1]),
    )
    return [agent_data(row) for row in shown.order_by("user_id")]


def agent_data(row: Any) -> dict[str, Any]:
    """A colleague; `last_seen` is null for one who was never here."""
    status = (row.chosen or Presence.Status.ONLINE) if row.there else Presence.Status.OFFLINE
    return {
        "id": row.user_id,
        "name": row.user.name,
        "username": row.user.username,
        "role": row.role,
        "avatar_url": row.user.avatar_url,
        "status": str(status),
        "last_seen": iso(row.seen) if row.seen else None,
    }
