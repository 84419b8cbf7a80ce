"""What a client may send, declared once: every frame in, typed, and the one way to read it.

A frame is flat, or has the same fields under `data`; a `request_id` comes back in the answer. What a frame holds
besides its fields is ignored: nobody sets a tenant, a role or a sender by sending one.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from accounts.errors import Refused
from realtime import strictjson

LARGEST_ID = 2**53 - 1
LONGEST_CONTENT = 16_384
MOST_STREAMS = 1_000
CODES = {
    "missing": "required",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "literal_error": "invalid_choice",
    "cursor": "bad_cursor",
}


def whole(value: Any) -> Any:
    """An id is a number, or the same as a string of digits; True is neither."""
    if isinstance(value, bool) or (isinstance(value, str) and not (value.isascii() and value.isdigit())):
        raise PydanticCustomError("id", "Give an id: a whole number.")
    return value


def cursor(value: Any) -> Any:
    """A cursor is a number that a stream can have."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_ID:
        raise PydanticCustomError("cursor", "A cursor is a whole number, zero or more.")
    return value


def text_of(value: Any) -> Any:
    """Content may also be `{"text": …, "preview_url": …}`, as REST's."""
    return value.get("text", "") if isinstance(value, dict) else value


Id = Annotated[int, BeforeValidator(whole), Field(gt=0, le=LARGEST_ID)]
Cursors = Annotated[dict[str, Annotated[int, BeforeValidator(cursor)]], Field(max_length=MOST_STREAMS)]
Content = Annotated[str, BeforeValidator(text_of), Field(max_length=LONGEST_CONTENT)]


class Command(BaseModel):
    """One frame in."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    # Whether anything but an answer to this very command follows from it: such a command gets an `ok` when asked.
    answered: ClassVar[bool] = False
    type: str
    request_id: str | int | None = None


class Auth(Command):
    """Show credentials: the first frame of a socket that opened without, or a renewal; may resume at once."""

    answered = True
    type: Literal["auth"]
    token: str = Field(max_length=8_192)
    epoch: str | None = Field(default=None, max_length=64)
    cursors: Cursors | None = None


class Resume(Command):
    """Send what lies between these cursors and now, then go on live."""

    answered = True
    type: Literal["resume"]
    epoch: str = Field(max_length=64)
    cursors: Cursors


class Ping(Command):
    """Are you there? Answered by `pong`."""

    answered = True
    type: Literal["ping"]


class SendMessage(Command):
    """Say something in a conversation; answered by `message_sent`."""

    answered = True
    type: Literal["message"]
    conversation_id: Id
    content: Content = ""
    message_type: str = Field(default="text", max_length=10)
    private: bool = False
    client_message_id: str = Field(default="", max_length=64)
    reply_to: Id | None = None
    attachments: list[Id] = Field(default_factory=list, max_length=15)


class SetTyping(Command):
    """I write, or stopped."""

    type: Literal["typing"]
    conversation_id: Id
    is_typing: bool
    private: bool = False


class Read(Command):
    """I have read everything up to this message, or all of it."""

    type: Literal["read"]
    conversation_id: Id
    message_id: Id | None = None


class Sync(Command):
    """What came after this message? Answered by `sync_data`."""

    answered = True
    type: Literal["sync"]
    conversation_id: Id
    last_message_id: Annotated[int, BeforeValidator(whole), Field(ge=0, le=LARGEST_ID)] = 0


class SetPresence(Command):
    """Be seen as this by colleagues: `online`, `away`, `busy` or `offline`."""

    type: Literal["presence"]
    status: Literal["online", "away", "busy", "offline"]


class Join(Command):
    """I have this conversation open; answered by `viewers`."""

    answered = True
    type: Literal["join"]
    conversation_id: Id


class Leave(Command):
    """I have closed this conversation's page."""

    type: Literal["leave"]
    conversation_id: Id


class React(Command):
    """React to a message; an empty reaction takes mine back."""

    type: Literal["react"]
    message_id: Id
    reaction: str = Field(max_length=64)


class Delete(Command):
    """Turn a message into a tombstone."""

    type: Literal["delete"]
    message_id: Id


class WidgetMessage(Command):
    """A visitor writes; answered by `message_sent`."""

    answered = True
    type: Literal["message"]
    content: Content = ""
    client_message_id: str = Field(default="", max_length=64)
    reply_to: Id | None = None
    attachments: list[Id] = Field(default_factory=list, max_length=15)


class WidgetTyping(Command):
    """A visitor writes, or stopped; `preview` is the unsent text."""

    type: Literal["typing"]
    is_typing: bool
    preview: str = Field(default="", max_length=LONGEST_CONTENT)


class WidgetRead(Command):
    """The visitor has seen everything up to this message."""

    type: Literal["read"]
    message_id: Id


class WidgetReceived(Command):
    """The widget has got everything up to this message, seen or not."""

    type: Literal["received"]
    message_id: Id


Table = dict[str, type[Command]]


def table(*commands: type[Command]) -> Table:
    """Commands by the word that a frame's `type` has for them."""
    # Each has a `Literal` of one word.
    return {command.model_fields["type"].annotation.__args__[0]: command for command in commands}  # type: ignore[union-attr]


CONNECTION = (Auth, Resume, Ping)
DASHBOARD = table(*CONNECTION, SendMessage, SetTyping, Read, Sync, SetPresence, Join, Leave, React, Delete)
WIDGET = table(*CONNECTION, WidgetMessage, WidgetTyping, WidgetRead, WidgetReceived, React)


def parsed(frame: str | bytes, known: Table) -> Command:
    """The command that a frame is.

    Raises Refused: bad_json, too_deep, bad_number, bad_text (it can't be read), bad_message (no object), unknown_type,
    and for its fields required, too_long, invalid_choice, bad_cursor or validation, with `attr`. A refusal that comes
    after the `request_id` was read carries it as `request_id`.
    """
    return command_of(flat(strictjson.decode_object(frame)), known)


def command_of(fields: dict[str, Any], known: Table) -> Command:
    """The command that these fields are; raises as `parsed` does."""
    kind = fields.get("type")
    if not isinstance(kind, str) or kind not in known:
        raise with_request(Refused(_("There is no such command."), code="unknown_type", attr="type"), fields)
    try:
        return known[kind].model_validate(fields)
    except ValidationError as error:
        raise with_request(refusal(error.errors(include_url=False, include_input=False)[0]), fields) from None


def flat(frame: dict[str, Any]) -> dict[str, Any]:
    """The frame's own fields over those of its `data`."""
    inner = frame.get("data")
    return {**inner, **frame} if isinstance(inner, dict) else frame


def refusal(problem: ErrorDetails) -> Refused:
    """What is wrong with the first field that is."""
    attr = ".".join(str(part) for part in problem["loc"] if isinstance(part, str)) or None
    return Refused(problem["msg"], code=CODES.get(problem["type"], "validation"), attr=attr)


def with_request(refused: Refused, fields: dict[str, Any]) -> Refused:
    """Let a refusal name the request that it answers."""
    asked = fields.get("request_id")
    if isinstance(asked, str | int) and not isinstance(asked, bool):
        refused.request_id = asked
    return refused
