"""A message, and what becomes of it."""

from __future__ import annotations

from typing import Any, Literal

from realtime.events.base import Audience, Event, Moment, Shape
from realtime.events.contacts import ContactRef


class Person(Shape):
    """Who wrote a message, by name."""

    id: int | None
    name: str
    avatar_url: str = ""


class AttachmentData(Shape):
    """A file of a message; `url` answers with a link that expires. Sizes in bytes and pixels."""

    id: int
    name: str
    content_type: str
    size: int
    width: int | None
    height: int | None
    url: str


class ReactionData(Shape):
    """One person's reaction to a message; exactly one of the two ids is set."""

    reaction: str
    user_id: int | None
    contact_id: int | None


class ReplyRef(Shape):
    """The message that is answered, as much of it as a quote shows."""

    id: int
    content: str
    sender: str
    author: Person | None
    message_type: str


class FailureData(Shape):
    """Why a message failed, to be told in its reader's language: a code, the provider's own words, and what varies."""

    code: str
    detail: str
    values: dict[str, int]


class MessageData(Shape):
    """A message: the one shape that REST, frames and snapshots share."""

    id: int
    conversation_id: int
    sender_type: Literal["contact", "agent", "bot", "system"]
    sender: Literal["customer", "agent", "bot", "system"]
    author: Person | None
    content: str
    message_type: str
    status: str
    error: str
    failure: FailureData | None = None
    private: bool
    client_message_id: str
    reply_to: int | None
    quoted: ReplyRef | None
    attachments: list[AttachmentData]
    reactions: list[ReactionData]
    metadata: dict[str, Any]
    created_at: Moment
    timestamp: Moment
    deleted_at: Moment | None
    deleted_by: int | None


class ChatMessage(Event):
    """A message was written, by a customer, an agent or the product itself."""

    kept = True
    audience = Audience.CONVERSATION
    type: Literal["chat_message"] = "chat_message"
    conversation_id: int
    inbox_id: int
    contact: ContactRef
    message: MessageData


class MessageUpdated(Event):
    """A message is not what it was: the customer changed its words, or its file has come."""

    kept = True
    audience = Audience.CONVERSATION
    type: Literal["message_updated"] = "message_updated"
    conversation_id: int
    message: MessageData


class MessageStatus(Event):
    """A message's delivery moved on; `error` is the reason in words where it failed, `failure` the same by a code."""

    kept = True
    audience = Audience.CONVERSATION
    type: Literal["message_status"] = "message_status"
    message_id: int
    conversation_id: int
    status: str
    timestamp: Moment
    error: str
    failure: FailureData | None = None


class MessageReaction(Event):
    """Somebody reacted, or took the reaction back (`reaction` is empty). One of the two ids is null."""

    kept = True
    audience = Audience.CONVERSATION
    type: Literal["message_reaction"] = "message_reaction"
    message_id: int
    conversation_id: int
    reaction: str
    user_id: int | None
    contact_id: int | None


class MessageDeleted(Event):
    """A message became a tombstone; `deleted_by` is a user's id, or null for the contact."""

    kept = True
    audience = Audience.CONVERSATION
    type: Literal["message_deleted"] = "message_deleted"
    message_id: int
    conversation_id: int
    deleted_by: int | None
    deleted_at: Moment | None = None


class MessageRead(Event):
    """Everything up to and including `message_id` has been read by this person."""

    kept = True
    audience = Audience.CONVERSATION
    type: Literal["message_read"] = "message_read"
    conversation_id: int
    message_id: int
    user_id: int | None
    contact_id: int | None
    read_at: Moment
