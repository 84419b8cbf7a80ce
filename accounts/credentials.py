"""Any credential -> Actor, the same for HTTP and for sockets.

A credential only says who asks. What they may do is read from the database at each use, so that a right that was taken
away is gone with the next request. One query for an access token or a session, one for a client key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Q
from django.utils.crypto import constant_time_compare
from django.utils.timezone import now

from accounts import keys, tokens
from accounts.actor import Actor, Origin, Role
from accounts.errors import NotAuthenticated, SessionRevoked, TokenInvalid
from accounts.models import AuthSession, ClientKey, Membership

# Where Django's session keeps the id of its AuthSession.
DASHBOARD_SESSION = "auth_session"
LAST_USE_EVERY = timedelta(minutes=1)

Resolver = Callable[[str], Actor]
RESOLVERS: dict[str, Resolver] = {}


def credential(prefix: str) -> Callable[[Resolver], Resolver]:
    """Register who can tell the actor behind a credential that begins with `prefix`."""

    def register(resolver: Resolver) -> Resolver:
        RESOLVERS[prefix] = resolver
        return resolver

    return register


def resolve(text: str, *, origin: Origin = Origin.API, ip: str = "") -> Actor:
    """Who holds this credential: a client key, an access token, or whatever else has been registered.

    Raises TokenInvalid, TokenExpired, SessionRevoked, UserDisabled, NotAMember or TenantInactive.
    """
    resolver = next((known for prefix, known in RESOLVERS.items() if text.startswith(prefix)), by_access_token)
    return replace(resolver(text), origin=origin, ip=ip)


def by_access_token(text: str) -> Actor:
    claims = tokens.read(text, "access")
    session = AuthSession.alive(claims.session_id, AuthSession.Kind.TOKEN)
    if (session.membership.tenant_id, session.membership.user_id) != (claims.tenant_id, claims.user_id):
        raise TokenInvalid
    return actor_for(session.membership, session_id=session.pk, expires_at=claims.expires_at)


@credential(keys.SCHEME)
def by_client_key(text: str) -> Actor:
    """Whose key it is, with as many rights as both member and key have now; raises TokenInvalid or TokenExpired."""
    prefix, secret = keys.split(text)
    key = ClientKey.objects.select_related("membership__user", "membership__tenant").filter(prefix=prefix).first()
    if key is None or not constant_time_compare(key.secret_hash, keys.hashed(secret)):
        raise TokenInvalid
    key.ensure_usable()
    _note_use(key)
    scopes = None if key.scopes is None else frozenset(key.scopes)
    return actor_for(key.membership, role=key.effective_role, key_id=key.pk, scopes=scopes, expires_at=key.expires_at)


def examine(text: str) -> tuple[str, datetime | None]:
    """What kind of credential this is (`access`, `refresh`, `key`) and when it ends; raises as `resolve` does."""
    if text.startswith(keys.SCHEME):
        return "key", by_client_key(text).expires_at
    claims = tokens.read(text, "access", "refresh")
    session = AuthSession.alive(claims.session_id, AuthSession.Kind.TOKEN)
    if session.refresh_jti != claims.jti and claims.token_type != tokens.ACCESS:
        raise SessionRevoked
    return claims.token_type, claims.expires_at


def resolve_session(session: SessionBase, *, origin: Origin = Origin.DASHBOARD, ip: str = "") -> Actor:
    """Who is logged in to the dashboard with this Django session; raises as `resolve` does."""
    session_id = session.get(DASHBOARD_SESSION)
    if session_id is None:
        raise NotAuthenticated
    alive = AuthSession.alive(session_id, AuthSession.Kind.DASHBOARD)
    return actor_for(alive.membership, session_id=alive.pk, expires_at=alive.expires_at, origin=origin, ip=ip)


def resolve_cookie(session_key: str, *, origin: Origin = Origin.DASHBOARD, ip: str = "") -> Actor:
    """The same by the value of the session cookie, for doors that have no Django request."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return resolve_session(store(session_key), origin=origin, ip=ip)


def actor_for(membership: Membership, *, role: Role | None = None, **circumstances: Any) -> Actor:
    """This member at work. `role` may lower theirs (a client key's); the inboxes follow the role that counts."""
    role = role or Role(membership.role)
    restricted = frozenset(membership.tenant.restricted_inbox_ids)
    seen = membership.seen_inboxes(role)
    return Actor(
        tenant_id=membership.tenant_id,
        role=role,
        origin=circumstances.pop("origin", Origin.API),
        user_id=membership.user_id,
        name=membership.user.name,
        avatar_url=membership.user.avatar_url,
        username=membership.user.username,
        membership_id=membership.pk,
        hidden_inboxes=restricted - seen,
        restricted_inboxes=seen,
        **circumstances,
    )


def _note_use(key: ClientKey) -> None:
    """Date the use, at most once a minute: a busy program shall not write a row for each request."""
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now() - LAST_USE_EVERY)
    if key.last_used_at is None or key.last_used_at < now() - LAST_USE_EVERY:
        ClientKey.objects.filter(stale, pk=key.pk).update(last_used_at=now())
