"""What ends a member's rights, and how their sockets are closed then."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.hashers import make_password
from rest_framework.test import APIClient

from accounts import tokens
from accounts.actions import members, platform, profile, sessions
from accounts.credentials import resolve
from conversations import actions
from tests.trade import inbox_of
from tests.world import Person


def log_out(person: Person, credential: str) -> None:
    actor = resolve(credential)
    sessions.end_session(actor, actor.session_id or 0)


def reuse_a_refresh_token(person: Person, credential: str) -> None:
    session = person.membership.sessions.get(pk=resolve(credential).session_id or 0)
    old = tokens.mint(session).refresh
    for _ in range(2):
        APIClient().post("/api/v1/auth/token/refresh", {"refresh": old})


def change_password(person: Person, credential: str) -> None:
    profile.change_password(resolve(person.token()), make_password("outra-senha-9"))


def disable(person: Person, credential: str) -> None:
    platform.set_user_active(person.actor, person.user_id, active=False)


def suspend(person: Person, credential: str) -> None:
    platform.suspend_tenant(person.actor)


def promote(person: Person, credential: str) -> None:
    members.change_member(person.actor, person.user_id, role="supervisor")


def remove(person: Person, credential: str) -> None:
    members.remove_member(person.actor, person.user_id)


def restrict_an_inbox(person: Person, credential: str) -> None:
    inbox = inbox_of(person.membership.tenant)
    actions.update_inbox(person.actor, inbox.pk, restricted=True, user_ids=[person.user_id])


ENDS: dict[str, tuple[Callable[[Person, str], None], tuple[int, str]]] = {
    "47": (reuse_a_refresh_token, (4401, "SESSION_REVOKED")),
    "49": (log_out, (4401, "SESSION_REVOKED")),
    "50": (change_password, (4401, "SESSION_REVOKED")),
    "51": (disable, (4403, "USER_DISABLED")),
    "52 role": (promote, (4401, "SCOPE_CHANGED")),
    "52 inbox": (restrict_an_inbox, (4401, "SCOPE_CHANGED")),
    "52 removed": (remove, (4403, "FORBIDDEN")),
    "53": (suspend, (4403, "TENANT_INACTIVE")),
}
