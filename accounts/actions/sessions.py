"""A login's life: begun, renewed, ended."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from accounts import letters
from accounts.actor import Actor, Origin
from accounts.credentials import actor_for
from accounts.door import Door
from accounts.models import AuthSession, Membership, User
from accounts.tokens import Claims
from audit.models import Verb
from audit.records import record
from realtime.publish import publish

LIFE: dict[str, timedelta] = {
    AuthSession.Kind.TOKEN: timedelta(days=settings.REFRESH_TOKEN_DAYS),
    AuthSession.Kind.DASHBOARD: timedelta(seconds=settings.SESSION_COOKIE_AGE),
}


@transaction.atomic(durable=True)
def start_session(membership: Membership, kind: AuthSession.Kind, door: Door) -> AuthSession:
    """Log a member in whose password, or whose session elsewhere, has been proved."""
    session = AuthSession.objects.create(
        membership=membership,
        kind=kind,
        refresh_jti=uuid4().hex if kind == AuthSession.Kind.TOKEN else "",
        ip=door.ip or None,
        user_agent=door.user_agent,
        expires_at=now() + LIFE[kind],
    )
    User.objects.filter(pk=membership.user_id).update(last_login=session.created_at)

    actor = actor_for(membership, session_id=session.pk, origin=door.origin, ip=door.ip)
    publish(record(actor, Verb.USER_LOGGED_IN, session, kind=session.kind))
    return session


@transaction.atomic(durable=True)
def renew_session(claims: Claims, door: Door) -> AuthSession | None:
    """Move the session on to its next refresh token; its end moves with it.

    None for a token that was used before: whoever has it, one of two holders is a thief, so the whole session dies.
    Raises SessionRevoked, UserDisabled, NotAMember or TenantInactive. A renewal is not worth a record.
    """
    session = AuthSession.alive(claims.session_id, AuthSession.Kind.TOKEN, lock=True)
    if session.refresh_jti == claims.jti:
        session.refresh_jti = uuid4().hex
        session.expires_at = now() + LIFE[session.kind]
        session.save(update_fields=["refresh_jti", "expires_at"])
        return session

    session.revoke()
    actor = actor_for(session.membership, session_id=session.pk, origin=Origin.API, ip=door.ip)
    logged = record(actor, Verb.REFRESH_REUSED, session)
    publish(letters.session_ended(session.membership, session.pk), logged)
    return None


@transaction.atomic(durable=True)
def end_session(actor: Actor, session_id: int) -> None:
    """Log out of one of the actor's own sessions. Its tokens and sockets are dead at once; a second time does nothing.

    Raises AuthSession.DoesNotExist for anybody else's.
    """
    session = AuthSession.locked(actor, session_id)
    if session.revoked_at is not None:
        return
    session.revoke()

    verb = Verb.USER_LOGGED_OUT if session.pk == actor.session_id else Verb.SESSION_REVOKED
    publish(letters.session_ended(session.membership, session.pk), record(actor, verb, session, kind=session.kind))


@transaction.atomic(durable=True)
def end_members_session(actor: Actor, session_id: int) -> None:
    """Log a colleague out of one session, whose tokens and sockets are dead at once; a second time does nothing.

    Raises AuthSession.DoesNotExist for another tenant's.
    """
    session = AuthSession.locked_in_tenant(actor, session_id)
    if session.revoked_at is not None:
        return
    session.revoke()

    logged = record(actor, Verb.SESSION_REVOKED, session, kind=session.kind, user_id=session.membership.user_id)
    publish(letters.session_ended(session.membership, session.pk), logged)
