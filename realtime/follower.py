"""A socket's place in the lanes that it follows: live, or holding frames back while it catches up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from realtime import wire
from realtime.lane import Lane, Source
from realtime.outlets import WAITING_MOST, Outlet


def itself(lane: Lane) -> Source:
    """A lane as the native protocol hears it."""
    return lane


class Follower:
    """Attach, detach, hold and release never await, so no frame can slip in between.

    `heard_as` is what the socket's dialect makes of a lane; `user_id` whose socket it is, null for a visitor's.
    """

    def __init__(
        self,
        outlet: Outlet,
        gap: Callable[[str], None],
        heard_as: Callable[[Lane], Source] = itself,
        *,
        user_id: int | None = None,
        family: str = "native",
    ) -> None:
        self.outlet = outlet
        self.family = family
        self.user_id = user_id
        self.gap = gap
        self.heard_as = heard_as
        self.lanes: dict[str, Source] = {}
        self.listening: list[tuple[Lane, Listener]] = []
        self.held: list[Any] | None = None
        self.held_size = 0
        self.spilled = False
        outlet.moved = self.rewire

    def attach(self, lanes: Iterable[Lane]) -> None:
        """Follow more lanes from here on."""
        self.take(self.heard_as(lane) for lane in lanes)

    def take(self, sources: Iterable[Source]) -> None:
        """Follow these as they are."""
        for source in sources:
            self.lanes[source.name] = source
            source.join(self, self.outlet.form, self.keep if self.held is not None else self.outlet.write)

    def listen(self, lanes: Iterable[Lane], hear: Callable[[list[dict[str, Any]]], None]) -> None:
        """Let the server itself hear lanes on this socket's behalf."""
        for lane in lanes:
            listener = Listener(self.gap)
            self.listening.append((lane, listener))
            lane.join(listener, wire.parsed, hear)

    def move(self, outlet: Outlet) -> None:
        """Write by another way from here on: the client has changed its transport."""
        sources = list(self.lanes.values())
        for source in sources:
            source.leave(self)
        self.outlet = outlet
        outlet.moved, outlet.gone = self.rewire, self.leave
        self.take(sources)

    def detach(self, name: str) -> None:
        if lane := self.lanes.pop(name, None):
            lane.leave(self)

    def leave(self) -> None:
        """The socket is over."""
        for name in list(self.lanes):
            self.detach(name)
        for lane, listener in self.listening:
            lane.leave(listener)
        self.listening.clear()
        self.held = None

    def cursors(self) -> dict[str, int]:
        """How far this socket has been written to (or what is held back goes to), by stream."""
        return {name: lane.written for name, lane in self.lanes.items() if lane.kept}

    def hold(self) -> dict[str, int]:
        """Keep frames back from here on, forgetting what was kept so far; the cursors that they begin after."""
        for lane in self.lanes.values():
            lane.flush()
        self.held, self.held_size, self.spilled = [], 0, False
        self.rewire()
        return self.cursors()

    def keep(self, frames: Any) -> None:
        """Instead of writing. More than a socket may have waiting is dropped: the log has it, so catch up once more."""
        if self.held is None or self.spilled:
            return
        self.held.append(frames)
        self.held_size += len(frames) if isinstance(frames, bytes) else sum(map(len, frames))
        if self.held_size > WAITING_MOST:
            self.spilled = True
            self.held.clear()

    def release(self) -> None:
        """Write what was kept back, then live."""
        for lane in self.lanes.values():
            lane.flush()
        held, self.held = self.held or [], None
        for frames in held:
            self.outlet.write(frames)
        self.rewire()

    def rewire(self) -> None:
        """Tell the lanes the present way to write to this socket."""
        write = self.keep if self.held is not None else self.outlet.write
        for lane in self.lanes.values():
            lane.rewire(self, self.outlet.form, write)


class Listener:
    """The server's own ear on a lane."""

    user_id: int | None = None
    family = ""

    def __init__(self, gap: Callable[[str], None]) -> None:
        self.gap = gap
