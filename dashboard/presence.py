"""Who is here. Of colleagues: what each chose to be seen as, while they are here; and when they were here last."""

from __future__ import annotations

from django.db.models.functions import Now

from accounts import clock
from accounts.actor import Actor
from conversations import attendance
from dashboard import freshness
from realtime import streams
from realtime.events import ContactsOnline, ContactStatus, UserStatus
from realtime.models import Connection, Presence, Visit
from realtime.transient import transient

Status = Presence.Status


def choose(actor: Actor, status: str) -> None:
    """Be seen as this from now on, on all of one's sockets and after coming back."""
    if actor.user_id is not None:
        row = keep(actor.tenant_id, actor.user_id, status=status)
        tell(row, there=True)


def came(tenant_id: int, user_id: int) -> None:
    """A member's first socket has opened."""
    tell(keep(tenant_id, user_id), there=True)


def went(tenant_id: int, user_id: int) -> None:
    """A member's last lease has run out."""
    tell(keep(tenant_id, user_id, last_seen_at=clock.now()), there=False)


def keep(tenant_id: int, user_id: int, **changes: object) -> Presence:
    """The member's row, made or changed."""
    row, _ = Presence.objects.update_or_create(tenant_id=tenant_id, user_id=user_id, defaults=changes)
    return row


def tell(row: Presence, *, there: bool) -> None:
    """Show colleagues and open widgets; how many are online is one of the numbers."""
    transient(streams.agents(row.tenant_id), shown(row, there=there))
    freshness.went_stale({row.tenant_id})
    attendance.announce(row.tenant_id)


def shown(row: Presence, *, there: bool) -> UserStatus:
    status = Status(row.status) if there else Status.OFFLINE
    return UserStatus(user_id=row.user_id, status=status.value, last_seen=row.last_seen_at)


def customer_came(tenant_id: int, contact_id: int) -> None:
    """A customer's first widget has opened."""
    transient(streams.agents(tenant_id), ContactStatus(contact_id=contact_id, status="online"))


def customer_went(tenant_id: int, contact_id: int) -> None:
    """The last lease of a customer has run out."""
    transient(streams.agents(tenant_id), ContactStatus(contact_id=contact_id, status="offline"))


def customers(actor: Actor) -> ContactsOnline:
    """Every customer who has a widget open."""
    return ContactsOnline(contact_ids=sorted(Visit.contact_ids(actor.tenant_id)))


def present(actor: Actor) -> list[UserStatus]:
    """Every colleague who is here and shows it: what a new socket is told."""
    leases = Connection.objects.filter(tenant_id=actor.tenant_id, expires_at__gt=Now())
    rows = Presence.objects.filter(tenant_id=actor.tenant_id, user_id__in=leases.values("user_id"))
    return [shown(row, there=True) for row in rows.exclude(status=Status.OFFLINE).order_by("user_id")]
