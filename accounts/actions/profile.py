"""What people change about themselves."""

from __future__ import annotations

from django.db import transaction

from accounts import letters
from accounts.actor import Actor
from accounts.models import AuthSession, Membership, User
from audit.models import Verb
from audit.records import record
from realtime.publish import publish


@transaction.atomic(durable=True)
def change_profile(actor: Actor, **changes: str) -> None:
    """Change the actor's `first_name`, `last_name` or `language`. What stays the same is no change.

    Colleagues in every tenant hear of a new name.
    """
    membership = Membership.locked(actor, actor.user_id or 0)
    user = membership.user
    changed = {name: new for name, new in changes.items() if getattr(user, name) != new}
    if not changed:
        return
    before = {name: getattr(user, name) for name in changed}
    User.objects.filter(pk=user.pk).update(**changed)
    places = user.open_memberships().select_related("user").order_by("tenant_id")
    told = [letters.colleague(place) for place in places] if changed.keys() - {"language"} else []

    publish(told, record(actor, Verb.MEMBER_CHANGED, membership, before=before, after=changed))


@transaction.atomic(durable=True)
def change_password(actor: Actor, password_hash: str) -> int:
    """Set the actor's password and end their other sessions, in every tenant; answers how many those were."""
    user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id or 0)
    user.password = password_hash
    user.save(update_fields=["password"])
    others = list(AuthSession.others_of(actor))
    for session in others:
        session.revoke()

    told = [letters.session_ended(session.membership, session.pk) for session in others]
    publish(told, record(actor, Verb.PASSWORD_CHANGED, user, sessions_ended=len(others)))
    return len(others)
