"""A conversation as it stands now."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from realtime.events.base import Audience, Event, Moment, Shape
from realtime.events.contacts import ContactRef


class SatisfactionData(Shape):
    """The newest rating that a conversation got."""

    rating: int = Field(ge=1, le=5)
    feedback: str


class Standing(Shape):
    """What counts are made of: a conversation's state and owner."""

    status: str
    assignee_id: int | None


class ConversationEvent(Event):
    """The conversation as REST shows it."""

    kept = True
    audience = Audience.CONVERSATION
    id: int
    tenant_id: int
    contact_id: int
    inbox_id: int
    channel: str
    assignee_id: int | None
    team_id: int | None
    status: Literal["waiting", "assigned", "active", "snoozed", "closed"]
    priority: Literal["low", "normal", "high", "urgent"]
    labels: list[str]
    unread_count: int
    last_message: str
    last_message_id: int | None
    last_message_sender: str
    last_message_type: str
    last_message_private: bool
    last_message_time: Moment | None
    waiting_since: Moment | None
    window_until: Moment | None
    snoozed_until: Moment | None
    created_at: Moment
    closed_at: Moment | None
    contact: ContactRef
    csat: SatisfactionData | None


class ConversationUpdated(ConversationEvent):
    """The conversation as REST shows it now; also sent when it is created, before its first message.

    `previous` is how it stood at the frame before (null: it is new), so that whoever counts conversations counts right
    without knowing them all.
    """

    type: Literal["conversation_updated"] = "conversation_updated"
    previous: Standing | None
