"""Who has a conversation open right now, told to everyone who has, across processes.

Nothing is stored. Each process knows its own sockets, says so in the room's group when that changes, and asks the
others when its first socket enters. What another process said is believed for 45 s and repeated every 15 s.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Hashable
from dataclasses import dataclass, field

from realtime import streams, wire
from realtime.events import Viewers
from realtime.fanout import fanout
from realtime.follower import Follower
from realtime.lane import Lane
from realtime.layer import our_layer

BELIEVED_S = 45.0
REPEAT_EVERY_S = 15.0


@dataclass(slots=True)
class Room:
    """One conversation's room as this process knows it."""

    conversation_id: int
    lane: Lane
    seats: dict[Hashable, int] = field(default_factory=dict)
    elsewhere: dict[str, tuple[float, list[int]]] = field(default_factory=dict)
    shown: list[int] = field(default_factory=list)

    def users(self, now: float) -> list[int]:
        """Everybody in it, here and elsewhere, each once."""
        fresh = [users for until, users in self.elsewhere.values() if until > now]
        return sorted({*self.seats.values(), *(user for users in fresh for user in users)})


class Rooms:
    """One loop's rooms."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.process = secrets.token_hex(8)
        self.rooms: dict[str, Room] = {}
        self.keeper = self.loop.create_task(self.keep())

    async def enter(self, follower: Follower, tenant_id: int, conversation_id: int, user_id: int) -> Viewers:
        """Take a seat; the others are told. Who is there, for the one who came."""
        name = streams.room(tenant_id, conversation_id)
        (lane,) = await fanout().follow((), [name])
        room = self.rooms.get(name)
        if room is None:
            room = self.rooms[name] = Room(conversation_id, lane)
            lane.roll_call = lambda frame: self.heard(room, frame)
        was_empty = not room.seats
        room.seats[follower] = user_id
        self.show(room)
        follower.attach([lane])
        self.say(room, ask=was_empty)
        return self.viewers(room)

    def leave(self, follower: Follower, tenant_id: int, conversation_id: int) -> None:
        name = streams.room(tenant_id, conversation_id)
        follower.detach(name)
        room = self.rooms.get(name)
        if room is None or room.seats.pop(follower, None) is None:
            return
        self.say(room)
        self.show(room)
        if not room.seats:
            del self.rooms[name]
            room.lane.roll_call = None

    def viewers(self, room: Room) -> Viewers:
        return Viewers(conversation_id=room.conversation_id, user_ids=room.users(self.loop.time()))

    def show(self, room: Room) -> None:
        """Tell the sockets here, if what they know has changed."""
        viewers = self.viewers(room)
        if viewers.user_ids != room.shown:
            room.shown = viewers.user_ids
            room.lane.emit(wire.plain(viewers))

    def say(self, room: Room, *, ask: bool = False) -> None:
        """Tell the other processes who is here, and perhaps ask who is there."""
        said = {"process": self.process, "users": sorted(set(room.seats.values())), "ask": ask}
        our_layer().post([(room.lane.name, wire.ROLL_CALL + wire.dumps(said))])

    def heard(self, room: Room, frame: bytes) -> None:
        """Another process says who is there."""
        said = json.loads(frame)
        if said["process"] == self.process:
            return
        room.elsewhere[said["process"]] = (self.loop.time() + BELIEVED_S, said["users"])
        if not said["users"]:
            del room.elsewhere[said["process"]]
        self.show(room)
        if said["ask"]:
            self.say(room)

    async def keep(self) -> None:
        """Repeat what we said, and stop believing processes that don't."""
        while True:
            await asyncio.sleep(REPEAT_EVERY_S)
            for room in list(self.rooms.values()):
                self.say(room)
                self.show(room)

    async def stop(self) -> None:
        self.keeper.cancel()
        for room in self.rooms.values():
            room.seats.clear()
            self.say(room)
        ROOMS.pop(self.loop, None)


ROOMS: dict[asyncio.AbstractEventLoop, Rooms] = {}


def rooms() -> Rooms:
    """The running loop's, ended with its fan-out."""
    loop = asyncio.get_running_loop()
    if loop not in ROOMS:
        ROOMS[loop] = Rooms()
        fanout().at_the_end.append(ROOMS[loop].stop)
    return ROOMS[loop]
