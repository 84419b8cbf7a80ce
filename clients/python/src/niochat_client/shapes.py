"""The things that frames and REST answers are made of, and how they are read from JSON.

A key that a newer server adds is ignored; it is still in `raw` where there is one. Times are aware datetimes in UTC.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class ContactRef:
    """The customer as conversations and messages show them."""

    id: int
    name: str
    phone: str
    avatar_url: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who wrote a message, by name."""

    id: int | None
    name: str
    avatar_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file of a message; `url` answers with a link that expires. Sizes in bytes and pixels."""

    id: int
    name: str
    content_type: str
    size: int
    url: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """One person's reaction; one of the two ids is set."""

    reaction: str
    user_id: int | None
    contact_id: int | None


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a message failed, to be told in any language: a code, the provider's own words, and what varies."""

    code: str
    detail: str
    values: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message. `sender` is customer, agent, bot or system; `status` pending, sent, delivered, read or failed."""

    id: int
    conversation_id: int
    sender_type: str
    sender: str
    author: Person | None
    content: str
    message_type: str
    status: str
    private: bool
    client_message_id: str
    reply_to: int | None
    attachments: list[Attachment]
    reactions: list[Reaction]
    metadata: dict[str, Any]
    created_at: datetime
    deleted_at: datetime | None
    error: str = ""
    failure: Failure | None = None
    raw: Mapping[str, Any] = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """A conversation. `status` is waiting, assigned, active, snoozed or closed."""

    id: int
    tenant_id: int
    contact_id: int
    inbox_id: int
    assignee_id: int | None
    team_id: int | None
    status: str
    priority: str
    labels: list[str]
    unread_count: int
    last_message: str
    last_message_time: datetime | None
    created_at: datetime
    closed_at: datetime | None
    contact: ContactRef
    channel: str = ""
    last_message_id: int | None = None
    raw: Mapping[str, Any] = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A customer."""

    id: int
    name: str
    phone: str
    email: str
    avatar_url: str
    identifier: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(repr=False, compare=False)


def read(shape: type[T], data: Mapping[str, Any], raw: Mapping[str, Any] | None = None) -> T:
    """The dataclass that this JSON object is. Raises KeyError, TypeError or ValueError where it is none.

    A field `raw` gets the object itself, or what is given for it.
    """
    cls: Any = shape
    given = {name: value(hint, data[name]) for name, hint, needed in plan(cls) if needed or name in data}
    if "raw" in hints(cls):
        given["raw"] = data if raw is None else raw
    return shape(**given)


def value(hint: Any, given: Any) -> Any:
    """What a field of this type holds, from its JSON."""
    if given is None:
        return None
    if hint is datetime:
        return datetime.fromisoformat(given)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return read(hint, given)
    if get_origin(hint) is list:
        return [value(get_args(hint)[0], item) for item in given]
    return given


@cache
def hints(shape: Any) -> dict[str, Any]:
    return get_type_hints(shape)


@cache
def plan(shape: Any) -> list[tuple[str, Any, bool]]:
    """Each field's name, its type without `| None`, and whether the JSON must have it."""
    known = hints(shape)
    return [
        (part.name, without_none(known[part.name]), is_needed(part))
        for part in dataclasses.fields(shape)
        if part.name != "raw"
    ]


def is_needed(part: dataclasses.Field[Any]) -> bool:
    return part.default is dataclasses.MISSING and part.default_factory is dataclasses.MISSING


def without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        return next(option for option in get_args(hint) if option is not type(None))
    return hint
