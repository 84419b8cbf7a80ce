"""What a client hears of: one class for each kind of frame, to match by.

A kind that this package does not know yet, or that has lost a field, arrives as a plain `Event`: its
`type` and `data` tell.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from niochat_client.shapes import Contact, ContactRef, Conversation, Failure, Message, read

log = logging.getLogger("niochat_client")

Frame = Mapping[str, Any]
E = TypeVar("E", bound="type[Event]")
KNOWN: dict[str, type[Event]] = {}
# Frames whose `data` is the thing itself, by the field that holds it here.
WHOLE = {
    "conversation_updated": "conversation",
    "contact_created": "contact",
    "contact_updated": "contact",
}


def known(kind: str) -> Callable[[E], E]:
    """Have frames of this type read as this class."""

    def register(cls: E) -> E:
        KNOWN[kind] = cls
        return cls

    return register


@dataclass(frozen=True, kw_only=True)
class Event:
    """One frame. `stream` and `seq` are set on those that the server keeps."""

    raw: Frame = field(repr=False, compare=False)

    @property
    def type(self) -> str:
        return str(self.raw["type"])

    @property
    def data(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.raw["data"]
        return found

    @property
    def stream(self) -> str | None:
        return self.raw.get("stream")

    @property
    def seq(self) -> int | None:
        return self.raw.get("seq")


@known("chat_message")
@dataclass(frozen=True, kw_only=True)
class ChatMessage(Event):
    """A message was written, by a customer, an agent, a bot or the product itself."""

    conversation_id: int
    inbox_id: int
    contact: ContactRef
    message: Message


@known("message_updated")
@dataclass(frozen=True, kw_only=True)
class MessageUpdated(Event):
    """A message is not what it was: the customer changed its words, or its file has come."""

    conversation_id: int
    message: Message


@known("message_status")
@dataclass(frozen=True, kw_only=True)
class MessageStatus(Event):
    """A message's delivery moved on; `error` is the reason in words where it failed, `failure` the same by a code."""

    message_id: int
    conversation_id: int
    status: str
    timestamp: datetime
    error: str
    failure: Failure | None = None


@known("message_reaction")
@dataclass(frozen=True, kw_only=True)
class MessageReaction(Event):
    """Somebody reacted, or took the reaction back (it is empty then)."""

    message_id: int
    conversation_id: int
    reaction: str
    user_id: int | None
    contact_id: int | None


@known("message_deleted")
@dataclass(frozen=True, kw_only=True)
class MessageDeleted(Event):
    """A message became a tombstone."""

    message_id: int
    conversation_id: int
    deleted_by: int | None


@known("message_read")
@dataclass(frozen=True, kw_only=True)
class MessageRead(Event):
    """Everything up to and including `message_id` has been read by this person."""

    conversation_id: int
    message_id: int
    user_id: int | None
    contact_id: int | None
    read_at: datetime


@known("conversation_updated")
@dataclass(frozen=True, kw_only=True)
class ConversationUpdated(Event):
    """A conversation as it stands now; also when it is new, before its first message."""

    conversation: Conversation


@known("contact_created")
@dataclass(frozen=True, kw_only=True)
class ContactCreated(Event):
    """A customer was seen for the first time."""

    contact: Contact


@known("contact_updated")
@dataclass(frozen=True, kw_only=True)
class ContactUpdated(Event):
    """A customer's name, photo or way to be reached changed."""

    contact: Contact


@known("directory_updated")
@dataclass(frozen=True, kw_only=True)
class DirectoryUpdated(Event):
    """An inbox, a team, a label or a colleague (`kind`: user) is new, was changed, or is gone (`item` is None)."""

    kind: str
    id: int
    item: dict[str, Any] | None


@known("csat_update")
@dataclass(frozen=True, kw_only=True)
class CsatUpdate(Event):
    """A customer answered a survey, or changed the answer: 1 (worst) to 5 (best)."""

    conversation_id: int
    rating: int
    feedback: str
    contact_name: str
    timestamp: datetime
    agent_id: int | None


@known("audit_log")
@dataclass(frozen=True, kw_only=True)
class AuditLog(Event):
    """A record was written in the book; only supervisors and admins hear of it."""

    id: int
    action: str
    details: dict[str, Any]
    user: dict[str, Any] | None
    timestamp: datetime


@known("session_status")
@dataclass(frozen=True, kw_only=True)
class SessionStatus(Event):
    """A phone session of a QR inbox changed; `session_id` is the inbox, `reason` is `unscanned` or empty."""

    session_id: int
    status: str
    timestamp: datetime
    reason: str = ""


@known("dashboard_metrics")
@dataclass(frozen=True, kw_only=True)
class DashboardMetrics(Event):
    """The live numbers; one that is unknown is None. More of them are in `data`."""

    total_conversations: int
    open_conversations: int
    closed_conversations: int
    average_satisfaction: float | None
    resolution_rate: float | None
    response_time: float | None


@known("user_status")
@dataclass(frozen=True, kw_only=True)
class UserStatus(Event):
    """A colleague came, went, or is busy."""

    user_id: int
    status: str
    last_seen: datetime | None


@known("contact_status")
@dataclass(frozen=True, kw_only=True)
class ContactStatus(Event):
    """A customer opened a widget, or closed the last one: `online` or `offline`."""

    contact_id: int
    status: str


@known("contacts_online")
@dataclass(frozen=True, kw_only=True)
class ContactsOnline(Event):
    """Which customers have a widget open; told after each connection, in the place of what was known before."""

    contact_ids: list[int]


@known("typing")
@dataclass(frozen=True, kw_only=True)
class Typing(Event):
    """Somebody is writing, or stopped. Of colleagues you hear in conversations that you have joined."""

    conversation_id: int
    user_id: int | None
    contact_id: int | None
    is_typing: bool
    preview: str | None = None


@known("viewers")
@dataclass(frozen=True, kw_only=True)
class Viewers(Event):
    """Who has a conversation open that you have joined."""

    conversation_id: int
    user_ids: list[int]


@known("qr_code")
@dataclass(frozen=True, kw_only=True)
class QrCode(Event):
    """A code to scan with the phone, a PNG as a data URL; admins only."""

    session_id: int
    qr_code: str
    expires_at: datetime
    timestamp: datetime


@dataclass(frozen=True, kw_only=True)
class Snapshot(Event):
    """Not a frame: what was missed can't be had any more, so here is the state itself. Replace yours by `data`.

    `data` is that of `GET /api/v1/snapshot`; `conversations` is its first page of them. What follows continues it.
    """

    conversations: list[Conversation]


def event_of(frame: Frame) -> Event:
    """The event that a frame is."""
    cls = KNOWN.get(frame["type"])
    if cls is None:
        return Event(raw=frame)
    data, whole = frame["data"], WHOLE.get(frame["type"])
    try:
        return read(cls, {whole: data} if whole else data, raw=frame)
    except (KeyError, TypeError, ValueError) as odd:
        log.warning("a frame %s is not what was expected: %r", frame["type"], odd)
        return Event(raw=frame)


def snapshot_of(data: Mapping[str, Any]) -> Snapshot:
    """The local event that stands for a snapshot."""
    raw = {"type": "snapshot", "data": data}
    return Snapshot(raw=raw, conversations=[read(Conversation, row) for row in data["conversations"]])
