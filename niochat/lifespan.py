"""What starts and stops with the server. Neither Django nor Channels answers ASGI's lifespan messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from niochat.bodies import Receive, Scope, Send
from realtime import fanout

Beat = Callable[[], Awaitable[None]]


async def lifespan(_scope: Scope, receive: Receive, send: Send) -> None:
    """Start the fan-out before the first connection and stop it after the last."""
    await live(receive, send, fanout.start, fanout.stop)


async def idle(_scope: Scope, receive: Receive, send: Send) -> None:
    """A process without sockets follows nothing."""
    await live(receive, send, nothing, nothing)


async def live(receive: Receive, send: Send, start: Beat, stop: Beat) -> None:
    """Answer the server's two messages."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def nothing() -> None:
    pass
