"""A forgotten password: asked for by anybody, set by whoever reads the account's mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.db import transaction

from accounts import letters, resets
from accounts.actor import Actor
from accounts.credentials import actor_for
from accounts.door import Door
from accounts.models import AuthSession, Membership, User
from audit.models import Verb
from audit.records import record
from jobs import later
from realtime.events import Letter
from realtime.publish import publish


@transaction.atomic(durable=True)
def ask_for_reset(login: str, language: str, door: Door) -> None:
    """Queue a look for this account, and a mail if there is one.

    Nothing here depends on whether there is: neither the answer nor the time that it takes.
    """
    later("accounts.send_reset", login, language, list(door))


@transaction.atomic(durable=True)
def note_reset_sent(user: User, door: Door) -> None:
    """Put on record, in each of the user's companies, that a link is on its way to their address."""
    publish(_written(user, door, Verb.PASSWORD_RESET_SENT))


@transaction.atomic(durable=True)
def reset_password(token: str, password_hash: str, door: Door) -> User:
    """Set the password that the link's user chose; every session of theirs, in every company, ends.

    Raises NotFound where the link was used meanwhile.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=resets.opened_by(token).pk)
    resets.opened_by(token)  # Once more, now that nobody else can use it.
    user.password = password_hash
    user.save(update_fields=["password"])
    sessions = list(AuthSession.living_of(user))
    for session in sessions:
        session.revoke()

    told = [letters.session_ended(session.membership, session.pk) for session in sessions]
    publish(told, _written(user, door, Verb.PASSWORD_CHANGED, by_mail=True, sessions_ended=len(sessions)))
    return user


def _written(user: User, door: Door, verb: Verb, **details: object) -> list[Letter]:
    """Records in each company's book; of the platform's staff, who are members nowhere, in the platform's own."""
    return [record(actor, verb, user, **details) for actor in _actors(user, door)]


def _actors(user: User, door: Door) -> Iterable[Actor]:
    places: list[Membership] = list(user.open_memberships().select_related("user", "tenant").order_by("tenant_id"))
    if places:
        return [actor_for(place, origin=door.origin, ip=door.ip) for place in places]
    staff = Actor.system(0, door.origin)
    return [replace(staff, user_id=user.pk, name=user.name, username=user.username, ip=door.ip)]
