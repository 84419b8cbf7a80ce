"""What starts and stops with the server. Neither Django nor Channels answers ASGI's lifespan messages."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from niochat.bodies import Receive, Scope, Send


async def lifespan(_scope: Scope, receive: Receive, send: Send) -> None:
    """Start the fan-out before the first connection and stop it after the last."""
    fanout = import_module("realtime.fanout") if find_spec("realtime.fanout") else None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            if fanout is not None:
                await fanout.start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            if fanout is not None:
                await fanout.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
