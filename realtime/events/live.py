"""What is true for a moment: sent to who is there, not kept."""

from __future__ import annotations

from typing import Literal

from realtime.events.base import Audience, Event, Moment


class DashboardMetrics(Event):
    """The live numbers. A number that is unknown is null, never an invented default; times in seconds, rates 0 to 1."""

    audience = Audience.TENANT
    type: Literal["dashboard_metrics"] = "dashboard_metrics"
    total_conversations: int
    open_conversations: int
    closed_conversations: int
    waiting_conversations: int
    snoozed_conversations: int
    unassigned_conversations: int
    average_satisfaction: float | None
    csat_score: float | None
    csat_response_rate: float | None
    resolution_rate: float | None
    response_time: float | None
    first_response_time: float | None
    agents_online: int
    computed_at: Moment


class UserStatus(Event):
    """A colleague came, went, or changed their availability."""

    audience = Audience.TENANT
    type: Literal["user_status"] = "user_status"
    user_id: int
    status: Literal["online", "away", "busy", "offline"]
    last_seen: Moment | None


class ContactStatus(Event):
    """A customer opened the first of their widgets, or closed the last one."""

    audience = Audience.TENANT
    type: Literal["contact_status"] = "contact_status"
    contact_id: int
    status: Literal["online", "offline"]


class ContactsOnline(Event):
    """Which customers have a widget open: follows `connected`, and takes the place of what was known before."""

    audience = Audience.ASKER
    type: Literal["contacts_online"] = "contacts_online"
    contact_ids: list[int]


class Typing(Event):
    """Somebody is writing. It expires by itself; `preview` is a customer's unsent text where the inbox shows it.

    Whoever writes is not told so, on none of their sockets.
    """

    audience = Audience.TYPING
    type: Literal["typing"] = "typing"
    conversation_id: int
    user_id: int | None
    contact_id: int | None
    is_typing: bool
    preview: str | None = None


class Viewers(Event):
    """Who has the conversation open now."""

    audience = Audience.ROOM
    type: Literal["viewers"] = "viewers"
    conversation_id: int
    user_ids: list[int]


class QrCode(Event):
    """A code to scan with the phone: a PNG as a data URL."""

    audience = Audience.ADMINS
    type: Literal["qr_code"] = "qr_code"
    session_id: int
    qr_code: str
    expires_at: Moment
    timestamp: Moment
