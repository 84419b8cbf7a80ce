"""Who sits at the back office: a company's admin, for the companies they are admin of, or the platform's own staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.actor import Actor, Origin, Role
from accounts.authentication import resolve_session
from accounts.credentials import DASHBOARD_SESSION, actor_for
from accounts.door import client_ip
from accounts.errors import Forbidden, Refused
from accounts.models import Membership, Tenant, User

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Desk:
    """A person at the back office. `memberships` are their places as an admin, by tenant; staff sees all tenants."""

    user: User
    memberships: Mapping[int, Membership]
    session_id: int | None
    ip: str

    @property
    def is_staff(self) -> bool:
        return self.user.is_superuser

    @property
    def has_several_tenants(self) -> bool:
        return self.is_staff or len(self.memberships) > 1

    def within(self, rows: QuerySet[M, M], path: str) -> QuerySet[M, M]:
        """The rows of this desk's tenants; `path` leads from a row to its tenant, empty where it has none."""
        if self.is_staff:
            return rows
        return rows.filter(**{f"{path}__in": list(self.memberships)}) if path else rows.none()

    def tenants(self) -> QuerySet[Tenant, Tenant]:
        return self.within(Tenant._default_manager.order_by("name"), "pk")

    def people(self, users: QuerySet[User, User]) -> QuerySet[User, User]:
        """Those of the users who work in this desk's tenants."""
        if self.is_staff:
            return users
        places = Membership._default_manager.filter(tenant__in=list(self.memberships), removed_at=None)
        return users.filter(pk__in=places.values("user_id"))

    def actor(self, tenant_id: int | None) -> Actor:
        """This person as an actor in a tenant of theirs; staff is the platform in anybody else's."""
        place = self.memberships.get(tenant_id or 0)
        if place is None:
            return self.platform(tenant_id)
        return actor_for(place, origin=Origin.ADMIN, ip=self.ip, session_id=self.session_id)

    def platform(self, tenant_id: int | None) -> Actor:
        """The platform at work in a tenant, or above all of them (0), with the name of whoever works for it."""
        if not self.is_staff:
            raise Forbidden
        system = Actor.system(tenant_id or 0, Origin.ADMIN)
        user = self.user
        return replace(
            system, user_id=user.pk, name=user.name, username=user.username, ip=self.ip, session_id=self.session_id
        )


def desk_of(request: HttpRequest) -> Desk | None:
    """Who sits there, or None for somebody who has no business there. Looked up once a request."""
    if "desk" not in vars(request):
        vars(request)["desk"] = _seat(request)
    found: Desk | None = vars(request)["desk"]
    return found


def _seat(request: HttpRequest) -> Desk | None:
    """A superuser may have come without a membership; everybody else by a session that may be ended at any time."""
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return None
    session_id = None
    if DASHBOARD_SESSION in request.session:
        try:
            session_id = resolve_session(request.session).session_id
        except Refused:
            return None
    elif not user.is_superuser:
        return None
    places = user.open_memberships().filter(role=Role.ADMIN, tenant__is_active=True).select_related("tenant", "user")
    desk = Desk(user, {place.tenant_id: place for place in places}, session_id, client_ip(request))
    return desk if desk.is_staff or desk.memberships else None
