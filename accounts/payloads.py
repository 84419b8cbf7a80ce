"""The one shape of each thing that accounts answer with. The classes also describe it in the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, RootModel

from accounts.actor import Actor
from accounts.models import AuthSession, ClientKey, Membership
from accounts.permissions import permissions_of
from accounts.tokens import TokenPair
from realtime.events import Moment


class Shape(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Tokens(Shape):
    """`access_token` repeats `access`."""

    access: str
    refresh: str
    access_token: str


class TokenState(Shape):
    """`token_type` is `access`, `refresh` or `key`."""

    token_type: str
    expires_at: Moment | None


class TenantRef(Shape):
    id: int
    name: str
    slug: str


class MembershipRef(TenantRef):
    """One of the tenants that somebody works in: its id, name and slug, and their role there."""

    role: str


class Me(Shape):
    """Who asks, and what they may do here."""

    id: int
    username: str
    email: str
    name: str
    first_name: str
    last_name: str
    language: str
    avatar_url: str
    tenant_id: int
    tenant: TenantRef
    role: str
    permissions: list[str]
    memberships: list[MembershipRef]


class Member(Shape):
    """A colleague. Somebody who has not accepted their invitation is shown by its e-mail address alone."""

    id: int
    username: str
    email: str
    name: str
    avatar_url: str
    role: str
    is_active: bool
    invited: bool
    inbox_ids: list[int]


class Invitation(Member):
    """The link is shown this once; it opens for a week."""

    token: str
    url: str


class Key(Shape):
    id: int
    name: str
    prefix: str
    user_id: int
    role: str
    scopes: list[str] | None
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None


class FreshKey(Key):
    """`key` is shown this once."""

    key: str


class Session(Shape):
    id: int
    kind: str
    ip: str | None
    user_agent: str
    created_at: Moment
    expires_at: Moment
    current: bool


class Members(RootModel[list[Member]]):
    """A page of the tenant's members."""


class Keys(RootModel[list[Key]]):
    """A page of the tenant's client keys."""


class Sessions(RootModel[list[Session]]):
    """A page of one's own sessions."""


class SessionsEnded(Shape):
    sessions_ended: int


def tokens_data(pair: TokenPair) -> dict[str, Any]:
    return Tokens(access=pair.access, refresh=pair.refresh, access_token=pair.access).model_dump()


def token_state_data(token_type: str, expires_at: datetime | None) -> dict[str, Any]:
    return TokenState(token_type=token_type, expires_at=expires_at).model_dump(mode="json")


def me_data(actor: Actor) -> dict[str, Any]:
    """The actor with their profile: two queries."""
    membership = Membership.of(actor)
    user, tenant = membership.user, membership.tenant
    places = user.open_memberships().select_related("tenant").filter(tenant__is_active=True)
    return Me(
        id=user.pk,
        username=user.username,
        email=user.email,
        name=user.name,
        first_name=user.first_name,
        last_name=user.last_name,
        language=user.language or tenant.language,
        avatar_url=user.avatar_url,
        tenant_id=tenant.pk,
        tenant=TenantRef(id=tenant.pk, name=tenant.name, slug=tenant.slug),
        role=actor.role,
        permissions=permissions_of(actor),
        memberships=[
            MembershipRef(id=place.tenant_id, name=place.tenant.name, slug=place.tenant.slug, role=place.role)
            for place in places
        ],
    ).model_dump(mode="json")


def member_data(membership: Membership) -> dict[str, Any]:
    """A colleague; needs the membership's user."""
    return Member(**_member_fields(membership)).model_dump(mode="json")


def invitation_data(membership: Membership, token: str, url: str) -> dict[str, Any]:
    return Invitation(**_member_fields(membership), token=token, url=url).model_dump(mode="json")


def _member_fields(membership: Membership) -> dict[str, Any]:
    user, invited = membership.user, membership.joined_at is None
    return {
        "id": user.pk,
        "username": user.email if invited else user.username,
        "email": user.email,
        "name": user.email if invited else user.name,
        "avatar_url": "" if invited else user.avatar_url,
        "role": membership.role,
        "is_active": membership.is_active and user.is_active,
        "invited": invited,
        "inbox_ids": sorted(membership.inbox_ids),
    }


def key_data(key: ClientKey) -> dict[str, Any]:
    """A client key without its secret; needs its membership."""
    return Key(**_key_fields(key)).model_dump(mode="json")


def fresh_key_data(key: ClientKey, text: str) -> dict[str, Any]:
    return FreshKey(**_key_fields(key), key=text).model_dump(mode="json")


def _key_fields(key: ClientKey) -> dict[str, Any]:
    return {
        "id": key.pk,
        "name": key.name,
        "prefix": key.prefix,
        "user_id": key.membership.user_id,
        "role": key.effective_role,
        "scopes": key.scopes,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
    }


def session_data(session: AuthSession, actor: Actor) -> dict[str, Any]:
    return Session(
        id=session.pk,
        kind=session.kind,
        ip=session.ip,
        user_agent=session.user_agent,
        created_at=session.created_at,
        expires_at=session.expires_at,
        current=session.pk == actor.session_id,
    ).model_dump(mode="json")
