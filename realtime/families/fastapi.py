"""The FastAPI family, `/ws?token=`: flat frames, ids as strings, joined conversations only."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, Literal, TypedDict

from realtime import commands, events
from realtime.commands import Ping, SetPresence
from realtime.families.base import Data, Family
from realtime.families.words import Auth, deed_of_typing, is_public, now, text_id

ROLES: dict[str, Literal["user", "agent", "assistant"]] = {"contact": "user", "agent": "agent", "bot": "assistant"}
STATUSES: dict[str, Literal["online", "away", "offline"]] = {"online": "online", "away": "away", "busy": "away"}
# What a client of this family knows as one thing: this token won't do.
BAD_TOKEN = frozenset({"TOKEN_INVALID", "TOKEN_EXPIRED", "SESSION_REVOKED"})
INVALID_TOKEN = "Invalid token"  # noqa: S105 - the text of an error
# What this family's frames hold; more of ours (a note, files) would make what it can't be shown.
FIELDS = {
    "message": {"conversation_id", "content", "client_message_id"},
    "typing": {"conversation_id", "is_typing"},
    "sync": {"conversation_id", "last_message_id"},
    "auth": {"token", "user_id", "userId", "companyId"},
}

INPUTS = commands.table(
    Auth,
    Ping,
    commands.SendMessage,
    commands.SetTyping,
    commands.Read,
    commands.Sync,
    SetPresence,
    commands.Join,
    commands.Leave,
)


def fields_of(fields: Data) -> Data:
    """Only the fields that the family has; a `last_message_id` that can't be one of ours is an unknown one."""
    kind = fields.get("type")
    known = FIELDS.get(kind) if isinstance(kind, str) else None
    if known is not None:
        fields = {name: value for name, value in fields.items() if name in {*known, "type", "request_id"}}
    if kind == "sync" and not is_id(fields.get("last_message_id")):
        fields["last_message_id"] = 0
    return fields


def is_id(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.isdigit() and int(value[:20]) <= commands.LARGEST_ID
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= commands.LARGEST_ID


FASTAPI = Family("fastapi", fields_of)


class MessageBody(TypedDict):
    id: str
    conversation_id: str
    user_id: str | None
    content: str
    role: Literal["user", "agent", "assistant"]
    created_at: str


class Message(TypedDict):
    type: Literal["message"]
    message: MessageBody


class Typing(TypedDict):
    type: Literal["typing"]
    user_id: str | None
    conversation_id: str
    is_typing: bool


class Read(TypedDict):
    type: Literal["read"]
    user_id: str | None
    conversation_id: str
    message_id: str
    read_at: str


class Presence(TypedDict):
    type: Literal["presence"]
    user_id: str
    status: Literal["online", "away", "offline"]
    timestamp: str


class Connected(TypedDict):
    type: Literal["connected"]
    user_id: str | None
    timestamp: str


class MessageSent(TypedDict):
    type: Literal["message_sent"]
    message_id: str
    timestamp: str


class SyncData(TypedDict):
    type: Literal["sync_data"]
    conversation_id: str
    messages: list[MessageBody]
    count: int


class Pong(TypedDict):
    type: Literal["pong"]
    timestamp: str


class Error(TypedDict):
    type: Literal["error"]
    error: str
    code: str


def message_deed(user_id: int | None, conversation_id: int, client_message_id: str) -> Hashable:
    """A message that somebody of the team sends."""
    return "message", user_id, conversation_id, client_message_id


def deed_of_message(data: Data) -> Hashable:
    message = data["message"]
    return message_deed(author_id(message), data["conversation_id"], message["client_message_id"])


def author_id(message: Data) -> int | None:
    """The colleague who wrote a message; null for a contact and a bot."""
    author = message["author"]
    return author["id"] if author and message["sender_type"] == "agent" else None


def body(message: Data) -> MessageBody:
    return {
        "id": str(message["id"]),
        "conversation_id": str(message["conversation_id"]),
        "user_id": text_id(author_id(message)),
        "content": message["content"],
        "role": ROLES[message["sender_type"]],
        "created_at": message["created_at"],
    }


@FASTAPI.word(events.ChatMessage, Message, joined=True, deed=deed_of_message)
def message(frame: Data) -> Iterator[Message]:
    if is_public(frame["data"]["message"]):
        yield {"type": "message", "message": body(frame["data"]["message"])}


@FASTAPI.word(events.Typing, Typing, joined=True, deed=deed_of_typing)
def typing(frame: Data) -> Iterator[Typing]:
    data = frame["data"]
    yield {
        "type": "typing",
        "user_id": text_id(data["user_id"]),
        "conversation_id": str(data["conversation_id"]),
        "is_typing": data["is_typing"],
    }


@FASTAPI.word(events.MessageRead, Read, joined=True)
def read(frame: Data) -> Iterator[Read]:
    data = frame["data"]
    yield {
        "type": "read",
        "user_id": text_id(data["user_id"]),
        "conversation_id": str(data["conversation_id"]),
        "message_id": str(data["message_id"]),
        "read_at": data["read_at"],
    }


@FASTAPI.word(events.UserStatus, Presence)
def presence(frame: Data) -> Iterator[Presence]:
    data = frame["data"]
    status = STATUSES.get(data["status"], "offline")
    yield {"type": "presence", "user_id": str(data["user_id"]), "status": status, "timestamp": now()}


@FASTAPI.word(events.Connected, Connected)
def connected(frame: Data) -> Iterator[Connected]:
    data = frame["data"]
    yield {"type": "connected", "user_id": text_id(data["user_id"]), "timestamp": data["timestamp"]}


@FASTAPI.word(events.MessageSent, MessageSent)
def message_sent(frame: Data) -> Iterator[MessageSent]:
    data = frame["data"]
    yield {"type": "message_sent", "message_id": str(data["message_id"]), "timestamp": data["timestamp"]}


@FASTAPI.word(events.SyncData, SyncData)
def sync_data(frame: Data) -> Iterator[SyncData]:
    data = frame["data"]
    bodies = [body(message) for message in data["messages"] if is_public(message)]
    conversation_id = str(data["conversation_id"])
    yield {"type": "sync_data", "conversation_id": conversation_id, "messages": bodies, "count": len(bodies)}


@FASTAPI.word(events.Pong, Pong)
def pong(frame: Data) -> Iterator[Pong]:
    yield {"type": "pong", "timestamp": frame["data"]["timestamp"]}


@FASTAPI.word(events.Error, Error)
def error(frame: Data) -> Iterator[Error]:
    data = frame["data"]
    text = INVALID_TOKEN if data["code"] in BAD_TOKEN else data["error"]
    yield {"type": "error", "error": text, "code": data["code"]}
