"""Where a connection sat: the conversations that it had joined, for when its client comes back.

A client that is told its connection's `pid` and shows it again takes back exactly those seats; one that does not know
of such a thing takes back what its user's last lost connection had.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from accounts.actor import Actor
from realtime.models import Connection, Seats

# As long as Socket.IO's own servers keep a lost connection's state; a killed process could not say that it was lost.
KEPT = timedelta(minutes=2)
AT_MOST = timedelta(days=1)


def keep(actor: Actor, pid: str, lease: str, conversation_ids: list[int]) -> None:
    """Note what a connection has joined by now."""
    fields = {"lease": lease, "conversation_ids": conversation_ids, "kept_until": Now() + AT_MOST}
    user_id = actor.user_id or 0
    Seats.objects.update_or_create(pid=pid, tenant_id=actor.tenant_id, user_id=user_id, defaults=fields)


def vacate(pid: str) -> None:
    """The connection is over: its seats are kept a while."""
    Seats.objects.filter(pid=pid).update(kept_until=Now() + KEPT, lease="")


@transaction.atomic
def take_back(actor: Actor, pid: str, *, guess: bool) -> list[int]:
    """The conversations of this user's connection `pid`; without one, and if it may be guessed, of their last lost."""
    own = Seats.objects.filter(tenant_id=actor.tenant_id, user_id=actor.user_id or 0, kept_until__gt=Now())
    if pid:
        own = own.filter(pid=pid)
    elif guess:
        present = Connection.visible_to(actor).filter(leaving=False, expires_at__gt=Now())
        own = own.exclude(lease__in=present.values("id"))
    else:
        return []
    found = own.order_by("-kept_until").first()
    if found is None:
        return []
    found.delete()
    return [number for number in found.conversation_ids if isinstance(number, int)]


def prune() -> int:
    """Drop what nobody came back for; how many rows went."""
    return Seats.objects.filter(kept_until__lte=Now()).delete()[0]
