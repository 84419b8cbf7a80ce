"""An interpreter's booth at a lane: each frame is said once in a family's words, to everybody who listens there.

A family whose clients hear only of conversations that they have joined gets one circle of hearers for each of these:
a frame is written to that circle's sockets, and no other socket is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol

import structlog

from realtime import streams
from realtime.lane import Form, Hearers, Lane, Member, Write

log = structlog.get_logger(__name__)


class Said(NamedTuple):
    """One frame (JSON) in the family's words.

    With a `conversation_id` it is for those only who have joined the conversation; `but` is whoever caused it and
    does not hear of their own doing.
    """

    text: bytes
    conversation_id: int | None = None
    but: Member | None = None


class Interpreter(Protocol):
    """Who knows the family's words. Hashable: a lane has one booth for each."""

    def said(self, frame: bytes, wanted: Callable[[int], bool]) -> Iterable[Said]:
        """A frame of a stream in the family's words; `wanted` tells whether anybody here has joined a conversation."""


class Circle(Hearers):
    """Who hears the same from a booth: everybody (no conversation), or those who have joined one."""

    kept = False
    written = 0

    def __init__(self, booth: Booth, conversation_id: int | None) -> None:
        super().__init__(circle_name(booth.lane.name, conversation_id))
        self.booth, self.conversation_id = booth, conversation_id

    def join(self, member: Member, form: Form, write: Write) -> None:
        """Write to this member from the next frame on."""
        self.booth.open()
        self.flush()
        self.booth.circles[self.conversation_id] = self
        super().join(member, form, write)

    def leave(self, member: Member) -> None:
        super().leave(member)
        if self.idle:
            self.booth.circles.pop(self.conversation_id, None)
            self.booth.close_if_empty()

    @property
    def late(self) -> float | None:
        return self.booth.lane.late

    def flush(self) -> None:
        self.booth.lane.flush()


class Booth:
    """One family's at one lane; it follows the lane for as long as anybody follows here."""

    # Who does not hear of their own doing, a family knows by the socket: see `Said.but`.
    user_id: int | None = None
    family = ""

    def __init__(self, lane: Lane, interpreter: Interpreter) -> None:
        self.lane, self.interpreter = lane, interpreter
        # Whoever has joined a conversation hears all of its room.
        self.is_room = streams.is_room(lane.name)
        self.circles: dict[int | None, Circle] = {}

    def circle(self, conversation_id: int | None) -> Circle:
        """Those who hear what is for everybody, or what is said in a conversation."""
        return self.circles.get(conversation_id) or Circle(self, conversation_id)

    def open(self) -> None:
        if self.lane.booths.get(self.interpreter) is not self:
            self.lane.booths[self.interpreter] = self
            self.lane.join(self, self.interpret, self.hand_out)

    def close_if_empty(self) -> None:
        if not self.circles:
            del self.lane.booths[self.interpreter]
            self.lane.leave(self)

    def wanted(self, conversation_id: int) -> bool:
        return self.is_room or conversation_id in self.circles

    def interpret(self, frames: Sequence[bytes]) -> list[Said]:
        return [said for frame in frames for said in self.interpreted(frame)]

    def interpreted(self, frame: bytes) -> Iterable[Said]:
        try:
            return list(self.interpreter.said(frame, self.wanted))
        except Exception:  # What can't be put into this family's words is still everybody else's.
            log.exception("frame_not_interpreted", stream=self.lane.name)
            return ()

    def hand_out(self, everything: list[Said]) -> None:
        """Write what was said, in its order, what goes to the same hearers together."""
        for (conversation_id, but), some in groupby(everything, lambda said: (said.conversation_id, said.but)):
            circle = self.circles.get(None if self.is_room else conversation_id)
            if circle:
                circle.hand_out([said.text for said in some], but)

    def gap(self, stream: str) -> None:
        """Events are gone: whoever follows here has to begin again."""
        for member in {member for circle in self.circles.values() for member in circle.members()}:
            member.gap(stream)


def circle_name(lane: str, conversation_id: int | None) -> str:
    """What a follower knows a circle by."""
    return lane if conversation_id is None else f"{lane}#{conversation_id}"


def booth_at(lane: Lane, interpreter: Interpreter) -> Booth:
    """The interpreter's booth at a lane, there or yet to be opened by its first hearer."""
    booth: Booth | None = lane.booths.get(interpreter)
    return booth or Booth(lane, interpreter)
