"""One fan-out per event loop: follows each stream once, whoever many sockets want it, and sees that nothing is missing.

The channel layer brings frames at once and may lose any of them. The log is the truth: each second (0.25 s without a
layer) one query tells which streams are ahead of us, and a hole is filled from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from contextlib import suppress
from functools import partial
from typing import NamedTuple

import structlog
from django.db import Error as DatabaseFailure

from realtime import metrics, sync
from realtime.lane import Lane
from realtime.layer import our_layer
from realtime.models import Epoch
from realtime.shared import Shared
from realtime.streams import is_control
from realtime.threads import reading

log = structlog.get_logger(__name__)

POLL_S, POLL_ALONE_S = 1.0, 0.25
# A frame that overtook its predecessor is usually followed by it at once; only then is the log asked.
HOLE_GRACE_S = 0.01
# A lane that nobody follows is kept a while: a page that reloads finds it as it was.
LINGER_S = 10.0


class Fanout:
    """What this loop follows. Built by `fanout()`, run by `start` and `stop`."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.layer = our_layer()
        self.lanes: dict[str, Lane] = {}
        self.epoch = ""
        self.hurry = asyncio.Event()
        self.watch = sync.Watch()
        self.shared = Shared()
        self.at_the_end: list[Callable[[], Awaitable[None]]] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.layer.station.when_back.append(self.hurry.set)
        self.poller = self.loop.create_task(self.keep_polling())

    async def follow(self, streams: Collection[str], groups: Collection[str] = ()) -> list[Lane]:
        """The lanes of these streams (kept) and groups (not), opened where nobody here follows them yet.

        Raises a database error when a new stream's head can't be read.
        """
        new = [self.opened(name, kept=True) for name in streams if name not in self.lanes]
        new += [self.opened(name, kept=False) for name in groups if name not in self.lanes]
        if new:
            self.spawn(self.begin(new))
        lanes = [self.lanes[name] for name in (*streams, *groups)]
        for lane in lanes:
            if not lane.ready.done():
                await asyncio.shield(lane.ready)
        return lanes

    def opened(self, name: str, *, kept: bool) -> Lane:
        self.lanes[name] = lane = Lane(name, kept=kept, want=self.want)
        return lane

    async def begin(self, lanes: list[Lane]) -> None:
        """Subscribe first, read the heads then: what is committed in between comes twice, not never.

        A task of its own: the socket that asked first may go while others wait for the same lanes.
        """
        try:
            await self.layer.attach({lane.name: lane.hear for lane in lanes})
            now = await reading.run(standing, [lane.name for lane in lanes if lane.kept])
        except Exception as problem:
            log.exception("lanes_failed", lanes=len(lanes))
            for lane in lanes:
                self.close(lane, problem)
            return
        if self.epoch not in ("", now.epoch):
            self.hurry.set()  # Whoever followed before has yet to be told.
        self.epoch = now.epoch
        for lane in lanes:
            lane.epoch = now.epoch
            lane.start(now.marks[lane.name].head if lane.kept else 0, lately=lane.name in now.stirred)
        self.watch.forget()  # A poll that came between the heads and now left these lanes out.

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Run something that nobody waits for, and keep it from being collected meanwhile."""
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def close(self, lane: Lane, problem: Exception | None = None) -> None:
        if self.lanes.get(lane.name) is lane:
            del self.lanes[lane.name]
            self.layer.detach(lane.name)
        if not lane.ready.done():
            lane.ready.set_exception(problem or ConnectionError("The fan-out stops."))
            lane.ready.exception()  # Told to whoever waits; if nobody does, nothing is logged.

    # --- holes -------------------------------------------------------------------------------------------------------

    def want(self, lane: Lane) -> None:
        """The lane knows of events that it has not got."""
        self.loop.call_later(HOLE_GRACE_S, self.fill_soon, lane)

    def fill_soon(self, lane: Lane) -> None:
        if lane.cursor >= lane.head_seen:
            lane.filling = False
            return
        self.spawn(self.fill(lane))

    async def fill(self, lane: Lane) -> None:
        """Read what is missing from the log; what can't be had any more is a gap."""
        metrics.holes.inc()
        try:
            while lane.cursor < lane.head_seen and await self.fill_page(lane):
                pass
        except DatabaseFailure:
            log.warning("fill_failed", stream=lane.name)
            self.watch.forget()  # The poll will ask again.
        finally:
            lane.filling = False

    async def fill_page(self, lane: Lane) -> bool:
        after, until = lane.cursor, lane.head_seen
        events = await reading.run(sync.page, lane.name, after, until)
        if events and events[0].seq == after + 1:
            for event in events:
                lane.dated(event.created_at.timestamp())
                lane.take(event.seq, event.body.encode())
            return True
        mark = (await reading.run(sync.marks, [lane.name]))[lane.name]
        if mark.floor > lane.cursor:
            lane.jump(mark.head)
        else:  # Nobody wrote what was announced.
            lane.head_seen = lane.cursor
            lane.early.clear()
        return False

    # --- the poll ----------------------------------------------------------------------------------------------------

    async def keep_polling(self) -> None:
        while True:
            with suppress(TimeoutError):  # Nobody is in a hurry: it is time all the same.
                await asyncio.wait_for(self.hurry.wait(), POLL_S if self.layer.up else POLL_ALONE_S)
            self.hurry.clear()
            try:
                await self.poll()
            except DatabaseFailure as problem:
                self.watch.forget()
                log.warning("poll_failed", error=repr(problem))
            except Exception:
                log.exception("poll_broke")
            self.tidy()

    async def poll(self) -> None:
        """Compare every followed stream with the log by one query."""
        cursors = {lane.name: lane.cursor for lane in self.lanes.values() if lane.kept and lane.ready.done()}
        if not cursors or not await self.watch.stirred():
            return
        heads, self.epoch = await reading.run(partial(astray, cursors))
        for name, cursor in cursors.items():
            lane = self.lanes.get(name)
            if lane is None:
                continue
            if lane.epoch != self.epoch:  # The numbers mean something else since it began.
                lane.epoch = self.epoch
                lane.jump(heads.get(name, cursor))
            elif name in heads:
                self.compare(lane, cursor, heads[name])

    def compare(self, lane: Lane, cursor: int, head: int) -> None:
        if head > cursor:
            lane.expect(head)
        else:  # The log went back behind what we have sent: it is not the log that we knew.
            lane.jump(head)

    def tidy(self) -> None:
        """Close lanes that nobody has followed for a while."""
        limit = self.loop.time() - LINGER_S
        for lane in [lane for lane in self.lanes.values() if lane.idle and lane.empty_since < limit]:
            if lane.ready.done():
                self.close(lane)

    async def stop(self) -> None:
        for end in self.at_the_end:
            await end()
        self.poller.cancel()
        for task in list(self.tasks):
            task.cancel()
        for lane in list(self.lanes.values()):
            self.close(lane)
        self.watch.close()
        await self.layer.close()


class Standing(NamedTuple):
    """Where streams stand, which control streams moved within the last minute, and in which epoch."""

    marks: dict[str, sync.Mark]
    stirred: set[str]
    epoch: str


def standing(streams: list[str]) -> Standing:
    """The epoch is read first: where all of it changes meanwhile, the poll finds it changed."""
    epoch, marks = Epoch.current(), sync.marks(streams)
    return Standing(marks, sync.stirred([name for name in streams if is_control(name) and marks[name].head]), epoch)


def astray(cursors: dict[str, int]) -> tuple[dict[str, int], str]:
    """The streams whose head is not where their cursor is, and the epoch."""
    return sync.astray(cursors), Epoch.current()


FANOUTS: dict[asyncio.AbstractEventLoop, Fanout] = {}


def fanout() -> Fanout:
    """The running loop's fan-out, started now if the server has not done it (runserver, test clients)."""
    loop = asyncio.get_running_loop()
    if loop not in FANOUTS:
        for ended in [other for other in FANOUTS if other.is_closed()]:
            del FANOUTS[ended]
        FANOUTS[loop] = Fanout()
    return FANOUTS[loop]


async def start() -> None:
    """The server begins: the ASGI lifespan's startup."""
    fanout()


async def stop() -> None:
    """The server ends: the ASGI lifespan's shutdown."""
    running = FANOUTS.pop(asyncio.get_running_loop(), None)
    if running:
        await running.stop()
