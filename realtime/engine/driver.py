"""Engine.IO's WebSocket over ASGI: its bytes go straight to the transport that our server lends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog
from engineio.async_drivers import asgi
from engineio.packet import Packet

from accounts.errors import RateLimited
from realtime.outlets import STUCK_S, LentOutlet
from realtime.protocol import EXTENSION, FRAME_MOST

log = structlog.get_logger(__name__)

# A second transport must prove itself within this time, or the first goes on alone.
PROBE_WITHIN_S = 10.0
NORMAL, TOO_FAST, BINARY, TOO_LARGE = 1000, 4429, 1003, 1009
Handler = Callable[["WebSocket"], Awaitable[None]]


class Gone(OSError):
    """The peer is gone, or is not listened to any more: what Engine.IO expects of a socket that has ended."""


class WebSocket:
    """One WebSocket of one Engine.IO connection: its only transport, or the second, which takes over."""

    def __init__(self, handler: Handler, server: Any) -> None:
        self.handler = handler
        self.socket = handler.__self__  # type: ignore[attr-defined] # Engine.IO gives a method of its connection
        self.line = server.lines[self.socket.sid]
        self.lent: LentOutlet | None = None
        self.live = False

    async def __call__(self, environ: Mapping[str, Any]) -> str:
        self.receive, self.transmit = environ["asgi.receive"], environ["asgi.send"]
        if self.socket.upgrading:
            await refuse(environ, 400, b'{"code":3,"message":"Bad request"}')
            return ""
        lent = (environ["asgi.scope"].get("extensions") or {}).get(EXTENSION)
        self.lent = lent if isinstance(lent, LentOutlet) else None
        await self.transmit({"type": "websocket.accept"})
        try:
            await self.handler(self)
        except Exception as odd:  # noqa: BLE001 - what a peer sends must not end in a traceback
            log.info("socketio_broke_off", error=repr(odd))
        finally:
            await self.end()
        return ""

    async def end(self) -> None:
        """Leave Engine.IO's connection as it is where the other transport goes on, ended where this was the one."""
        self.socket.upgrading = False
        if self.live and not self.socket.closed:
            await self.socket.queue.put(None)
            await self.socket.close(wait=False, abort=True, reason=self.socket.server.reason.TRANSPORT_ERROR)
        await self.close()

    async def wait(self) -> str:
        """The next text. Called for the first time after an upgrade, all output goes this way."""
        if self.socket.upgraded:
            self.go_live()
            message = await self.receive()
        else:
            message = await asyncio.wait_for(self.receive(), PROBE_WITHIN_S)
        if message["type"] != "websocket.receive":
            raise Gone
        text = message.get("text")
        if not isinstance(text, str):
            self.line.hang_up(BINARY)
            raise Gone
        if len(text) > FRAME_MOST:
            self.line.hang_up(TOO_LARGE)
            raise Gone
        await self.turn()
        return text

    async def turn(self) -> None:
        """Read no faster than a socket may send."""
        if await self.line.pace.turn():
            self.line.refuse(RateLimited(retry_after=1))
        if self.line.pace.is_exhausted:
            self.line.hang_up(TOO_FAST)
            raise Gone

    def go_live(self) -> None:
        if not self.live:
            self.live = True
            if self.lent:
                self.socket.queue.open(self.pass_on)
                self.line.move(self.lent)

    def pass_on(self, packet: Packet) -> None:
        if self.lent:
            self.lent.send(packet.encode().encode())

    async def send(self, text: str) -> None:
        """Engine.IO's own packets: the first ones, pings, the end."""
        if self.lent:
            self.lent.send(text.encode())
        else:
            await asyncio.wait_for(self.transmit({"type": "websocket.send", "text": text}), STUCK_S)

    async def close(self) -> None:
        if self.lent:
            self.lent.hang_up(NORMAL)
        else:
            with suppress(Exception):  # It may have been closed before, by either side.
                await self.transmit({"type": "websocket.close"})


async def refuse(environ: Mapping[str, Any], status: int, body: bytes) -> None:
    """An HTTP answer to a handshake, where the server can give one; else the refusal without a reason."""
    send = environ["asgi.send"]
    if "websocket.http.response" not in (environ["asgi.scope"].get("extensions") or {}):
        await send({"type": "websocket.close"})
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})


async def respond(status: str, headers: list[tuple[str, str]], body: bytes, environ: Mapping[str, Any]) -> None:
    """Engine.IO's answers; those to a WebSocket's handshake keep their status."""
    if environ["asgi.scope"]["type"] == "websocket":
        await refuse(environ, int(status.partition(" ")[0]), body)
    else:
        whole = [("Cache-Control", "no-store"), ("Content-Length", str(len(body)))]
        await asgi.make_response(status, [*headers, *whole], body, environ)


DRIVER = {**asgi._async, "websocket": WebSocket, "make_response": respond}  # noqa: SLF001 # how drivers are given
