"""The Socket.IO server of one event loop: python-socketio under the product's limits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import engineio
import socketio
import structlog
from engineio.payload import Payload
from socketio.exceptions import ConnectionRefusedError as TurnedAway

from accounts.errors import RateLimited, Refused
from realtime import metrics
from realtime.engine.driver import DRIVER, TOO_FAST
from realtime.engine.line import Guest, Line, LineSocket, Over
from realtime.engine.outbox import Outbox
from realtime.engine.packets import CONNECT, StrictPacket
from realtime.families.base import Family
from realtime.fanout import fanout
from realtime.protocol import FRAME_MOST
from realtime.refusals import DATABASE_DOWN, NOT_NOW, Unavailable
from realtime.socket import Closing

log = structlog.get_logger(__name__)
# Engine.IO's own lines hold what passes through, tokens included; whatever matters is said by us.
silent = logging.getLogger(f"{__name__}.engine")
silent.setLevel(logging.CRITICAL + 1)

PING_EVERY_S, PONG_WITHIN_S = 25, 20
# A poll of a client that has been writing offline: its queue at once, as natively.
Payload.max_decode_packets = 128

# What nothing is read as: it is refused as what it is.
NO_PACKET = "?"
# What Engine.IO raises for a session that it finds closed.
DISCONNECTED = "Session is disconnected"

# May a page of this origin poll?
Welcome = Callable[[str | None, Mapping[str, Any]], bool]


class Engine(engineio.AsyncServer):
    """Engine.IO with our queues, our WebSockets, and ids that name this process."""

    def __init__(self, *, process: str, **options: Any) -> None:
        super().__init__(**options)
        self._async = DRIVER
        self.prefix = f"{process}-" if process else ""
        self.lines: dict[str, Line] = {}

    def create_queue(self, *_args: Any, **_options: Any) -> Outbox:
        return Outbox()

    def generate_id(self) -> str:
        return f"{self.prefix}{super().generate_id()}"


class Places(socketio.AsyncManager):
    """Tells the server when a client knows that it is in."""

    async def connect(self, sid: str, namespace: str) -> str:
        known: str = await super().connect(sid, namespace)
        await self.server.settle(known)
        return known


class Desk(socketio.AsyncServer):
    """One event loop's. `guest_of` makes the consumer of a connection."""

    def __init__(
        self, guest_of: Callable[[LineSocket], Guest], dialect: Family, welcome: Welcome, process: str
    ) -> None:
        super().__init__(
            client_manager=Places(),
            async_mode="asgi",
            async_handlers=False,
            serializer=StrictPacket,
            logger=silent,
            engineio_logger=silent,
            process=process,
            ping_interval=PING_EVERY_S,
            ping_timeout=PONG_WITHIN_S,
            max_http_buffer_size=FRAME_MOST,
            http_compression=False,
            cors_allowed_origins=welcome,
        )
        self.guest_of, self.dialect = guest_of, dialect
        self.lines: dict[str, Line] = self.eio.lines
        self.guests: dict[str, Guest] = {}
        self.shown: dict[str, dict[str, Any]] = {}
        self.eio.on("message", self.packet)
        self.on("connect", self.come)
        self.on("disconnect", self.go)
        self.on("*", self.hear)

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    # --- Engine.IO ---------------------------------------------------------------------------------------------------

    async def _handle_eio_connect(self, eio_sid: str, environ: Mapping[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        self.lines[eio_sid] = Line(self.eio.sockets[eio_sid], environ, self.dialect)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        await super()._handle_eio_disconnect(eio_sid, reason)
        if line := self.lines.pop(eio_sid, None):
            line.gone()

    async def packet(self, eio_sid: str, data: Any) -> None:
        """A message of Engine.IO. Nothing that is wrong with it leaves here as an exception."""
        line = self.lines.get(eio_sid)
        if line is None or line.ending:
            return
        metrics.frames_in.labels(self.dialect.name).inc()
        if not line.is_websocket and not await self.may_go_on(line):
            return
        try:
            await self._handle_eio_message(eio_sid, data or NO_PACKET)
        except Refused as refusal:
            line.refuse(refusal)
            if line.guest is None:
                line.hang_up(4400)
        except Exception:
            log.exception("socketio_failed")
            line.hang_up(NOT_NOW)

    async def may_go_on(self, line: Line) -> bool:
        """The pace of a client that polls; a WebSocket's is kept where it is read."""
        if await line.pace.turn():
            line.refuse(RateLimited(retry_after=1))
        if line.pace.is_exhausted:
            line.hang_up(TOO_FAST)
        return not line.pace.is_exhausted

    async def _send_packet(self, eio_sid: str, packet: StrictPacket) -> None:
        line = self.lines.get(eio_sid)
        if line is None or line.ending:
            return
        if packet.packet_type == CONNECT and line.guest:
            packet.data = {**packet.data, "pid": line.guest.pid}
        await super()._send_packet(eio_sid, packet)

    # --- Socket.IO ---------------------------------------------------------------------------------------------------

    def line_of(self, sid: str) -> Line | None:
        return self.lines.get(self.manager.eio_sid_from_sid(sid, "/") or "")

    async def come(self, sid: str, environ: Mapping[str, Any], auth: dict[str, Any] | None) -> None:
        """CONNECT: let the client in, or say why not."""
        line = self.line_of(sid)
        if line is None:
            raise TurnedAway
        # Credentials have come in time; how long it takes us to look at them is not the client's fault.
        line.patience.cancel()
        guest = line.guest = self.guest_of(LineSocket(line, self.dismiss))
        try:
            await guest.come(auth or {})
            line.ensure_there()
        except Exception as problem:
            line.guest = None
            await guest.close()
            raise self.refusal(line, problem) from problem
        self.guests[sid], self.shown[sid] = guest, auth or {}

    def refusal(self, line: Line, problem: Exception) -> TurnedAway:
        """Credentials are refused by CONNECT_ERROR, which ends a client's tries; what is our fault by a lost line."""
        if isinstance(problem, Closing) and problem.code != NOT_NOW:
            line.dismiss_later(problem.code)
            return TurnedAway(problem.refusal.detail, {"code": problem.refusal.code.upper()})
        if isinstance(problem, DATABASE_DOWN):
            log.warning("socket_without_database", exc_info=problem)
        elif not isinstance(problem, (Closing, Over)):
            log.error("socket_failed", exc_info=problem)
        line.hang_up(NOT_NOW, Unavailable.code.upper())
        return TurnedAway()

    async def settle(self, sid: str) -> None:
        """The client has been told that it is in."""
        guest, auth = self.guests.get(sid), self.shown.pop(sid, {})
        if guest and self.line_of(sid):
            await guest.settle(auth)
        elif guest:
            await self.go(sid, "")

    async def hear(self, event: str, sid: str, *arguments: Any) -> Any:
        guest = self.guests.get(sid)
        return await guest.hear(event, arguments) if guest else None

    async def go(self, sid: str, _reason: str) -> None:
        """DISCONNECT, or the end of the connection."""
        self.shown.pop(sid, None)
        guest = self.guests.pop(sid, None)
        line = self.line_of(sid)
        if line:
            line.guest = None
        if guest:
            await guest.close()

    def dismiss(self, line: Line, code: int) -> None:
        """Tell a client to go and not to come back by itself."""
        line.dismiss_later(code)
        for sid, guest in self.guests.items():
            if guest is line.guest:
                fanout().spawn(self.disconnect(sid))

    async def let_go(self) -> None:
        """End every connection that polls."""
        for line in [line for line in self.lines.values() if not line.is_websocket]:
            await line.abort()

    # --- HTTP --------------------------------------------------------------------------------------------------------

    async def serve(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        """An ASGI connection: a WebSocket, or one request of a client that polls."""
        sid = sid_of(scope)
        line = self.lines.get(sid)
        polls = scope["type"] == "http" and scope["method"] == "GET" and line and not line.is_websocket
        if line and polls and not line.polled:
            await self.poll(line, scope, receive, send)
            return
        if line and polls:
            await line.abort()
        await self.answered(scope, receive, send)

    async def answered(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        """Engine.IO's answer. It stumbles over a session that ended while the request was read, then forgets it."""
        try:
            await self.handle_request(scope, receive, send)
        except KeyError as problem:
            if problem.args != (DISCONNECTED,):
                raise
            await self.handle_request(scope, nothing_more, send)

    async def poll(
        self, line: Line, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]
    ) -> None:
        """One poll at a time; a client that hangs up on its poll has lost the connection and knows it.

        A client that has its answer polls again at once, so this poll is over before the answer's last byte is sent.
        """
        line.polled = this = object()
        first = await receive()

        async def again() -> Any:
            return first

        async def sent(message: Any) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                line.answered(this)
            await send(message)

        answer = asyncio.ensure_future(self.answered(scope, again, sent))
        hangs_up = asyncio.ensure_future(left(receive))
        try:
            await asyncio.wait({answer, hangs_up}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            line.answered(this)
            if not answer.done():
                answer.cancel()
            hangs_up.cancel()
        await asyncio.wait({answer})


async def nothing_more() -> dict[str, Any]:
    """The rest of a request whose body has been read."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def left(receive: Callable[[], Any]) -> None:
    """Return when the client of a request has gone."""
    message = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()


def sid_of(scope: Mapping[str, Any]) -> str:
    """The session that a request names."""
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get("sid", [""])[0]
