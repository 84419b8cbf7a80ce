"""One stream or group as one process hears it: put in order once, encoded once, written to many."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import structlog

from realtime import metrics, wire

log = structlog.get_logger(__name__)
# Asked before a line is made of what happens thousands of times a second.
DEBUGGED = logging.getLogger(__name__)

# The first frame goes at once; what follows within this time goes together in one write.
MICRO_BATCH_S = 0.003
# Frames that wait for a hole to be filled; beyond this the log is the better memory.
EARLY_MOST = 2000

# Turns frames (JSON) into what one kind of member takes. Called once per batch, however many members there are.
Form = Callable[[Sequence[bytes]], Any]
Write = Callable[[Any], object]


class Member(Protocol):
    """Whoever a lane writes to; `user_id` is whose socket it is, where it is a user's.

    `family` is the protocol that its client speaks, empty for the server itself.
    """

    family: str
    user_id: int | None

    def gap(self, stream: str) -> None:
        """Events are gone that this member has not seen; what follows does not continue what was."""


class Hearers:
    """Who is written to, by the form in which they take frames."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.writes: dict[Form, dict[Member, Write]] = {}

    def join(self, member: Member, form: Form, write: Write) -> None:
        """Write to this member from now on."""
        self.writes.setdefault(form, {})[member] = write

    def rewire(self, member: Member, form: Form, write: Write) -> None:
        """Write to this member in another way. Callable from within a write."""
        if member in self.writes.get(form, ()):
            self.writes[form][member] = write

    def leave(self, member: Member) -> None:
        for members in self.writes.values():
            members.pop(member, None)

    @property
    def idle(self) -> bool:
        return not any(self.writes.values())

    def members(self) -> list[Member]:
        return [member for members in self.writes.values() for member in members]

    def hand_out(self, frames: Sequence[bytes], but: Member | None = None, by: int | None = None) -> None:
        """Write frames to every member `but` one, and but those of the user whom they are `by`.

        Never awaits: one that does not read must not hold up the rest.
        """
        for form, members in self.writes.items():
            if members:
                shaped = form(frames)
                self.count(next(iter(members)).family, len(members) * len(frames))
                for write in self.told(members, but, by):
                    try:
                        write(shaped)
                    except Exception:  # Whatever is wrong with one member is not the others' business.
                        log.exception("write_failed", stream=self.name)

    @property
    def late(self) -> float | None:
        """How long ago what is being handed out was committed, in seconds; None where that is not known."""
        return None

    def count(self, family: str, frames: int) -> None:
        """Count what goes out to clients."""
        if not family:
            return
        written, latency = metrics.out_to(family)
        written.inc(frames)
        late = self.late
        if late is not None:
            latency.observe(late)
        if DEBUGGED.isEnabledFor(logging.DEBUG):
            log.debug("fanned_out", stream=self.name, family=family, deliveries=frames)

    def told(self, members: dict[Member, Write], but: Member | None, by: int | None) -> list[Write]:
        """How to write to those of the members who are to hear it."""
        if but is None and by is None:
            return list(members.values())
        return [
            write for member, write in members.items() if member is not but and (by is None or member.user_id != by)
        ]


class Source(Protocol):
    """What a follower follows: a lane, or what a booth makes of one."""

    name: str
    kept: bool
    written: int

    def join(self, member: Member, form: Form, write: Write) -> None: ...

    def rewire(self, member: Member, form: Form, write: Write) -> None: ...

    def leave(self, member: Member) -> None: ...

    def flush(self) -> None:
        """Write what waits."""


class Lane(Hearers):
    """Kept frames leave it in the order of their numbers without a hole, or every member is told of the gap.

    `cursor` is the last number taken in, `written` the last one that members have been handed, both of one `epoch`;
    `moved_at` is when the last event came, in the loop's time.
    """

    def __init__(self, name: str, *, kept: bool, want: Callable[[Lane], None]) -> None:
        super().__init__(name)
        self.kept, self.want = kept, want
        self.loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = self.loop.create_future()
        self.cursor = -1
        self.written = -1
        self.head_seen = -1
        self.epoch = ""
        self.moved_at = -math.inf
        self.filling = False
        self.early: dict[int, bytes] = {}
        self.batch: list[bytes] = []
        # When the first frame of the batch was committed, as Unix time; 0 where that is not known.
        self.committed_at = 0.0
        self.armed = False
        self.roll_call: Callable[[bytes], None] | None = None
        # What families of foreign clients hear of this lane, by family.
        self.booths: dict[object, Any] = {}
        self.empty_since = self.loop.time()

    @property
    def late(self) -> float | None:
        return max(0.0, time.time() - self.committed_at) if self.committed_at else None

    # --- frames in ---------------------------------------------------------------------------------------------------

    def hear(self, parcel: bytes) -> None:
        """A parcel of the channel layer."""
        kind = parcel[:1]
        if kind == wire.KEPT:
            head, _, frame = parcel[1:].partition(b" ")
            seq, _, at = head.partition(b";")
            if at:
                self.dated(float(at))
            self.take(int(seq), frame)
        elif kind == wire.TRANSIENT:
            self.emit(parcel[1:])
        elif kind == wire.BY_USER:
            user_id, _, frame = parcel[1:].partition(b" ")
            self.emit_by(int(user_id), frame)
        elif kind == wire.ROLL_CALL:
            if self.roll_call:
                self.roll_call(parcel[1:])
        else:
            metrics.unknown.inc()

    def dated(self, at: float) -> None:
        """The frame that comes next was committed at this Unix time."""
        if not self.batch:
            self.committed_at = at

    def start(self, head: int, *, lately: bool = False) -> None:
        """The log is known to be at `head` (and to have got there `lately`); from here on numbers count."""
        self.cursor = self.written = head
        if lately:
            self.moved_at = self.loop.time()
        self.early = {seq: frame for seq, frame in self.early.items() if seq > head}
        if not self.ready.done():
            self.ready.set_result(None)
        self.drain()
        self.expect(self.head_seen)

    def take(self, seq: int, frame: bytes) -> None:
        """A numbered frame, from the layer or from the log, in whatever order."""
        if self.cursor >= 0 and seq == self.cursor + 1:
            self.step(frame)
            if self.early:
                self.drain()
        elif seq > self.cursor:
            if len(self.early) < EARLY_MOST:
                self.early[seq] = frame
            self.expect(seq)

    def drain(self) -> None:
        """Take in what had come early and now continues."""
        while (frame := self.early.pop(self.cursor + 1, None)) is not None:
            self.step(frame)

    def step(self, frame: bytes) -> None:
        """The next event in order goes out."""
        self.cursor += 1
        self.moved_at = self.loop.time()
        self.emit(frame)

    def expect(self, head: int) -> None:
        """Something up to `head` exists: ask for it if it does not come by itself."""
        self.head_seen = max(self.head_seen, head)
        if self.ready.done() and not self.filling and self.head_seen > self.cursor:
            self.filling = True
            self.want(self)

    def jump(self, head: int) -> None:
        """What lies between the cursor and `head` can't be had: go on after it and tell everyone."""
        self.flush()
        self.head_seen = head
        self.early.clear()
        self.start(head, lately=True)
        metrics.resyncs.inc()
        for member in self.members():
            member.gap(self.name)

    # --- frames out --------------------------------------------------------------------------------------------------

    def emit(self, frame: bytes) -> None:
        """Write at once, or with the others if something was written just now."""
        self.batch.append(frame)
        if not self.armed:
            self.armed = True
            self.loop.call_later(MICRO_BATCH_S, self.tick)
            self.flush()

    def emit_by(self, user_id: int, frame: bytes) -> None:
        """Write to everybody but this user, after what waits."""
        self.flush()
        self.hand_out([frame], by=user_id)

    def tick(self) -> None:
        if self.batch:
            self.loop.call_later(MICRO_BATCH_S, self.tick)
            self.flush()
        else:
            self.armed = False

    def flush(self) -> None:
        """Write what waits."""
        frames, self.batch = self.batch, []
        self.written = self.cursor
        if frames:
            self.hand_out(frames)
            self.committed_at = 0.0

    # --- members -----------------------------------------------------------------------------------------------------

    def join(self, member: Member, form: Form, write: Write) -> None:
        """Write to this member from the next frame on."""
        self.flush()
        super().join(member, form, write)

    def leave(self, member: Member) -> None:
        super().leave(member)
        if self.idle:
            self.empty_since = self.loop.time()
