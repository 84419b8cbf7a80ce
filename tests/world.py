"""The cast: two companies that share nothing, and who works there.

Loja Aurora has two agents (ana, bruno), a supervisor (carla) and an admin (davi); Padaria Sol an agent (eva) and an
admin (fabio). Everybody's password is PASSWORD.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.timezone import now
from rest_framework.test import APIClient

from accounts import tokens
from accounts.actor import Actor, Origin, Role
from accounts.credentials import actor_for
from accounts.models import AuthSession, Membership, Tenant, User

PASSWORD = "girassol-amarelo-7"


class Person:
    """A member, with what tests do with one."""

    def __init__(self, membership: Membership) -> None:
        self.membership_id = membership.pk
        self.user_id = membership.user_id
        self.tenant_id = membership.tenant_id
        self.username = membership.user.username

    @property
    def membership(self) -> Membership:
        """As it stands in the database now."""
        return Membership.objects.select_related("user", "tenant").get(pk=self.membership_id)

    @property
    def user(self) -> User:
        return self.membership.user

    @property
    def actor(self) -> Actor:
        return actor_for(self.membership, origin=Origin.API)

    def session(self) -> AuthSession:
        """A new login by token."""
        return AuthSession.objects.create(
            membership=self.membership,
            kind=AuthSession.Kind.TOKEN,
            refresh_jti=uuid4().hex,
            expires_at=now() + timedelta(days=1),
        )

    def token(self, *, seconds: int = 900) -> str:
        """An access token of a new login."""
        return tokens.mint_access(self.session(), seconds=seconds)

    def client(self) -> APIClient:
        """A program that is logged in as this person."""
        return bearer(self.token())


def bearer(credential: str) -> APIClient:
    """A program with this credential."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {credential}")
    return client


def tenant(name: str, slug: str) -> Tenant:
    return Tenant.objects.create(name=name, slug=slug)


def member(of: Tenant, username: str, role: Role = Role.AGENT) -> Person:
    user = User.objects.create_user(username, f"{username}@{of.slug}.example", PASSWORD, first_name=username.title())
    return Person(Membership.objects.create(tenant=of, user=user, role=role))


@pytest.fixture
def aurora(db: None) -> Tenant:
    return tenant("Loja Aurora", "aurora")


@pytest.fixture
def sol(db: None) -> Tenant:
    return tenant("Padaria Sol", "sol")


@pytest.fixture
def ana(aurora: Tenant) -> Person:
    return member(aurora, "ana")


@pytest.fixture
def bruno(aurora: Tenant) -> Person:
    return member(aurora, "bruno")


@pytest.fixture
def carla(aurora: Tenant) -> Person:
    return member(aurora, "carla", Role.SUPERVISOR)


@pytest.fixture
def davi(aurora: Tenant) -> Person:
    return member(aurora, "davi", Role.ADMIN)


@pytest.fixture
def eva(sol: Tenant) -> Person:
    return member(sol, "eva")


@pytest.fixture
def fabio(sol: Tenant) -> Person:
    return member(sol, "fabio", Role.ADMIN)
