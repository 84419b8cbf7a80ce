"""Client keys: long-lived credentials for programs."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext_noop as _

from accounts import keys, letters
from accounts.actor import Actor, Role
from accounts.errors import Forbidden
from accounts.models import RANK, ClientKey, Membership
from audit.models import Verb
from audit.records import record
from realtime.publish import publish


class BeyondYourRights(Forbidden):
    detail = _("A key can't have more rights than whoever makes it.")


@transaction.atomic(durable=True)
def create_key(
    actor: Actor, *, name: str, role: str = "", scopes: list[str] | None = None, expires_at: datetime | None = None
) -> tuple[ClientKey, str]:
    """Make a key that acts for the actor: the row, and the key's text, which nobody will see again.

    An empty role is the maker's own; it sinks with theirs and never rises above. Raises BeyondYourRights.
    """
    role = role or actor.role
    _ensure_within(actor, role, scopes)
    fresh = keys.make_key()
    key = ClientKey.objects.create(
        membership=Membership.of(actor),
        name=name,
        prefix=fresh.prefix,
        secret_hash=fresh.secret_hash,
        role=role,
        scopes=scopes,
        expires_at=expires_at,
    )

    publish(record(actor, Verb.KEY_CREATED, key, name=name, role=key.effective_role, scopes=scopes))
    return key, fresh.text


@transaction.atomic(durable=True)
def revoke_key(actor: Actor, key_id: int) -> None:
    """End a key of the tenant, whoever made it; its sockets close. Raises ClientKey.DoesNotExist."""
    key = ClientKey.locked(actor, key_id)
    key.revoked_at = now()
    key.save(update_fields=["revoked_at"])

    publish(letters.key_revoked(key.membership, key.pk), record(actor, Verb.KEY_REVOKED, key, name=key.name))


def _ensure_within(actor: Actor, role: str, scopes: list[str] | None) -> None:
    """A key that may make keys must not be a ladder."""
    if RANK[Role(role)] > RANK[actor.role]:
        raise BeyondYourRights
    if actor.scopes is not None and (scopes is None or not actor.scopes.issuperset(scopes)):
        raise BeyondYourRights
