"""May this role do this? One table, read like a specification; whatever is not in it is denied."""

from __future__ import annotations

from accounts.actor import Actor, Role
from accounts.errors import Forbidden

AGENTS = frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMIN})
SUPERVISORS = frozenset({Role.SUPERVISOR, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})
CONTACTS = frozenset({Role.CONTACT})

GRANTS: dict[str, frozenset[Role]] = {
    # the day's work
    "conversation.read": AGENTS,
    "conversation.create": AGENTS,
    "conversation.reply": AGENTS,
    "conversation.update": AGENTS,
    "conversation.assign": AGENTS,
    "conversation.take_over": SUPERVISORS,
    "conversation.transfer": AGENTS,
    "message.delete": AGENTS,
    "message.delete_any": SUPERVISORS,
    "message.react": AGENTS,
    "contact.read": AGENTS,
    "contact.write": AGENTS,
    "survey.send": AGENTS,
    "csat.read": AGENTS,
    "metrics.read": AGENTS,
    "snapshot.read": AGENTS,
    "session.own": AGENTS,
    # the house
    "inbox.read": AGENTS,
    "inbox.manage": ADMINS,
    "team.read": AGENTS,
    "team.manage": SUPERVISORS,
    "label.read": AGENTS,
    "label.manage": SUPERVISORS,
    "user.read": AGENTS,
    "user.manage": ADMINS,
    "key.manage": ADMINS,
    "tenant.manage": ADMINS,
    # looking over shoulders
    "audit.read": SUPERVISORS,
    "audit.export": SUPERVISORS,
    "csat.read_all": SUPERVISORS,
    "realtime.stats": SUPERVISORS,
    "jobs.read": ADMINS,
    "jobs.replay": ADMINS,
    # the other side of the counter
    "widget.chat": CONTACTS,
}


def allowed(actor: Actor, permission: str) -> bool:
    """Whether the actor's role, and its client key's scopes where it came by one, grant `permission`.

    Raises KeyError for a permission that the table does not have: a typo must not read as "denied".
    """
    roles = GRANTS[permission]
    if actor.role is Role.SYSTEM:
        return True
    return actor.role in roles and (actor.scopes is None or permission in actor.scopes)


def require(actor: Actor, permission: str) -> None:
    """Raise Forbidden unless the actor may do it."""
    if not allowed(actor, permission):
        raise Forbidden


def permissions_of(actor: Actor) -> list[str]:
    """Every permission that the actor has, sorted: what `GET auth/me` shows."""
    return sorted(permission for permission in GRANTS if allowed(actor, permission))
