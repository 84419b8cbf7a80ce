"""The customers."""

from __future__ import annotations

from typing import Any, Literal

from realtime.events.base import Audience, Event, Moment, Shape


class ContactRef(Shape):
    """The contact as conversations and messages show it."""

    id: int
    name: str
    phone: str
    avatar_url: str


class ContactEvent(Event):
    """A contact as REST shows it."""

    kept = True
    audience = Audience.TENANT
    id: int
    tenant_id: int
    name: str
    phone: str
    email: str
    avatar_url: str
    identifier: str
    verified: bool
    metadata: dict[str, Any]
    created_at: Moment
    last_seen_at: Moment | None


class ContactCreated(ContactEvent):
    """A customer was seen for the first time."""

    type: Literal["contact_created"] = "contact_created"


class ContactUpdated(ContactEvent):
    """A customer's name, photo or way to be reached changed."""

    type: Literal["contact_updated"] = "contact_updated"
