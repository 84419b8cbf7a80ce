"""An asynchronous Redis connection that speaks RESP3, so that subscriptions and ordinary commands share it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

import hiredis
import structlog

from realtime.bus.resp import Address, command

log = structlog.get_logger(__name__)

# Redis does not read what we send: drop the connection before it eats our memory.
STUCK_BYTES = 8 * 2**20


class Pipe(asyncio.Protocol):
    """Answers come in the order of the commands; pushes (subscriptions) go to `notify`. `gone` tells its end."""

    transport: asyncio.Transport

    def __init__(self, notify: Callable[[list[Any]], None]) -> None:
        self.notify = notify
        self.loop = asyncio.get_running_loop()
        self.reader = hiredis.Reader()
        self.answers: deque[asyncio.Future[Any] | None] = deque()
        self.gone: asyncio.Future[None] = self.loop.create_future()
        self.heard_at = self.loop.time()

    @classmethod
    async def dialled(cls, address: Address, notify: Callable[[list[Any]], None]) -> Pipe:
        """A connection to there. Raises OSError."""
        loop = asyncio.get_running_loop()
        if address.path:
            return (await loop.create_unix_connection(lambda: cls(notify), address.path))[1]
        context = address.context()
        return (await loop.create_connection(lambda: cls(notify), address.host, address.port, ssl=context))[1]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not asserted: uvloop's transports are none of asyncio's classes.
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.heard_at = self.loop.time()
        self.reader.feed(data)
        try:
            while (reply := self.reader.gets()) is not False:
                if isinstance(reply, hiredis.PushNotification):
                    self.notify(reply)
                else:
                    self.answered(reply)
        except hiredis.ProtocolError:
            log.exception("redis_garbled")
            self.transport.abort()

    def answered(self, reply: Any) -> None:
        future = self.answers.popleft()
        if future is None or future.done():
            return
        if isinstance(reply, hiredis.ReplyError):
            future.set_exception(ConnectionError(str(reply)))
        else:
            future.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        for future in self.answers:
            if future is not None and not future.done():
                future.set_exception(ConnectionResetError("Redis is gone."))
                future.exception()  # Who waits is told; where nobody does, nothing is logged.
        self.answers.clear()
        if not self.gone.done():
            self.gone.set_result(None)

    def ask(self, *parts: bytes | str | int) -> asyncio.Future[Any]:
        """Send a command; the future has its answer, or an OSError."""
        future: asyncio.Future[Any] = self.loop.create_future()
        if self.gone.done():
            future.set_exception(ConnectionResetError("Redis is gone."))
            return future
        self.answers.append(future)
        self.transport.write(command(*parts))
        return future

    def tell(self, commands: Sequence[bytes]) -> None:
        """Send commands whose answers nobody waits for."""
        if self.gone.done():
            return
        self.answers.extend([None] * len(commands))
        self.transport.write(b"".join(commands))
        if self.transport.get_write_buffer_size() > STUCK_BYTES:
            self.transport.abort()

    def subscribe(self, verb: str, topics: Sequence[bytes]) -> None:
        """SUBSCRIBE or UNSUBSCRIBE: answered by pushes only."""
        if topics and not self.gone.done():
            self.transport.write(command(verb, *topics))

    def abort(self) -> None:
        self.transport.abort()
