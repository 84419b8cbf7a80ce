"""What only the platform's own staff do: shut a company, or a person, out and let them in again.

The actor is `Actor.system(tenant_id, Origin.ADMIN)`, with the staff member's id and name in it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import now
from django.utils.translation import gettext_noop as _

from accounts import letters
from accounts.actions.members import release_later
from accounts.actor import Actor, Origin, Role
from accounts.door import Door
from accounts.errors import Refused
from accounts.models import Membership, Tenant, User
from audit.models import Verb
from audit.records import record
from realtime.publish import publish


class SlugTaken(Refused):
    code = "not_unique"

    def __init__(self, slug: str) -> None:
        super().__init__(_("There is a company “%(slug)s” already."), {"slug": slug}, attr="slug")


@transaction.atomic(durable=True)
def found_company(*, name: str, slug: str, email: str) -> Membership:
    """Make a company with a place for its first admin, who takes it by the invitation's link. Raises SlugTaken.

    The one action without an actor from outside: there is nobody yet who could be one.
    """
    try:
        with transaction.atomic():
            tenant = Tenant.objects.create(name=name, slug=slug)
    except IntegrityError:
        raise SlugTaken(slug) from None
    place = Membership.place_of(tenant, User.with_email(email, first_name="", last_name=""))
    place.role, place.joined_at = Role.ADMIN, None
    place.save()

    actor = Actor.system(tenant.pk, Origin.COMMAND)
    publish(
        record(actor, Verb.TENANT_CREATED, tenant, name=name, slug=slug),
        record(actor, Verb.MEMBER_ADDED, place, email=email, role=Role.ADMIN),
    )
    return place


@transaction.atomic(durable=True)
def suspend_tenant(actor: Actor) -> None:
    """Nobody of the actor's tenant gets in any more; its sockets, its customers' too, close at once."""
    tenant = Tenant.locked(actor)
    if not tenant.is_active:
        return
    tenant.is_active = False
    tenant.save(update_fields=["is_active"])

    publish(letters.tenant_suspended(tenant.pk), record(actor, Verb.TENANT_SUSPENDED, tenant))


@transaction.atomic(durable=True)
def restore_tenant(actor: Actor) -> None:
    """The actor's tenant works again; whoever was logged in still is."""
    tenant = Tenant.locked(actor)
    if tenant.is_active:
        return
    tenant.is_active = True
    tenant.save(update_fields=["is_active"])

    publish(record(actor, Verb.TENANT_RESTORED, tenant))


@transaction.atomic(durable=True)
def set_user_active(by: Actor, user_id: int, *, active: bool) -> None:
    """Shut a person out of every tenant, or let them in again; each of their tenants has it in its book."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if user.is_active == active:
        return
    user.is_active = active
    user.save(update_fields=["is_active"])

    memberships = list(user.memberships.filter(removed_at=None).select_related("user").order_by("tenant_id"))
    told = [] if active else [letters.member_disabled(membership) for membership in memberships]
    told += [letters.colleague(membership) for membership in memberships]
    for membership in [] if active else sorted(memberships, key=lambda place: str(place.pk)):
        release_later(membership)
    logged = [
        record(replace(by, tenant_id=place.tenant_id), Verb.MEMBER_CHANGED, place, after={"is_active": active})
        for place in memberships
    ]
    publish(told, logged)


def note_tenant_saved(actor: Actor, tenant: Tenant, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
    """Put on record that a tenant was changed, or made (`before` is None). In the transaction of the admin's form."""
    if before is None:
        publish(record(actor, Verb.TENANT_CREATED, tenant, after=after))
    else:
        publish(record(actor, Verb.TENANT_UPDATED, tenant, before=before, after=after))


@transaction.atomic(durable=True)
def note_staff_login(user: User, door: Door) -> None:
    """Put on record, in the platform's own book, that one of its staff has come in."""
    actor = replace(Actor.system(0, door.origin), user_id=user.pk, name=user.name, username=user.username, ip=door.ip)
    User.objects.filter(pk=user.pk).update(last_login=now())
    publish(record(actor, Verb.USER_LOGGED_IN, user))
