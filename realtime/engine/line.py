"""One Engine.IO connection: its way out, its pace, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

import structlog

from accounts.errors import Refused
from realtime import metrics, wire
from realtime.engine.outbox import Outbox, QueueOutlet
from realtime.families.base import Family
from realtime.fanout import fanout
from realtime.outlets import FAREWELL_S, Outlet
from realtime.pace import Pace, Strikes
from realtime.refusals import UNAUTHENTICATED, AuthTimeout
from realtime.socket import Socket

log = structlog.get_logger(__name__)

CONNECT_WITHIN_S = 10.0
# A client that has been told to go closes its connection; one that does not is not waited for longer.
DISMISSED_S = 2.0
FORBIDDEN = 4403
# Engine.IO's `message`, Socket.IO's `CONNECT_ERROR`.
CONNECT_ERROR = b"44"
# What ends by these is mended by coming back with the same credential.
BY_COMING_BACK = frozenset({"scope_changed"})


class Over(Exception):
    """The connection has ended before its client was let in."""


class Guest(Protocol):
    """The consumer behind a connection that has been let in."""

    pid: str
    socket: Socket

    async def come(self, auth: dict[str, Any]) -> None:
        """Authenticate; raises Closing."""

    async def settle(self, auth: dict[str, Any]) -> None:
        """The client knows that it is in."""

    async def hear(self, event: str, arguments: tuple[Any, ...]) -> Any:
        """Do what an event asks for; the acknowledgement."""

    async def close(self) -> None:
        """Leave everything."""

    def move(self, outlet: Outlet) -> None:
        """Write by another way from here on."""


class Line:
    """Built when Engine.IO has opened a connection; `guest` is there from Socket.IO's CONNECT to its DISCONNECT."""

    def __init__(self, engine_socket: Any, environ: Mapping[str, Any], dialect: Family) -> None:
        self.socket, self.environ, self.dialect = engine_socket, environ, dialect
        self.scope: dict[str, Any] = environ["asgi.scope"]
        self.loop = asyncio.get_running_loop()
        self.outbox: Outbox = engine_socket.queue
        self.outlet: Outlet = QueueOutlet(self.outbox, self.dropped)
        self.pace, self.strikes = Pace(), Strikes()
        self.guest: Guest | None = None
        # The poll that waits for an answer, if one does.
        self.polled: object | None = None
        self.ending = self.over = False
        self.patience = self.loop.call_later(CONNECT_WITHIN_S, self.wait_no_longer)

    def answered(self, poll: object) -> None:
        """This poll has its answer; another that has come meanwhile still waits."""
        if self.polled is poll:
            self.polled = None

    @property
    def is_websocket(self) -> bool:
        return bool(self.socket.upgraded)

    def move(self, outlet: Outlet) -> None:
        """The WebSocket has taken over."""
        self.outlet = outlet
        if self.guest:
            self.guest.move(outlet)

    def ensure_there(self) -> None:
        """Raise Over when the connection has ended meanwhile."""
        if self.over:
            raise Over

    def refuse(self, refusal: Refused) -> None:
        """Say what was wrong, to whoever is there."""
        if self.guest:
            self.guest.socket.refuse(refusal)

    def wait_no_longer(self) -> None:
        """Nobody has shown credentials."""
        told = {"message": AuthTimeout().detail, "data": {"code": AuthTimeout.code.upper()}}
        self.outlet.send(CONNECT_ERROR + wire.dumps(told))
        self.hang_up(UNAUTHENTICATED, "AUTH_TIMEOUT")

    def dismiss_later(self, code: int) -> None:
        """The client has been told to go."""
        self.patience.cancel()
        self.patience = self.loop.call_later(DISMISSED_S, self.hang_up, code)

    def hang_up(self, code: int, reason: str = "") -> None:
        """Drop the transport: the client comes back by itself, unless it was told not to."""
        self.ending = True
        self.outlet.hang_up(code, reason)

    def dropped(self, code: int) -> None:
        """The queue takes nothing more."""
        self.ending = True
        metrics.closed.labels(code).inc()
        fanout().spawn(self.finish())

    async def finish(self) -> None:
        """End the connection once what waits has been taken, or will not be.

        Engine.IO's CLOSE would tell some clients that all is well; they are to find that the session is gone.
        """
        with suppress(TimeoutError):  # It does not take them: it has had its time.
            await asyncio.wait_for(self.outbox.join(), FAREWELL_S)
        await self.abort()

    async def abort(self) -> None:
        """End it now, on our side."""
        self.ending = True
        with suppress(Exception):  # Whatever is wrong with it, it is over.
            await self.socket.close(wait=False, abort=True)

    def gone(self) -> None:
        """Engine.IO has ended the connection. A poll that waits is answered, after what Engine.IO still has to say."""
        self.ending = self.over = True
        self.patience.cancel()
        self.loop.call_soon(self.outbox.put_nowait, None)


class LineSocket(Socket):
    """What a consumer takes for its socket."""

    def __init__(self, line: Line, dismiss: Any) -> None:
        super().__init__(line.scope, unheard, unsaid, line.dialect)
        self.line, self.dismiss = line, dismiss
        self.outlet = line.outlet
        self.pace, self.strikes = line.pace, line.strikes

    def end(self, code: int, refusal: Refused) -> None:
        """Say why. A credential that won't do is not to be tried again; anything else is."""
        self.refuse(refusal)
        if code in (UNAUTHENTICATED, FORBIDDEN) and refusal.code not in BY_COMING_BACK:
            self.dismiss(self.line, code)
        else:
            self.line.hang_up(code, refusal.code.upper())

    async def close(self) -> None:
        """The connection outlives its guest."""


async def unheard() -> dict[str, Any]:
    raise NotImplementedError("Engine.IO reads.")


async def unsaid(_message: dict[str, Any]) -> None:
    raise NotImplementedError("The outlet writes.")
