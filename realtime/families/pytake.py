"""The PyTake family, `/api/v1/conversations/ws`: every visible conversation; ids and things are as in REST."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypedDict

from realtime import commands, events
from realtime.families.base import Data, Family
from realtime.families.words import Auth, is_public, modest, now, without_cursors

INPUTS = commands.table(Auth, commands.Ping)
# A quote may be of a note.
NOT_IN_A_MESSAGE = frozenset({"quoted"})
NOT_IN_A_CONVERSATION = frozenset({"previous"})

PYTAKE = Family("pytake", without_cursors)


class About(TypedDict):
    """What each frame has; `conversation_id` is null where it is about none."""

    timestamp: str
    conversation_id: int | None


class MessageData(TypedDict):
    """Of REST's message, what the family's clients read; there is more."""

    id: int
    conversation_id: int
    sender_type: str
    content: str
    message_type: str
    status: str
    created_at: str


class MessageReceived(About):
    type: Literal["message_received"]
    event: Literal["message_received"]
    data: MessageData


class MessageSent(About):
    type: Literal["message_sent"]
    event: Literal["message_sent"]
    data: MessageData


class StatusData(TypedDict):
    message_id: int
    status: str
    conversation_id: int


class MessageStatusUpdated(About):
    type: Literal["message_status_updated"]
    event: Literal["message_status_updated"]
    data: StatusData


class ContactData(TypedDict):
    id: int
    name: str
    phone: str


class ConversationData(TypedDict):
    """Of REST's conversation, what the family's clients read; there is more."""

    id: int
    tenant_id: int
    contact_id: int
    status: Literal["active", "waiting", "assigned", "closed"]
    unread_count: int
    last_message: str
    last_message_time: str | None
    contact: ContactData


class ConversationUpdated(About):
    type: Literal["conversation_updated"]
    event: Literal["conversation_updated"]
    data: ConversationData


class TypingData(TypedDict):
    conversation_id: int
    contact_id: int


class TypingStart(About):
    type: Literal["typing_start"]
    event: Literal["typing_start"]
    data: TypingData


class TypingStop(About):
    type: Literal["typing_stop"]
    event: Literal["typing_stop"]
    data: TypingData


class Pong(About):
    type: Literal["pong"]
    event: Literal["pong"]
    data: dict[str, Any]


class ErrorData(TypedDict):
    code: str
    error: str


class Error(About):
    type: Literal["error"]
    event: Literal["error"]
    data: ErrorData


def frame_of(event: str, data: Any, timestamp: str, conversation_id: int | None) -> dict[str, Any]:
    return {
        "type": event,
        "event": event,
        "data": data,
        "timestamp": timestamp,
        "conversation_id": conversation_id,
    }


@PYTAKE.word(events.ChatMessage, MessageReceived, MessageSent)
def message(frame: Data) -> Iterator[dict[str, Any]]:
    said = frame["data"]["message"]
    if is_public(said):
        event = "message_received" if said["sender_type"] == "contact" else "message_sent"
        data = {name: value for name, value in said.items() if name not in NOT_IN_A_MESSAGE}
        yield frame_of(event, data, said["timestamp"], said["conversation_id"])


@PYTAKE.word(events.MessageStatus, MessageStatusUpdated)
def message_status(frame: Data) -> Iterator[dict[str, Any]]:
    ours = frame["data"]
    data: StatusData = {
        "message_id": ours["message_id"],
        "status": ours["status"],
        "conversation_id": ours["conversation_id"],
    }
    yield frame_of("message_status_updated", data, ours["timestamp"], ours["conversation_id"])


@PYTAKE.word(events.ConversationUpdated, ConversationUpdated)
def conversation(frame: Data) -> Iterator[dict[str, Any]]:
    ours = frame["data"]
    data = {name: value for name, value in ours.items() if name not in NOT_IN_A_CONVERSATION}
    data["status"] = modest(ours["status"])
    if ours["last_message_private"]:
        data["last_message"] = ""
    yield frame_of("conversation_updated", data, now(), ours["id"])


@PYTAKE.word(events.Typing, TypingStart, TypingStop)
def typing(frame: Data) -> Iterator[dict[str, Any]]:
    """The customer's only: a colleague's has no word here."""
    ours = frame["data"]
    if ours["contact_id"] is not None:
        data: TypingData = {"conversation_id": ours["conversation_id"], "contact_id": ours["contact_id"]}
        event = "typing_start" if ours["is_typing"] else "typing_stop"
        yield frame_of(event, data, now(), ours["conversation_id"])


@PYTAKE.word(events.Pong, Pong)
def pong(frame: Data) -> Iterator[dict[str, Any]]:
    yield frame_of("pong", {}, frame["data"]["timestamp"], None)


@PYTAKE.word(events.Error, Error)
def error(frame: Data) -> Iterator[dict[str, Any]]:
    data: ErrorData = {"code": frame["data"]["code"], "error": frame["data"]["error"]}
    yield frame_of("error", data, now(), None)
