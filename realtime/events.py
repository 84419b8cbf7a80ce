"""Everything that crosses the wire to a socket, declared once.

A class here is a frame: its fields are the frame's `data`, `kept` says whether the frame is numbered and can be
resumed, `audience` says in words who gets it (the README's table and the AsyncAPI document are made from these). The
stream that a frame goes to is chosen by whoever builds it, in a `Letter`. This module imports nothing of ours.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer


def iso(moment: datetime) -> str:
    """A time on the wire: ISO 8601 in UTC with `Z`, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


Moment = Annotated[datetime, PlainSerializer(iso, return_type=str)]


class Audience(StrEnum):
    """Who gets a frame, in the words of the contract."""

    CONVERSATION = "who may see the conversation"
    TENANT = "the tenant"
    DIRECTORY = "the tenant; of a restricted inbox, who may see it"
    SUPERVISORS = "supervisors and admins"
    RATED = "supervisors and admins, and the rated agent"
    ADMINS = "admins"
    ROOM = "who has joined the conversation"
    TYPING = "a customer's: who may see the conversation; a colleague's: the others who have joined it"
    ASKER = "the socket that asked"
    SENDER = "the sender's socket"
    EVERY_SOCKET = "every socket"
    CONTACT = "the contact's widget"
    SERVER = "the server itself, never a client"


class Event(BaseModel):
    """One frame. `kept` frames are numbered in their stream and can be resumed for as long as the log keeps them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kept: ClassVar[bool] = False
    audience: ClassVar[Audience]
    type: str

    def data(self) -> dict[str, Any]:
        """The frame's `data`: every field but `type`, ready for JSON."""
        return self.model_dump(mode="json", exclude={"type"})


class Letter(NamedTuple):
    """An event and the stream that it is addressed to."""

    stream: str
    event: Event


class ContactRef(BaseModel):
    """The contact as conversations and messages show it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int
    name: str
    phone: str
    avatar_url: str


class Person(BaseModel):
    """Who wrote a message, by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int | None
    name: str
    avatar_url: str = ""


class AttachmentData(BaseModel):
    """A file of a message; `url` answers with a link that expires. Sizes in bytes and pixels."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int
    name: str
    content_type: str
    size: int
    width: int | None
    height: int | None
    url: str


class ReactionData(BaseModel):
    """One person's reaction to a message; exactly one of the two ids is set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reaction: str
    user_id: int | None
    contact_id: int | None


class ReplyRef(BaseModel):
    """The message that is answered, as much of it as a quote shows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int
    content: str
    sender: str
    author: Person | None
    message_type: str


class MessageData(BaseModel):
    """A message: the one shape that REST, frames and snapshots share."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int
    conversation_id: int
    sender_type: Literal["contact", "agent", "bot", "system"]
    sender: Literal["customer", "agent", "bot", "system"]
    author: Person | None
    content: str
    message_type: str
    status: str
    error: str
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


class SatisfactionData(BaseModel):
    """The newest rating that a conversation got."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rating: int = Field(ge=1, le=5)
    feedback: str


# --- kept: numbered, resumable ---------------------------------------------------------------------------------------


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
    """A message's delivery moved on; `error` is the reason in words where it failed."""

    kept = True
    audience = Audience.CONVERSATION
    type: Literal["message_status"] = "message_status"
    message_id: int
    conversation_id: int
    status: str
    timestamp: Moment
    error: str


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


class Standing(BaseModel):
    """What counts are made of: a conversation's state and owner."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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


class AuditUser(BaseModel):
    """Who did it; null in the frame when the product or a customer did."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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
    """An inbox's connection to its provider changed: a phone's session, or an account that must be authorised again."""

    kept = True
    audience = Audience.SUPERVISORS
    type: Literal["session_status"] = "session_status"
    session_id: int
    status: Literal["connecting", "qr", "connected", "disconnected"]
    timestamp: Moment


# --- transient: sent to who is there, not kept -----------------------------------------------------------------------


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


# --- answers and the connection's own frames -------------------------------------------------------------------------


class Connected(Event):
    """The credentials were accepted; `cursors` tells where each stream stands, `heartbeat` is in seconds."""

    audience = Audience.ASKER
    type: Literal["connected"] = "connected"
    user_id: int | None
    contact_id: int | None = None
    tenant_id: int
    role: str
    timestamp: Moment
    epoch: str
    cursors: dict[str, int]
    heartbeat: int


class MessageSent(Event):
    """The socket's own `message` was stored."""

    audience = Audience.SENDER
    type: Literal["message_sent"] = "message_sent"
    message_id: int
    client_message_id: str
    conversation_id: int
    timestamp: Moment


class SyncData(Event):
    """The messages after the one that the asker named, oldest first."""

    audience = Audience.ASKER
    type: Literal["sync_data"] = "sync_data"
    conversation_id: int
    messages: list[MessageData]
    count: int


class Pong(Event):
    """The answer to `ping`."""

    audience = Audience.ASKER
    type: Literal["pong"] = "pong"
    timestamp: Moment
    cursors: dict[str, int]


class Heartbeat(Event):
    """Sent every 25 s; its cursors tell a client that it is behind."""

    audience = Audience.EVERY_SOCKET
    type: Literal["heartbeat"] = "heartbeat"
    timestamp: Moment
    cursors: dict[str, int]


class Resumed(Event):
    """All that was missed has been sent; from here on frames are live."""

    audience = Audience.ASKER
    type: Literal["resumed"] = "resumed"
    cursors: dict[str, int]


class Resync(Event):
    """These streams' cursors can't be served: fetch the snapshot. Live frames go on after `cursors`."""

    audience = Audience.ASKER
    type: Literal["resync"] = "resync"
    streams: list[str]
    epoch: str
    cursors: dict[str, int]


class AuthExpiring(Event):
    """The token ends soon: send `auth` with a new one."""

    audience = Audience.ASKER
    type: Literal["auth_expiring"] = "auth_expiring"
    expires_at: Moment


class Ok(Event):
    """A command with a `request_id` and no other answer was done."""

    audience = Audience.ASKER
    type: Literal["ok"] = "ok"


class Error(Event):
    """A command was refused, or the connection is about to be closed. `code` is REST's in capitals."""

    audience = Audience.ASKER
    type: Literal["error"] = "error"
    code: str
    error: str
    attr: str | None = None
    retry_after: float | None = None


# --- the widget's own words: public messages of one contact ----------------------------------------------------------


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


# --- control: kept, followed by the server for every socket, never sent to a client ----------------------------------


class RightsChanged(Event):
    """A member's rights changed or ended: the server closes the sockets that it names and nobody's else.

    `user_id`, `session_id` and `key_id` narrow it down; all null means every socket of the tenant. `close` is the close
    code, `code` the error code that goes before it.
    """

    kept = True
    audience = Audience.SERVER
    type: Literal["rights_changed"] = "rights_changed"
    reason: Literal["membership", "removed", "session_revoked", "user_disabled", "tenant_suspended", "key_revoked"]
    user_id: int | None = None
    session_id: int | None = None
    key_id: int | None = None
    close: Literal[4401, 4403]
    code: str
