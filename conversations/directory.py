"""What the house consists of, its inboxes, teams and labels: the shape that REST, frames and snapshots share, and the
letters that tell of a change.
"""

from __future__ import annotations

from typing import Any

from conversations.models import Inbox, Label, Team
from conversations.providers import limits_of
from conversations.shapes import InboxData, LabelData, LimitsData, TeamData
from realtime import streams
from realtime.events import DirectoryUpdated, Letter


def inbox_data(inbox: Inbox, user_ids: list[int] | None = None) -> dict[str, Any]:
    """An inbox as REST shows it; its secret is in no answer but the one that made it."""
    return InboxData(
        id=inbox.pk,
        tenant_id=inbox.tenant_id,
        name=inbox.name,
        channel=inbox.channel,
        token=inbox.token,
        is_active=inbox.is_active,
        connection=inbox.connection,
        restricted=inbox.restricted,
        reopen=inbox.reopen,
        keep_owner=inbox.keep_owner,
        csat_enabled=inbox.csat_enabled,
        show_preview=inbox.show_preview,
        allowed_origins=inbox.allowed_origins,
        settings=inbox.settings,
        limits=LimitsData(**limits_of(inbox)._asdict()),
        created_at=inbox.created_at,
        user_ids=user_ids,
    ).model_dump(mode="json")


def team_data(team: Team) -> dict[str, Any]:
    """A team as REST shows it; needs its members."""
    members = sorted(user.pk for user in team.members.all())
    return TeamData(id=team.pk, tenant_id=team.tenant_id, name=team.name, user_ids=members).model_dump()


def label_data(label: Label) -> dict[str, Any]:
    """A label as REST shows it."""
    return LabelData(id=label.pk, tenant_id=label.tenant_id, name=label.name, colour=label.colour).model_dump()


def inbox_told(inbox: Inbox) -> Letter:
    """Tell who may see the inbox how it is now; one out of use is gone.

    Whoever may not see it any more needs no word of it: their sockets are closed, and their next snapshot lacks it.
    """
    tenant_id, item = inbox.tenant_id, inbox_data(inbox) if inbox.is_active else None
    stream = streams.inbox(tenant_id, inbox.pk) if inbox.restricted else streams.agents(tenant_id)
    return Letter(stream, DirectoryUpdated(kind="inbox", id=inbox.pk, item=item))


def team_told(team: Team, *, gone: bool = False) -> Letter:
    """Tell everybody how a team is now."""
    item = None if gone else team_data(team)
    return Letter(streams.agents(team.tenant_id), DirectoryUpdated(kind="team", id=team.pk, item=item))


def label_told(label: Label, *, gone: bool = False) -> Letter:
    """Tell everybody how a label is now."""
    item = None if gone else label_data(label)
    return Letter(streams.agents(label.tenant_id), DirectoryUpdated(kind="label", id=label.pk, item=item))
