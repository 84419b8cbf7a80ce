"""The raw end of one socket: handshake, frames in at a bearable pace, frames out, and how it ends."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from django.utils.translation import gettext_noop as _

from accounts.errors import RateLimited, Refused
from realtime import events, metrics
from realtime.events import Event
from realtime.families.base import NATIVE, Dialect
from realtime.outlets import LentOutlet, Outlet, QueuedOutlet
from realtime.pace import Pace, Strikes
from realtime.protocol import EXTENSION

Message = dict[str, Any]
TOO_FAST, ABUSE, BINARY = 4429, 4400, 1003
# Refusals that are no fault of the client's.
NO_STRIKE = frozenset({"internal", "unavailable", "rate_limited"})


class Ended(Exception):
    """The connection is over: closed by either side, or lost."""


class Closing(Exception):
    """Say why, and close with this code."""

    def __init__(self, code: int, refusal: Refused) -> None:
        self.code, self.refusal = code, refusal
        super().__init__(f"{code} {refusal}")


class UnsupportedData(Refused):
    code = "unsupported_data"
    detail = _("Send text frames of JSON.")


class Socket:
    """One WebSocket behind ASGI. `send` and `end` never wait; only `next_text` does."""

    outlet: Outlet
    # What the client speaks, in the words of `/metrics`; the consumer says.
    family = "native"

    def __init__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
        dialect: Dialect = NATIVE,
    ) -> None:
        self.scope, self.receive, self.transmit, self.dialect = scope, receive, send, dialect
        self.id = secrets.token_hex(8)
        self.pace = Pace()
        self.strikes = Strikes()

    # --- handshake ---------------------------------------------------------------------------------------------------

    async def accept(self, subprotocol: str | None) -> None:
        await self.transmit({"type": "websocket.accept", "subprotocol": subprotocol})
        lent = (self.scope.get("extensions") or {}).get(EXTENSION)
        self.outlet = lent if isinstance(lent, LentOutlet) else QueuedOutlet(self.transmit)

    async def deny(self, status: int) -> None:
        """Refuse the handshake: with this status where the server can say it, else with 403."""
        if "websocket.http.response" in (self.scope.get("extensions") or {}):
            await self.transmit({"type": "websocket.http.response.start", "status": status, "headers": []})
            await self.transmit({"type": "websocket.http.response.body", "body": b""})
        else:
            await self.transmit({"type": "websocket.close"})

    # --- in ----------------------------------------------------------------------------------------------------------

    async def next_text(self) -> str:
        """The next text frame, not sooner than this socket's pace allows. Raises Ended or Closing."""
        message = await self.receive()
        if message["type"] == "websocket.disconnect":
            raise Ended
        metrics.frames_in.labels(self.family).inc()
        if await self.pace.turn():
            self.refuse(RateLimited(retry_after=1))
        if self.pace.is_exhausted:
            raise Closing(TOO_FAST, RateLimited())
        text = message.get("text")
        if text is None:
            raise Closing(BINARY, UnsupportedData())
        return str(text)

    # --- out ---------------------------------------------------------------------------------------------------------

    def send(self, event: Event, request_id: str | int | None = None, **more: Any) -> None:
        """Tell this socket alone, if its dialect has a word for it."""
        for frame in self.dialect.answer(event, request_id, more):
            self.outlet.send(frame)

    def send_all(self, frames: Sequence[bytes]) -> None:
        """Frames (JSON) for this socket alone, in one write."""
        if frames:
            self.outlet.write(self.outlet.form(frames))

    def refuse(self, refusal: Refused, request_id: str | int | None = None) -> None:
        """Answer with an `error` frame; too many of them end the socket."""
        code = refusal.code.upper()
        metrics.errors.labels(code).inc()
        self.send(
            events.Error(code=code, error=refusal.detail, attr=refusal.attr, retry_after=refusal.retry_after),
            refusal.request_id if request_id is None else request_id,
        )
        if refusal.code not in NO_STRIKE and self.strikes.another():
            self.outlet.hang_up(ABUSE, "too many errors")

    def end(self, code: int, refusal: Refused) -> None:
        """Say why, then close."""
        self.refuse(refusal)
        self.outlet.hang_up(code, refusal.code.upper())

    async def close(self) -> None:
        """The consumer is done with this socket."""
        if isinstance(self.outlet, QueuedOutlet):
            await self.outlet.close()
