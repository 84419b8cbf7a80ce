"""Who of the team is there for an inbox's visitors."""

from __future__ import annotations

from django.core.cache import cache

from accounts.models import Membership
from conversations.models import Inbox
from realtime import streams
from realtime.events import AgentStatus, Person
from realtime.models import Connection, Presence
from realtime.transient import transient

# Every page view of every customer's site asks; a picture of the team this old will do.
REMEMBERED_S = 5
MOST_SHOWN = 5


def attending(inbox: Inbox) -> list[Person]:
    """Who holds a socket, has not put themselves away, and sees the inbox; without ids, by name."""
    remembered: list[Person] | None = cache.get(key(inbox))
    return look(inbox) if remembered is None else remembered


def look(inbox: Inbox) -> list[Person]:
    """The same, freshly: three queries."""
    there = Connection.user_ids(inbox.tenant_id) - Presence.absent(inbox.tenant_id)
    members = Membership.working(inbox.tenant_id, there) if there else []
    seeing = [member for member in members if not inbox.restricted or inbox.pk in member.seen_inboxes()]
    people = [Person(id=None, name=member.user.name, avatar_url=member.user.avatar_url) for member in seeing]
    shown = sorted(people, key=lambda person: person.name)[:MOST_SHOWN]
    cache.set(key(inbox), shown, REMEMBERED_S)
    return shown


def status_of(people: list[Person]) -> AgentStatus:
    return AgentStatus(online=bool(people), agents=people)


def announce(tenant_id: int) -> None:
    """Somebody of the team came, went or changed what they are seen as: tell the widgets that are open."""
    for inbox in Inbox.embeddable(tenant_id):
        transient(streams.widgets(tenant_id, inbox.pk), status_of(look(inbox)))


def key(inbox: Inbox) -> str:
    return f"attending:{inbox.pk}"
