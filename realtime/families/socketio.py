"""The Socket.IO family, `/socket.io/`: events with one object each, joined conversations only.

A frame here is the whole Engine.IO message `42["event",{…}]`: what a WebSocket carries, and what a poll brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NotRequired, TypedDict

from django.utils.translation import gettext_noop as _

from accounts.errors import Refused
from realtime import commands, events, wire
from realtime.commands import Auth, Command, Join, Leave, Ping, SetTyping
from realtime.families.base import Data, Family
from realtime.families.words import deed_of_typing, is_public
from realtime.strictjson import BadMessage

# Engine.IO's `message`, Socket.IO's `EVENT`, of the main namespace.
EVENT = b"42"
INPUTS = commands.table(Auth, Join, Leave, Ping, SetTyping)
# A client's event -> our command's fields, beside the one that the client gives.
SPOKEN: dict[str, Data] = {
    "join_conversation": {"type": "join"},
    "leave_conversation": {"type": "leave"},
    "typing_start": {"type": "typing", "is_typing": True},
    "typing_stop": {"type": "typing", "is_typing": False},
    "ping": {"type": "ping"},
    "auth": {"type": "auth"},
}
# The one field that an event's object has.
GIVEN = {"ping": None, "auth": "token"}


class Packet(TypedDict):
    """An event and its object."""

    event: str
    payload: Mapping[str, Any]


class Connected(TypedDict):
    message: str
    user_id: int | None


class Joined(TypedDict):
    conversation_id: int
    message: str


class Left(TypedDict):
    conversation_id: int


class Content(TypedDict):
    text: str
    preview_url: bool


# REST's message, but for its `content`; its keys are known at run time only.
Message = TypedDict("Message", {**dict.fromkeys(events.MessageData.model_fields, Any), "content": Content})  # type: ignore[misc]


class Status(TypedDict):
    message_id: int
    conversation_id: int
    status: str
    timestamp: str


class UserTyping(TypedDict):
    conversation_id: int
    user_id: int | None
    contact_id: int | None
    typing: bool


class Pong(TypedDict):
    timestamp: str


class Error(TypedDict):
    message: str
    code: str
    retry_after: NotRequired[float]


def packet(said: Mapping[str, Any]) -> bytes:
    """An event as it goes to a client."""
    return EVENT + wire.dumps([said["event"], said["payload"]])


SOCKETIO = Family("socketio", encode=packet)


# --- out -------------------------------------------------------------------------------------------------------------


@SOCKETIO.word(events.ChatMessage, Message, joined=True)
def message(frame: Data) -> Iterator[Packet]:
    message = frame["data"]["message"]
    if is_public(message):
        preview = message["metadata"].get("preview_url") is True
        content: Content = {"text": message["content"], "preview_url": preview}
        # A quote may be of a note.
        yield {"event": "message:new", "payload": {**message, "content": content, "quoted": None}}


@SOCKETIO.word(events.MessageStatus, Status, joined=True)
def status(frame: Data) -> Iterator[Packet]:
    data = frame["data"]
    payload: Status = {
        "message_id": data["message_id"],
        "conversation_id": data["conversation_id"],
        "status": data["status"],
        "timestamp": data["timestamp"],
    }
    yield {"event": "message:status", "payload": payload}


@SOCKETIO.word(events.Typing, UserTyping, joined=True, deed=deed_of_typing)
def typing(frame: Data) -> Iterator[Packet]:
    data = frame["data"]
    payload: UserTyping = {
        "conversation_id": data["conversation_id"],
        "user_id": data["user_id"],
        "contact_id": data["contact_id"],
        "typing": data["is_typing"],
    }
    yield {"event": "user_typing", "payload": payload}


@SOCKETIO.word(events.Connected, Connected)
def connected(frame: Data) -> Iterator[Packet]:
    payload: Connected = {"message": "Connected.", "user_id": frame["data"]["user_id"]}
    yield {"event": "connected", "payload": payload}


@SOCKETIO.word(events.Pong, Pong)
def pong(frame: Data) -> Iterator[Packet]:
    payload: Pong = {"timestamp": frame["data"]["timestamp"]}
    yield {"event": "pong", "payload": payload}


@SOCKETIO.word(events.Error, Error)
def error(frame: Data) -> Iterator[Packet]:
    data = frame["data"]
    payload: Error = {"message": data["error"], "code": data["code"]}
    if data["retry_after"] is not None:
        payload["retry_after"] = data["retry_after"]
    yield {"event": "error", "payload": payload}


def done(command: Command) -> Packet | None:
    """What tells the socket that its command was carried out, where nothing else does."""
    match command:
        case Join(conversation_id=number):
            joined: Joined = {"conversation_id": number, "message": f"Joined conversation {number}."}
            return {"event": "joined_conversation", "payload": joined}
        case Leave(conversation_id=number):
            left: Left = {"conversation_id": number}
            return {"event": "left_conversation", "payload": left}
    return None


# Each event's object, and those that answer a command of this family's: for the table of its words.
OBJECTS: dict[type, str] = {
    Connected: "connected",
    Joined: "joined_conversation",
    Left: "left_conversation",
    Message: "message:new",
    Status: "message:status",
    UserTyping: "user_typing",
    Pong: "pong",
    Error: "error",
}
ANSWERS: dict[type, str] = {Joined: "join_conversation", Left: "leave_conversation"}


# --- in --------------------------------------------------------------------------------------------------------------


def command(event: str, arguments: tuple[Any, ...]) -> Command:
    """The command that a client's event is. The object may be the bare id; more arguments are not looked at.

    Raises Refused: unknown_type, bad_message, and what a command's fields are refused with.
    """
    known = SPOKEN.get(event)
    if known is None:
        raise Refused(_("There is no such event."), code="unknown_type", attr="event")
    name = GIVEN.get(event, "conversation_id")
    return commands.command_of(known | (given(name, arguments) if name else {}), INPUTS)


def given(name: str, arguments: tuple[Any, ...]) -> Data:
    """The one field that counts."""
    first = arguments[0] if arguments else {}
    if isinstance(first, str | int) and not isinstance(first, bool):
        return {name: first}
    if not isinstance(first, dict):
        raise BadMessage(_("Send an object with `%(name)s`."), {"name": name})
    return {name: first[name]} if name in first else {}


def acknowledged(answer: Packet | None) -> Data:
    """The acknowledgement of a command that was carried out."""
    return {"ok": True, **(answer["payload"] if answer else {})}


def refused(refusal: Refused) -> Data:
    """The acknowledgement of one that was not; the same is said by an `error`."""
    return {"ok": False, "code": refusal.code.upper(), "message": refusal.detail}
