"""What waits for one Engine.IO client, and the outlet that puts it there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from engineio import packet as engine
from engineio.packet import Packet

from realtime.lane import Form, Write
from realtime.outlets import TOO_SLOW, WAITING_MOST, ignore, nothing


def packets(frames: Sequence[bytes]) -> list[Packet]:
    """Frames as Engine.IO's queues hold them: made once, and encoded once by the first poll, for every client."""
    return [Packet(engine.MESSAGE, frame[1:].decode()) for frame in frames]


class Outbox(asyncio.Queue[Packet | None]):
    """Engine.IO's queue of packets for one client; None is the end.

    Once a WebSocket lends its transport, messages go `through` at once. Pings and the end stay with the queue and
    Engine.IO's own writer, whose only work they then are.
    """

    def __init__(self) -> None:
        super().__init__()
        self.through: Callable[[Packet], None] | None = None
        self.waiting = 0

    def _put(self, item: Packet | None) -> None:
        self.waiting += size(item)
        super()._put(item)

    def _get(self) -> Packet | None:
        item: Packet | None = super()._get()
        self.waiting -= size(item)
        return item

    async def put(self, item: Packet | None) -> None:
        if self.through and item is not None and item.packet_type == engine.MESSAGE:
            self.through(item)
        else:
            self.put_nowait(item)

    def open(self, through: Callable[[Packet], None]) -> None:
        """Let messages through from now on; what waits goes before them. Never awaits, so nothing can overtake."""
        over = False
        while not self.empty():
            item = self.get_nowait()
            self.task_done()
            if item is None:
                over = True
            else:
                through(item)
        self.through = through
        if over:
            self.put_nowait(None)


def size(item: Packet | None) -> int:
    """In characters; only messages have any to speak of."""
    return len(item.data) if item is not None and isinstance(item.data, str) else 0


class QueueOutlet:
    """For polling, and for servers that lend no transport: into the queue, from which Engine.IO takes.

    `drop` ends the connection once what waits has been taken.
    """

    def __init__(self, outbox: Outbox, drop: Callable[[int], None]) -> None:
        self.outbox, self.drop = outbox, drop
        self.form: Form = packets
        self.write: Write = self.put
        self.moved = self.gone = nothing

    @property
    def is_open(self) -> bool:
        return self.write is not ignore

    def send(self, text: bytes) -> None:
        self.write(packets([text]))

    def put(self, some: list[Packet]) -> None:
        for item in some:
            self.outbox.put_nowait(item)
        if self.outbox.waiting > WAITING_MOST:
            self.hang_up(TOO_SLOW, "too slow")

    def hang_up(self, code: int, reason: str = "") -> None:
        if self.is_open:
            self.write = ignore
            self.gone()
            self.drop(code)

    async def room(self) -> None:
        """A client that polls is never waited for."""
