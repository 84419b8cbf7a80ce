"""From a name and a password to a membership: what the API, the dashboard's page and the admin's page share."""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext_noop as _

from accounts import throttle
from accounts.door import client_ip
from accounts.errors import AuthenticationFailed, Refused, TenantInactive, UnknownReference
from accounts.models import Membership, User
from accounts.passwords import ensure_hashable


class TenantRequired(Refused):
    """The password was right, so this person may read where they are a member."""

    code = "tenant_required"

    def __init__(self, memberships: list[Membership]) -> None:
        self.memberships = memberships
        slugs = ", ".join(membership.tenant.slug for membership in memberships)
        super().__init__(
            _("You belong to several companies; say which one: %(slugs)s."), {"slugs": slugs}, attr="tenant"
        )


def prove(request: HttpRequest, login: str, password: str) -> User:
    """Whose name and password these are. Knows no difference between a wrong password and an unknown account.

    Raises AuthenticationFailed, and RateLimited after too many of those. Call it outside a transaction: the hash
    takes its time.
    """
    ensure_hashable(password)
    attempt = throttle.begin(login, client_ip(request))
    user = authenticate(request, username=login, password=password)
    if not isinstance(user, User):
        raise AuthenticationFailed
    throttle.forgive(attempt)
    return user


def choose_membership(user: User, slug: str = "") -> Membership:
    """The user's place in the tenant `slug`, or in their only one.

    Raises TenantRequired, TenantInactive, UnknownReference for a tenant that is not theirs, and AuthenticationFailed
    for somebody who is a member nowhere.
    """
    memberships = list(user.open_memberships().select_related("tenant", "user"))
    if slug:
        memberships = [membership for membership in memberships if membership.tenant.slug == slug]
        if not memberships:
            raise UnknownReference("tenant")
    if not memberships:
        raise AuthenticationFailed
    active = [membership for membership in memberships if membership.tenant.is_active]
    if not active:
        raise TenantInactive
    if len(active) > 1:
        raise TenantRequired(active)
    return active[0]


def prove_again(request: HttpRequest, user: User, password: str, *, attr: str) -> None:
    """Raise Refused unless this is the password of `user`, who is here already. Tries count as they do for a login."""
    ensure_hashable(password, attr)
    try:
        proved = prove(request, user.username, password)
    except AuthenticationFailed:
        proved = None
    if proved != user:
        raise Refused(_("This is not your password."), attr=attr)
