"""Foreign clients under test, and how a frame is held against what its document prints."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable
from typing import Any, get_args, get_type_hints, is_typeddict

from conversations.models import Conversation
from conversations.visitors import Visitor, mint
from niochat.families import name_of
from realtime.families.base import Family
from realtime.models import Stream
from tests.patience import PATIENCE_S
from tests.realtime.clients import Client, Door, Frame, away, token
from tests.world import Person

Shape = Any
MANY = 2000
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def an_id(value: Any) -> bool:
    """An id of a family whose ids are strings."""
    return isinstance(value, str) and value.isdigit()


def a_number(value: Any) -> bool:
    """An id of a family whose ids are numbers."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def a_moment(value: Any) -> bool:
    return isinstance(value, str) and MOMENT.fullmatch(value) is not None


def one_of(*values: Any) -> Callable[[Any], bool]:
    return lambda value: value in values


def or_null(shape: Shape) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value, shape)


def fits(value: Any, shape: Shape) -> bool:
    """Whether a value is what the document prints: no field more, none less, each of its type."""
    match shape:
        case dict():
            return (
                isinstance(value, dict)
                and value.keys() == shape.keys()
                and all(fits(value[name], inner) for name, inner in shape.items())
            )
        case [inner]:
            return isinstance(value, list) and all(fits(item, inner) for item in value)
        case type():
            return type(value) is shape
    return bool(shape(value)) if callable(shape) else bool(value == shape)


def is_declared(shape: Shape, frame: Any) -> bool:
    """Whether a family's module declares the very fields that a document's shape has."""
    hints = get_type_hints(frame)
    inner = {
        name: next((part for part in (hint, *get_args(hint)) if is_typeddict(part)), None)
        for name, hint in hints.items()
    }
    open_ones = {name for name, value in shape.items() if callable(value)}
    return shape.keys() == hints.keys() and all(
        is_declared(shape[name][0] if isinstance(shape[name], list) else shape[name], part)
        for name, part in inner.items()
        if part and name not in open_ones and shape[name]
    )


def declared(family: Family) -> dict[str, Any]:
    """The frames that a family's module declares, by name."""
    return {name_of(frame): frame for entry in family.entries.values() for frame in entry.frames}


async def flooded(client: Client, text: str = '{"type": "ping"}') -> tuple[int | None, str | None]:
    """Send far too much, then listen; how the server ends it."""

    async def flood() -> None:
        for _ in range(MANY):
            await client.raw(text)

    flooding = asyncio.create_task(flood())
    try:
        return await ended(client)
    finally:
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)


def lost(stream: str) -> None:
    """The log has gone on, and nobody can read how."""
    Stream.objects.update_or_create(name=stream, defaults={"head": 1_000, "floor": 1_000})


async def opened(door: Door, path: str, person: Person, *, joined: int | None = None) -> Client:
    """A socket of a family, let in by `?token=`, that has perhaps joined a conversation."""
    client = await door.raw(f"{path}{'&' if '?' in path else '?'}token={await token(person)}")
    if joined is not None:
        await client.send("join", conversation_id=str(joined))
    await passed(client)
    return client


async def joana(door: Door, conversation: Conversation) -> Client:
    """The customer's own widget."""
    mine = await away(mint)(Visitor(inbox=await away(lambda: conversation.inbox)(), identifier="v:joana"))
    client = await door.raw(f"/ws/widget/?token={mine}", origin=door.server.url.replace("ws", "http"))
    await client.next("connected")
    return client


async def passed(client: Client) -> None:
    """Everything that was sent before has been done."""
    await client.send("ping")
    await client.next("pong")


def garbage() -> str:
    """A token that nobody has been refused for yet."""
    return f"garbage{secrets.token_hex(4)}"


def codes(frames: list[Frame]) -> list[str]:
    """The codes of the error frames, whatever the family."""
    return [frame.get("code") or frame["data"]["code"] for frame in frames if frame["type"] == "error"]


async def ended(client: Client, within: float = PATIENCE_S) -> tuple[int | None, str | None]:
    """How the server closed: the code, and the code of the last error frame."""
    await client.end_of_frames(within)
    said = codes(client.frames)
    return client.connection.close_code, said[-1] if said else None
