"""How a socket speaks: the native protocol, or the words of a family of foreign clients.

A family's module declares its words: for each of our events, the frames that its clients are told, with their types.
A frame of a stream is translated once for each family and process, however many sockets follow: see `booth.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar

from realtime import strictjson, wire
from realtime.commands import Command, Table, command_of, flat, parsed
from realtime.events import Event
from realtime.families.booth import Said, booth_at
from realtime.lane import Lane, Member, Source

Data = dict[str, Any]
# Our frame `{type, data, stream?, seq?}` -> theirs.
Word = Callable[[Data], Iterable[Mapping[str, Any]]]
W = TypeVar("W", bound=Word)
# The command that an event on its way reports, so that the socket it came from can be left out.
Deed = Callable[[Data], Hashable]
DEEDS_MOST = 10_000


class Dialect(Protocol):
    """What a socket needs of the protocol that its client speaks."""

    @property
    def name(self) -> str: ...

    def read(self, text: str, known: Table) -> Command:
        """The command that a frame is; raises Refused as `commands.parsed` does."""

    def answer(self, event: Event, request_id: str | int | None, more: Data) -> Sequence[bytes]:
        """An event for this socket alone, as frames (JSON); none where the dialect has no word for it."""

    def hear(self, lane: Lane) -> Source:
        """What a socket follows of a lane."""


class Native:
    """Our own protocol: everything as it is."""

    name = "native"

    def read(self, text: str, known: Table) -> Command:
        return parsed(text, known)

    def answer(self, event: Event, request_id: str | int | None, more: Data) -> Sequence[bytes]:
        return (wire.answer(event, request_id, **more),)

    def hear(self, lane: Lane) -> Source:
        return lane


NATIVE = Native()


class Entry(NamedTuple):
    """What becomes of one of our events: the frames that it may become as types, and who gets them.

    `joined`: only sockets that have joined the event's conversation. `deed`: and not the one whose doing it reports.
    """

    say: Word
    frames: tuple[type, ...]
    joined: bool = False
    deed: Deed | None = None


def as_it_is(fields: Data) -> Data:
    """For families whose commands have our own fields."""
    return fields


@dataclass(frozen=True, eq=False)
class Family:
    """A dialect made of words; `fields_of` brings a frame's fields into the shape of our commands."""

    name: str
    fields_of: Callable[[Data], Data] = as_it_is
    encode: Callable[[Mapping[str, Any]], bytes] = wire.dumps
    entries: dict[str, Entry] = field(default_factory=dict)
    deeds: dict[Hashable, Member] = field(default_factory=dict)

    def word(
        self, event: type[Event], *frames: type, joined: bool = False, deed: Deed | None = None
    ) -> Callable[[W], W]:
        """Register what is said for an event."""

        def register(say: W) -> W:
            self.entries[event.model_fields["type"].default] = Entry(say, frames, joined, deed)
            return say

        return register

    # --- one socket --------------------------------------------------------------------------------------------------

    def read(self, text: str, known: Table) -> Command:
        return command_of(self.fields_of(flat(strictjson.decode_object(text))), known)

    def answer(self, event: Event, request_id: str | int | None, more: Data) -> Sequence[bytes]:
        entry = self.entries.get(event.type)
        if entry is None:
            return ()
        return [self.encode(said) for said in entry.say({"type": event.type, "data": event.data()})]

    def hear(self, lane: Lane) -> Source:
        return booth_at(lane, self).circle(None)

    # --- many --------------------------------------------------------------------------------------------------------

    def said(self, frame: bytes, wanted: Callable[[int], bool]) -> list[Said]:
        """A frame of a stream in the family's words."""
        entry = self.entries.get(wire.kind_of(frame))
        if entry is None:
            return []
        ours: Data = json.loads(frame)
        data = ours["data"]
        but = self.deeds.pop(entry.deed(data), None) if self.deeds and entry.deed else None
        conversation_id = data["conversation_id"] if entry.joined else None
        if conversation_id is not None and not wanted(conversation_id):
            return []
        return [Said(self.encode(said), conversation_id, but) for said in entry.say(ours)]

    def did(self, deed: Hashable, member: Member) -> None:
        """A member is about to do what will be reported as `deed`."""
        self.deeds[deed] = member
        if len(self.deeds) > DEEDS_MOST:
            del self.deeds[next(iter(self.deeds))]
