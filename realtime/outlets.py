"""The way out to one socket: its transport, lent by our protocol class, or the ASGI server's `send`.

Both take what a lane shaped without ever making it wait, and give up a peer that does not read: 1 MiB waiting, or 10 s
without progress, and the socket is closed with 4408. It comes back and resumes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from realtime import wire
from realtime.lane import Form, Write

WAITING_MOST = 2**20
STUCK_S = 10.0
# How long a peer gets to take in the close frame and what stands before it.
FAREWELL_S = 5.0
TOO_SLOW = 4408


def nothing() -> None:
    """The callback of an outlet that nobody watches."""


class Outlet(Protocol):
    """`write` changes when the peer falls behind or catches up; `moved` is called then, `gone` when it is over."""

    form: Form
    write: Write
    moved: Callable[[], None]
    gone: Callable[[], None]

    @property
    def is_open(self) -> bool:
        """Whether anything that is written still has a chance to arrive."""

    def send(self, text: bytes) -> None:
        """One frame (JSON) for this socket alone."""

    def hang_up(self, code: int, reason: str = "") -> None:
        """Close, now, after what has been written; nothing is written any more."""

    async def room(self) -> None:
        """Wait until the peer has taken most of what was written, or is gone."""


class Lender(Protocol):
    """What an outlet needs of the protocol class that lends its transport."""

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    writable: asyncio.Event

    def hang_up(self, code: int, reason: str = "") -> None: ...


class LentOutlet:
    """Writes frames straight to the transport. While the peer keeps up, that is the transport's own `write`."""

    def __init__(self, lender: Lender) -> None:
        self.lender = lender
        self.form: Form = wire.websocket
        self.write: Write = lender.transport.write
        self.moved = self.gone = nothing
        self.timer: asyncio.TimerHandle | None = None
        self.backlog = 0

    @property
    def is_open(self) -> bool:
        return self.write is not ignore

    def send(self, text: bytes) -> None:
        self.write(wire.websocket_frame(text))

    def hang_up(self, code: int, reason: str = "") -> None:
        self.lender.hang_up(code, reason)

    async def room(self) -> None:
        await self.lender.writable.wait()

    def ended(self) -> None:
        """The protocol has closed or lost the connection: nobody may write to it from now on."""
        self.write = ignore
        if self.timer:
            self.timer.cancel()
        self.gone()

    def fell_behind(self) -> None:
        """The transport's buffer is over its high-water mark: watch what is added and whether any of it goes."""
        self.write = self.guarded
        self.backlog = self.lender.transport.get_write_buffer_size()
        self.timer = self.lender.loop.call_later(STUCK_S, self.check)
        self.moved()

    def caught_up(self) -> None:
        if self.timer:
            self.timer.cancel()
            self.timer = None
        self.write = self.lender.transport.write
        self.moved()

    def guarded(self, frames: bytes) -> None:
        if self.lender.transport.get_write_buffer_size() > WAITING_MOST:
            self.write = ignore
            self.lender.loop.call_soon(self.hang_up, TOO_SLOW, "too slow")
        else:
            self.backlog += len(frames)
            self.lender.transport.write(frames)

    def check(self) -> None:
        waiting = self.lender.transport.get_write_buffer_size()
        if waiting >= self.backlog:
            self.hang_up(TOO_SLOW, "too slow")
        else:
            self.backlog = waiting
            self.timer = self.lender.loop.call_later(STUCK_S, self.check)


def ignore(_frames: Any) -> None:
    """Where a lane writes to when the socket is closing."""


class QueuedOutlet:
    """For servers that lend nothing (daphne, a test client): a bounded queue and a task that awaits their `send`."""

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self.transmit = send
        self.form: Form = wire.texts
        self.write: Write = self.put
        self.moved = self.gone = nothing
        self.queue: deque[str] = deque()
        self.waiting = 0
        self.closing: dict[str, Any] | None = None
        self.wake = asyncio.Event()
        self.drained = asyncio.Event()
        self.drained.set()
        self.writer = asyncio.get_running_loop().create_task(self.work())

    @property
    def is_open(self) -> bool:
        return self.write is not ignore

    def send(self, text: bytes) -> None:
        self.write([text.decode()])

    def put(self, texts: list[str]) -> None:
        for text in texts:
            self.waiting += len(text)
        self.queue.extend(texts)
        self.drained.clear()
        self.wake.set()
        if self.waiting > WAITING_MOST:
            self.hang_up(TOO_SLOW, "too slow")

    def hang_up(self, code: int, reason: str = "") -> None:
        if self.closing is None:
            self.closing = {"type": "websocket.close", "code": code, "reason": reason}
            self.write = ignore
            self.wake.set()
            self.gone()

    async def room(self) -> None:
        await self.drained.wait()

    async def work(self) -> None:
        """Send one after the other; a `send` that does not return in time is a peer that does not read."""
        try:
            await self.empty()
        except TimeoutError:
            self.hang_up(TOO_SLOW, "too slow")
        finally:
            self.drained.set()
            self.write = ignore
        if self.closing:
            await asyncio.wait_for(self.transmit(self.closing), FAREWELL_S)

    async def empty(self) -> None:
        while True:
            while self.queue:
                text = self.queue.popleft()
                self.waiting -= len(text)
                await asyncio.wait_for(self.transmit({"type": "websocket.send", "text": text}), STUCK_S)
            self.drained.set()
            if self.closing:
                return
            self.wake.clear()
            await self.wake.wait()

    async def close(self) -> None:
        """The socket is over: let the writer say its goodbye, if there is one to say, and end."""
        if self.closing is None:
            self.writer.cancel()
        await asyncio.wait({self.writer}, timeout=FAREWELL_S)
        self.writer.cancel()
