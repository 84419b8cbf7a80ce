"""The companies of a measurement: made in the measured database by the models themselves."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.utils import timezone

from accounts import tokens
from accounts.models import AuthSession, Membership, Tenant, User

SOCKETS_PER_USER = 20


def company(name: str = "") -> Tenant:
    slug = name or f"bench-{secrets.token_hex(4)}"
    return Tenant.objects.create(name=slug, slug=slug)


def agents(tenant: Tenant, count: int, role: str = "agent") -> list[Membership]:
    """Colleagues without usable passwords: they only ever show tokens."""
    stem = secrets.token_hex(4)
    people = [User(username=f"{stem}-{number}", password="!") for number in range(count)]
    User.objects.bulk_create(people)
    members = [Membership(tenant=tenant, user=user, role=role) for user in people]
    Membership.objects.bulk_create(members)
    return list(Membership.objects.select_related("user", "tenant").filter(user__username__startswith=stem))


def session(member: Membership) -> AuthSession:
    """A new login."""
    return AuthSession.objects.create(
        membership=member,
        kind=AuthSession.Kind.TOKEN,
        refresh_jti=secrets.token_hex(16),
        expires_at=timezone.now() + timedelta(days=1),
    )


def token(member: Membership) -> str:
    """An access token of a new login that outlives the measurement."""
    return tokens.mint_access(session(member), seconds=3600)


def tokens_of(tenant: Tenant, sockets: int) -> list[str]:
    """A token for each socket: of as many users as the limit of sockets for each user asks for."""
    users = agents(tenant, -(-sockets // SOCKETS_PER_USER))
    each = [token(member) for member in users]
    return [each[number // SOCKETS_PER_USER] for number in range(sockets)]


def paths(tenant: Tenant, sockets: int) -> list[str]:
    """One address for each socket."""
    return [f"/ws/dashboard/?token={shown}" for shown in tokens_of(tenant, sockets)]
