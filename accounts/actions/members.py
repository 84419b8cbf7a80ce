"""Who works here: invite, accept, change, remove."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext_noop as _

from accounts import letters
from accounts.actor import Actor
from accounts.credentials import actor_for
from accounts.door import Door
from accounts.errors import NotFound, Refused, UnknownReference
from accounts.models import Membership, Tenant, User
from audit.models import Verb
from audit.records import record
from jobs import later
from realtime import streams
from realtime.publish import forget, publish


class LastAdmin(Refused):
    code = "last_admin"
    detail = _("This is the last admin; make somebody else one first.")


class AlreadyMember(Refused):
    code = "not_unique"

    def __init__(self) -> None:
        super().__init__(_("Somebody with this e-mail address is here already."), attr="email")


@transaction.atomic(durable=True)
def invite_member(
    actor: Actor,
    *,
    email: str,
    role: str,
    first_name: str = "",
    last_name: str = "",
    inbox_ids: list[int] | None = None,
) -> Membership:
    """Make a place for somebody, who takes it by the invitation's link.

    Whether the address has an account in another tenant is not to be learnt here: no field of the answer differs.
    Raises AlreadyMember, and UnknownReference for an inbox that is not restricted or not theirs.
    """
    tenant = Tenant.locked(actor)
    _ensure_restricted(tenant, inbox_ids or [])
    user = User.with_email(email, first_name=first_name, last_name=last_name)
    membership = Membership.place_of(tenant, user)
    if membership.pk and membership.removed_at is None:
        raise AlreadyMember
    membership.role, membership.inbox_ids, membership.is_active = role, inbox_ids or [], True
    membership.joined_at = membership.removed_at = None
    membership.save()

    publish(record(actor, Verb.MEMBER_ADDED, membership, email=email, role=role))
    return membership


@transaction.atomic(durable=True)
def accept_invitation(invited: Membership, *, password_hash: str, door: Door) -> Membership:
    """The invited person is here. `password_hash` is empty for somebody who has an account and has proved it.

    Raises NotFound where the invitation was answered, or withdrawn, meanwhile, and where the account got a password
    meanwhile by another company's invitation: whoever chose that one is not to lose the account to this link.
    """
    membership = Membership.waiting(invited.pk, lock=True)
    if membership is None:
        raise NotFound
    membership.joined_at = now()
    membership.save(update_fields=["joined_at"])
    if password_hash:
        _set_first_password(membership, password_hash)

    actor = actor_for(membership, origin=door.origin, ip=door.ip)
    publish(letters.colleague(membership), record(actor, Verb.MEMBER_CHANGED, membership, joined=True))
    return membership


@transaction.atomic(durable=True)
def change_member(actor: Actor, user_id: int, **changes: Any) -> Membership:
    """Change a colleague's `role`, `inbox_ids` (restricted ones only) or `is_active`. What stays the same is no change.

    Their sockets are told at once: a disabled member's close for good, others renew what they may see.
    Raises Membership.DoesNotExist, LastAdmin and UnknownReference.
    """
    tenant = Tenant.locked(actor)
    membership = Membership.locked(actor, user_id)
    _ensure_restricted(tenant, changes.get("inbox_ids", []))
    changed = {name: new for name, new in changes.items() if getattr(membership, name) != new}
    if not changed:
        return membership
    before = {name: getattr(membership, name) for name in changed}
    seen = membership.seen_inboxes()
    for name, new in changed.items():
        setattr(membership, name, new)
    membership.save(update_fields=list(changed))
    _ensure_an_admin(tenant)
    if not membership.is_active:
        membership.end_sessions()
    release_later(membership)

    told = letters.colleague(membership)
    logged = record(actor, Verb.MEMBER_CHANGED, membership, before=before, after=changed)
    if not seen <= membership.seen_inboxes():
        # What they were told of those inboxes can't be resumed any more.
        forget(streams.user(membership.tenant_id, user_id))
    rights = letters.scope_changed(membership) if membership.is_active else letters.member_disabled(membership)
    publish(rights, told, logged)
    return membership


@transaction.atomic(durable=True)
def remove_member(actor: Actor, user_id: int) -> None:
    """Take a colleague out of the tenant: what they hold dies, what they wrote stays.

    Raises Membership.DoesNotExist and LastAdmin.
    """
    tenant = Tenant.locked(actor)
    membership = Membership.locked(actor, user_id)
    membership.removed_at = now()
    membership.save(update_fields=["removed_at"])
    _ensure_an_admin(tenant)
    membership.end_sessions()
    membership.client_keys.filter(revoked_at=None).update(revoked_at=now())
    release_later(membership)

    told = letters.colleague(membership)
    logged = record(actor, Verb.MEMBER_REMOVED, membership, role=membership.role)
    publish(letters.member_removed(membership), told, logged)


def _set_first_password(membership: Membership, password_hash: str) -> None:
    user = User.objects.select_for_update(no_key=True).get(pk=membership.user_id)
    if user.has_usable_password():
        raise NotFound
    user.password = password_hash
    user.save(update_fields=["password"])


def release_later(membership: Membership) -> None:
    """Have the trade take from a member what they may not see any more, so that no customer waits for them."""
    later(
        "conversations.release",
        membership.tenant_id,
        membership.user_id,
        unique=f"release:{membership.pk}",
        tenant_id=membership.tenant_id,
    )


def _ensure_restricted(tenant: Tenant, inbox_ids: list[int]) -> None:
    """Only restricted inboxes have members; any other id, another tenant's included, is answered alike."""
    if not set(inbox_ids) <= set(tenant.restricted_inbox_ids):
        raise UnknownReference("inbox_ids")


def _ensure_an_admin(tenant: Tenant) -> None:
    """Raise LastAdmin, which takes the change back, where nobody is left to undo it. The tenant is locked."""
    if not Membership.has_admin(tenant):
        raise LastAdmin
