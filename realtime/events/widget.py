"""The widget's own words: what one contact may know."""

from __future__ import annotations

from typing import Literal

from realtime.events.base import Audience, Event, Moment
from realtime.events.messages import MessageData, Person


class WidgetMessage(Event):
    """A public message of the contact's conversation, without a colleague's data."""

    kept = True
    audience = Audience.CONTACT
    type: Literal["chat_message"] = "chat_message"
    conversation_id: int
    message: MessageData


class WidgetConversation(Event):
    """The contact's conversation changed its state."""

    kept = True
    audience = Audience.CONTACT
    type: Literal["conversation_updated"] = "conversation_updated"
    conversation_id: int
    status: str


class WidgetSurvey(Event):
    """How was it? The token opens the survey of this conversation."""

    kept = True
    audience = Audience.CONTACT
    type: Literal["survey"] = "survey"
    conversation_id: int
    token: str
    url: str


class WidgetRead(Event):
    """Somebody of the team has read everything up to this message."""

    kept = True
    audience = Audience.CONTACT
    type: Literal["message_read"] = "message_read"
    conversation_id: int
    message_id: int
    read_at: Moment


class WidgetReaction(Event):
    """A reaction to a public message; `by` is the side that reacted."""

    kept = True
    audience = Audience.CONTACT
    type: Literal["message_reaction"] = "message_reaction"
    message_id: int
    conversation_id: int
    reaction: str
    by: Literal["customer", "agent"]


class WidgetDeleted(Event):
    """A public message became a tombstone."""

    kept = True
    audience = Audience.CONTACT
    type: Literal["message_deleted"] = "message_deleted"
    message_id: int
    conversation_id: int
    deleted_at: Moment | None = None


class WidgetTyping(Event):
    """An agent is writing to this contact."""

    audience = Audience.CONTACT
    type: Literal["typing"] = "typing"
    conversation_id: int
    is_typing: bool
    agent: Person


class AgentStatus(Event):
    """Whether anybody of the team is there to answer."""

    audience = Audience.CONTACT
    type: Literal["agent_status"] = "agent_status"
    online: bool
    agents: list[Person]
