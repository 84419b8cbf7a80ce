"""Who of the team is there for an inbox's visitors."""

from __future__ import annotations

from django.core.cache import cache

from accounts.models import Membership
from conversations.models import Inbox
from realtime.events import Person
from realtime.models import Connection, Presence

# Every page view of every customer's site asks; a picture of the team this old will do.
REMEMBERED_S = 5
MOST_SHOWN = 5


def attending(inbox: Inbox) -> list[Person]:
    """Who holds a socket, has not put themselves away, and sees the inbox; without ids, by name."""
    key = f"attending:{inbox.pk}"
    remembered: list[Person] | None = cache.get(key)
    if remembered is None:
        remembered = look(inbox)
        cache.set(key, remembered, REMEMBERED_S)
    return remembered


def look(inbox: Inbox) -> list[Person]:
    """The same, freshly: three queries."""
    there = Connection.user_ids(inbox.tenant_id) - Presence.absent(inbox.tenant_id)
    if not there:
        return []
    members = Membership.working(inbox.tenant_id, there)
    seeing = [member for member in members if not inbox.restricted or inbox.pk in member.seen_inboxes()]
    people = [Person(id=None, name=member.user.name, avatar_url=member.user.avatar_url) for member in seeing]
    return sorted(people, key=lambda person: person.name)[:MOST_SHOWN]
