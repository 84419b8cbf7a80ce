"""Who is acting: the one value that every action, query and stream list starts from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody is inside one tenant. The last two are never members: a customer, and the product itself."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    CONTACT = "contact"
    SYSTEM = "system"


class Origin(StrEnum):
    """The door that somebody came through; it stands in every audit record."""

    API = "api"
    DASHBOARD = "dashboard"
    SOCKET = "socket"
    WIDGET = "widget"
    WEBHOOK = "webhook"
    SURVEY = "survey"
    ADMIN = "admin"
    JOB = "job"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One person (or the product itself) inside one tenant, with what they may see there.

    Built only by `accounts.authentication` from a credential, by the widget's token for a contact, and by
    `Actor.system` for work that nobody asked for. Nothing in it comes from a client's own words.
    """

    tenant_id: int
    role: Role
    origin: Origin
    user_id: int | None = None
    contact_id: int | None = None
    # The inbox on whose widget a customer is: they see nothing of others there.
    inbox_id: int | None = None
    # What colleagues and customers read; and the login name, which the audit keeps.
    name: str = ""
    avatar_url: str = ""
    username: str = ""
    membership_id: int | None = None
    session_id: int | None = None
    key_id: int | None = None
    ip: str = ""
    visitor_key: str = ""
    # Restricted inboxes are listed by id twice, so that neither a query nor a stream list needs a join.
    hidden_inboxes: frozenset[int] = frozenset()
    restricted_inboxes: frozenset[int] = frozenset()
    scopes: frozenset[str] | None = None
    expires_at: datetime | None = field(default=None, compare=False)

    @classmethod
    def system(cls, tenant_id: int, origin: Origin = Origin.JOB) -> Actor:
        """The product itself, at work inside one tenant."""
        return cls(tenant_id=tenant_id, role=Role.SYSTEM, origin=origin, name="system")

    @classmethod
    def contact(
        cls,
        tenant_id: int,
        contact_id: int,
        *,
        inbox_id: int | None = None,
        name: str = "",
        origin: Origin = Origin.WIDGET,
    ) -> Actor:
        """A customer: sees their own conversations and nothing else, on an inbox's widget only those of the inbox."""
        return cls(
            tenant_id=tenant_id,
            role=Role.CONTACT,
            origin=origin,
            contact_id=contact_id,
            inbox_id=inbox_id,
            name=name,
        )

    @property
    def key(self) -> str:
        """The sender key of the idempotency constraints: `u12`, `c91` or `system`; never empty.

        A visitor who has not written yet is nobody's contact: they have a key of their own.
        """
        if self.user_id is not None:
            return f"u{self.user_id}"
        if self.contact_id is not None:
            return f"c{self.contact_id}"
        return self.visitor_key if self.role is Role.CONTACT else "system"

    @property
    def is_member(self) -> bool:
        return self.role in (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)

    @property
    def oversees(self) -> bool:
        """True for those who watch over other people's work: supervisors, admins and the product itself."""
        return self.role in (Role.SUPERVISOR, Role.ADMIN, Role.SYSTEM)
