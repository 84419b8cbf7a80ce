"""uvicorn's WebSocket protocol, which lends its transport to the fan-out and never closes with 1011.

Given to uvicorn as `ws=LendingProtocol`. It relies on attributes that uvicorn does not promise: a test pins them, and
the versions are pinned with it.
"""

from __future__ import annotations

from typing import Any

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request

from realtime import metrics
from realtime.outlets import FAREWELL_S, TOO_SLOW, LentOutlet

EXTENSION = "niochat.outlet"
FRAME_MOST = 64 * 1024
PING_AFTER_S = 25.0
SILENCE_S = 45.0
CONTROL_FRAMES_PER_S = 50
# The smallest frame has 6 bytes, so this much holds 128 frames at most: what is parsed ahead of the application.
PARSED_AHEAD = 768
TOO_FAST = 4429
# A health probe by `curl -I` asks for the head of a handshake's answer, and there is nothing else to that answer.
HEAD, GET = b"HEAD ", b"GET "


class LendingProtocol(WebSocketsSansIOProtocol):
    """One connection. Any byte from the peer is a sign of life; nothing is asked of the application."""

    outlet: LentOutlet | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whatever the server was configured with: these two are the product's promise, not a setting.
        self.conn.max_message_size = FRAME_MOST
        self.conn.available_extensions = None
        self.close_timeout = FAREWELL_S
        self.heard_at = self.loop.time()
        self.unparsed = bytearray()
        self.control_second = 0
        self.control_frames = 0

    # --- lending -----------------------------------------------------------------------------------------------------

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):  # Absent where the handshake was malformed and has been refused.
            self.outlet = LentOutlet(self)
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self.outlet

    async def send(self, message: ASGISendEvent) -> None:
        """As uvicorn's, but a handshake that was refused in so many words is over, and no error of ours."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.outlet:
            self.outlet.fell_behind()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.outlet and not self.close_sent:
            self.outlet.caught_up()

    def part(self) -> None:
        """Take the transport back before anything is closed."""
        if self.outlet:
            outlet, self.outlet = self.outlet, None
            outlet.ended()

    # --- ends --------------------------------------------------------------------------------------------------------

    def hang_up(self, code: int, reason: str = "") -> None:
        """Close at once, from any place in the loop, without waiting for the peer to read."""
        self.part()
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return
        try:
            self.conn.send_close(code, reason)
        except InvalidState:
            return
        metrics.closed.labels(code).inc()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.say_farewell()

    def say_farewell(self) -> None:
        """Write the close frame and our end of the stream, drop unread what still comes, let go when the peer does.

        Closing at once would have a reset overtake the frame; reading on would let a flood keep us busy.
        """
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.close_sent = True
        self.unparsed.clear()
        self.stop_keepalive()
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)

    def handle_close(self, event: Frame) -> None:
        self.part()
        super().handle_close(event)

    def handle_parser_exception(self) -> None:
        """The peer broke the protocol, or a limit (1009). The parser has prepared the close and reads no further."""
        self.part()
        closing = self.conn.close_sent
        if self.close_sent:
            return
        if closing is None or closing.code == CloseCode.INTERNAL_ERROR:
            self.transport.abort()
            return
        metrics.closed.labels(int(closing.code)).inc()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": closing.code, "reason": closing.reason})
        self.say_farewell()

    def shutdown(self) -> None:
        self.part()
        super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        self.part()
        super().connection_lost(exc)

    # --- frames in ---------------------------------------------------------------------------------------------------

    def parse(self) -> None:
        """Parse no further than the application reads: one read from the network can hold 40,000 tiny frames."""
        while self.unparsed and not self.read_paused:
            piece = bytes(self.unparsed[:PARSED_AHEAD])
            del self.unparsed[:PARSED_AHEAD]
            super().data_received(piece)

    async def receive(self) -> ASGIReceiveEvent:
        message = await super().receive()
        self.parse()
        return message

    def send_receive_event_to_app(self) -> None:
        """As uvicorn's, but text that is no text is the client's mistake: it gets 1007, the log no traceback."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                self.hang_up(CloseCode.INVALID_DATA, "not UTF-8")
                return
        super().send_receive_event_to_app()

    # --- life --------------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        self.heard_at = self.loop.time()
        if not self.handshake_initiated and data.startswith(HEAD):
            data = GET + data.removeprefix(HEAD)
        if not self.close_sent:
            self.unparsed += data
            self.parse()

    def start_keepalive(self) -> None:
        self.ping_timer = self.loop.call_later(PING_AFTER_S, self.look_for_life)

    def look_for_life(self) -> None:
        """Ask a silent peer; give up one that has stayed silent for too long."""
        self.ping_timer = None
        if self.close_sent or self.transport.is_closing():
            return
        silent = self.loop.time() - self.heard_at
        if silent >= SILENCE_S:
            self.hang_up(TOO_SLOW, "no sign of life")
            return
        if silent >= PING_AFTER_S:
            self.conn.send_ping(b"")
            self.transport.write(b"".join(self.conn.data_to_send()))
        due = SILENCE_S if silent >= PING_AFTER_S else PING_AFTER_S
        self.ping_timer = self.loop.call_later(due - silent, self.look_for_life)

    def handle_ping(self) -> None:
        if self.is_flooded():
            self.hang_up(TOO_FAST, "too many control frames")
        else:
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        if self.is_flooded():
            self.hang_up(TOO_FAST, "too many control frames")

    def is_flooded(self) -> bool:
        """Whether this control frame is one too many in its second."""
        second = int(self.loop.time())
        if second != self.control_second:
            self.control_second, self.control_frames = second, 0
        self.control_frames += 1
        return self.control_frames > CONTROL_FRAMES_PER_S
