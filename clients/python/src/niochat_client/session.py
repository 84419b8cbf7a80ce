"""One connection: it shows the credentials, asks for what was missed, follows, and keeps the rule of order."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, ClassVar

import httpx
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from niochat_client.buffer import Buffer
from niochat_client.credentials import Credentials
from niochat_client.errors import NioChatError
from niochat_client.events import event_of, snapshot_of
from niochat_client.ledger import Ledger, Verdict
from niochat_client.outbox import Outbox
from niochat_client.rest import Rest

log = logging.getLogger("niochat_client")

OPENED_WITHIN_S = 20.0
# Beyond the server's heartbeat; then the connection is taken for dead.
LATE_S = 10.0
RESUMED_WITHIN_S = 10.0

Data = Mapping[str, Any]


def encoded(frame: Mapping[str, Any]) -> bytes:
    """A frame as it travels. Raises ValueError for what is no text, such as half a surrogate pair."""
    return json.dumps(frame, ensure_ascii=False, allow_nan=False).encode()


class Lost(Exception):
    """The connection is of no more use."""


class Common:
    """What outlives a connection."""

    def __init__(self, credentials: Credentials, rest: Rest, *, queue: int, buffer: int) -> None:
        self.credentials, self.rest = credentials, rest
        self.ledger = Ledger()
        self.buffer = Buffer(buffer)
        self.outbox = Outbox(queue)
        self.rooms: set[int] = set()
        self.wants_snapshot = False


class Session:
    """Lives from a socket's opening handshake to its end; `run` never returns, it raises why it ended."""

    own: ClassVar[dict[str, Callable[[Session, Data], None]]]

    def __init__(self, socket: ClientConnection, common: Common, opened: Callable[[Data], None]) -> None:
        self.socket, self.common, self.opened = socket, common, opened
        self.ledger, self.buffer, self.outbox = common.ledger, common.buffer, common.outbox
        self.loop = asyncio.get_running_loop()
        self.tasks: set[asyncio.Task[None]] = set()
        self.problem: BaseException | None = None
        self.patience = OPENED_WITHIN_S
        self.resuming_until = 0.0
        self.snapshotting = self.overflowing = False
        self.last_error = ""

    async def run(self, token: str) -> None:
        """Raises ConnectionClosed, Lost, or what kept a snapshot from being taken."""
        try:
            await self.send({"type": "auth", "token": token, **self.claim()})
            while True:
                self.receive(await self.next_frame())
        except ConnectionClosed:
            if self.problem:
                raise self.problem from None
            raise
        finally:
            for task in self.tasks:
                task.cancel()

    def claim(self) -> dict[str, Any]:
        """Go on from our cursors at once, unless we have none or shall begin anew."""
        if self.common.wants_snapshot or not self.ledger.known:
            return {}
        self.resuming_until = self.loop.time() + RESUMED_WITHIN_S
        return self.ledger.claim()

    async def next_frame(self) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self.patience):
                text = await self.socket.recv()
        except TimeoutError:
            raise Lost("no sign of life") from None
        try:
            frame = json.loads(text)
            return {**frame, "type": str(frame["type"]), "data": dict(frame["data"])}
        except (ValueError, KeyError, TypeError) as odd:
            raise Lost(f"a frame that is none: {text[:80]!r}") from odd

    async def send(self, frame: Mapping[str, Any]) -> None:
        await self.socket.send(encoded(frame), text=True)

    async def whisper(self, frame: Mapping[str, Any]) -> None:
        """Send what only makes sense now; a connection that is gone has nobody to hear it."""
        with suppress(ConnectionClosed):
            await self.send(frame)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside listening. If it fails, the connection is over."""
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.done)

    def done(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()):
            self.problem = self.problem or problem
            self.socket.transport.abort()

    # --- frames ------------------------------------------------------------------------------------------------------

    def receive(self, frame: dict[str, Any]) -> None:
        kind, data = frame["type"], frame["data"]
        if data.get("request_id") is not None:
            self.outbox.answer(kind, data)
        elif kind in self.own:
            self.own[kind](self, data)
        elif "seq" in frame:
            self.order(frame)
        elif not self.buffer.is_full:
            self.buffer.put(event_of(frame))

    def order(self, frame: dict[str, Any]) -> None:
        """Take a kept frame if it is the next one of its stream."""
        verdict = self.ledger.verdict(frame["stream"], frame["seq"])
        if verdict is Verdict.OLD or self.snapshotting or self.overflowing:
            return
        if verdict is Verdict.HOLE:
            self.resume()
        elif self.buffer.is_full:
            self.overflowing = True
            self.spawn(self.wait_for_room())
        else:
            self.buffer.put(event_of(frame))
            self.ledger.take(frame["stream"], frame["seq"])

    def resume(self) -> None:
        """Ask for what lies between our cursors and now, once until it is answered."""
        if self.loop.time() >= self.resuming_until:
            self.resuming_until = self.loop.time() + RESUMED_WITHIN_S
            self.spawn(self.send({"type": "resume", **self.ledger.claim()}))

    async def wait_for_room(self) -> None:
        """The application is slow: let what comes go by, and ask for it again later."""
        await self.buffer.room()
        self.overflowing = False
        self.resuming_until = 0.0
        self.resume()

    def connected(self, data: Data) -> None:
        self.patience = data["heartbeat"] + LATE_S
        if self.common.wants_snapshot:
            self.resync(data)
        elif not self.ledger.known:
            self.ledger.place(data["epoch"], data["cursors"])
        self.opened(data)
        for room in self.common.rooms:
            self.spawn(self.send({"type": "join", "conversation_id": room}))
        self.spawn(self.outbox.pump(self.send))

    def compare(self, data: Data) -> None:
        """The server says how far it has sent: beyond us means that something was lost."""
        if self.ledger.is_behind(data["cursors"]) and not (self.snapshotting or self.overflowing):
            self.resume()

    def resumed(self, data: Data) -> None:
        self.resuming_until = 0.0
        self.compare(data)

    def resync(self, _data: Data) -> None:
        self.resuming_until = 0.0
        if not self.snapshotting:
            self.snapshotting = True
            self.spawn(self.take_snapshot())

    async def take_snapshot(self) -> None:
        """Begin anew from the state itself; what is sent meanwhile comes again by the resume."""
        await self.buffer.room()
        data = await self.common.rest.snapshot()
        self.ledger.place(data["epoch"], data["cursors"])
        self.buffer.put(snapshot_of(data))
        self.common.wants_snapshot = self.snapshotting = False
        self.resume()

    def expiring(self, _data: Data) -> None:
        self.spawn(self.renew())

    async def renew(self) -> None:
        """Show a new token in good time. If none can be had, the server's close will tell."""
        try:
            token = await self.common.credentials.token(renew=True)
        except (NioChatError, httpx.TransportError) as problem:
            log.warning("the token could not be renewed yet: %r", problem)
        else:
            await self.send({"type": "auth", "token": token, "request_id": "renewal"})

    def error(self, data: Data) -> None:
        """A refusal that answers no command: usually why the server closes."""
        self.last_error = data["code"]
        log.info("the server says %s: %s", data["code"], data["error"])


Session.own = {
    "connected": Session.connected,
    "heartbeat": Session.compare,
    "resumed": Session.resumed,
    "resync": Session.resync,
    "auth_expiring": Session.expiring,
    "error": Session.error,
}
