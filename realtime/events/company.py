"""What a company hears of itself: its inboxes, teams and colleagues, its ratings, its records."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from realtime.events.base import Audience, Event, Moment, Shape


class DirectoryUpdated(Event):
    """An inbox, a team, a label or a colleague is new, was changed, or is gone (`item` is null).

    `item` is the thing as the snapshot lists it; of a colleague without their presence, which `user_status` tells, but
    for `last_seen`, for those who did not know them.
    """

    kept = True
    audience = Audience.DIRECTORY
    type: Literal["directory_updated"] = "directory_updated"
    kind: Literal["inbox", "team", "label", "user"]
    id: int
    item: dict[str, Any] | None


class CsatUpdate(Event):
    """A customer answered a survey, or changed the answer. `rating` is 1 (worst) to 5 (best)."""

    kept = True
    audience = Audience.RATED
    type: Literal["csat_update"] = "csat_update"
    conversation_id: int
    survey_id: int
    rating: int = Field(ge=1, le=5)
    feedback: str
    contact_name: str
    timestamp: Moment
    agent_id: int | None


class AuditUser(Shape):
    """Who did it; null in the frame when the product or a customer did."""

    id: int
    username: str


class AuditLog(Event):
    """A record was written in the book; `action` is a verb in the past."""

    kept = True
    audience = Audience.SUPERVISORS
    type: Literal["audit_log"] = "audit_log"
    id: int
    action: str
    details: dict[str, Any]
    user: AuditUser | None
    timestamp: Moment


class SessionStatus(Event):
    """An inbox's connection to its provider changed: a phone's session, or an account that must be authorised again.

    `reason` is `unscanned` where a session ended because nobody scanned its codes, else empty.
    """

    kept = True
    audience = Audience.SUPERVISORS
    type: Literal["session_status"] = "session_status"
    session_id: int
    status: Literal["connecting", "qr", "connected", "disconnected"]
    timestamp: Moment
    reason: Literal["", "unscanned"] = ""
