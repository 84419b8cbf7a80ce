"""No request body grows beyond its limit, whatever its headers say: Django stores a body before it looks at it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.utils import translation

from niochat.errors import body as shape
from niochat.language import language_of
from niochat.parsers import PayloadTooLarge
from realtime.protocol import FRAME_MOST

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# A body somewhat too large is read to its end, for nothing, before it is refused.
READ_AWAY_MOST, READ_AWAY_S = 4 * 2**20, 5.0
SOCKETIO = "/socket.io"
# A file travels with its multipart envelope.
ENVELOPE_BYTES = 2**16


class BoundedBodies:
    """Answers 413 at the first byte too many: 1 MiB, 3 for webhooks, or an attachment's size on the upload routes."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = limit_of(scope["path"])
        if declared(scope) > limit:
            if declared(scope) <= READ_AWAY_MOST:
                await read_away(receive)
            await refuse(scope, send)
            return
        counted = CountedReceive(receive, limit)
        try:
            await self.app(scope, counted, send)
        except PayloadTooLarge:
            if counted.goes_on:
                await read_away(receive)
            await refuse(scope, send)


class CountedReceive:
    """`receive`, until more than `limit` bytes of body have come: then PayloadTooLarge."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self.receive = receive
        self.left = limit
        self.goes_on = True

    async def __call__(self) -> Mapping[str, Any]:
        message = await self.receive()
        if message["type"] == "http.request":
            self.goes_on = bool(message.get("more_body"))
            self.left -= len(message.get("body", b""))
            if self.left < 0:
                raise PayloadTooLarge
        return message


async def read_away(receive: Receive) -> None:
    """Take what a client is already sending: closing on it would have a reset overtake the answer."""
    left = READ_AWAY_MOST
    with suppress(TimeoutError):  # Who sends this slowly gets the reset.
        async with asyncio.timeout(READ_AWAY_S):
            while left > 0 and (message := await receive())["type"] == "http.request" and message.get("more_body"):
                left -= len(message.get("body", b""))


def limit_of(path: str) -> int:
    """The most bytes of body that this path takes: of Socket.IO's, what a frame of a socket may have."""
    if path.rstrip("/") == SOCKETIO:
        return FRAME_MOST
    if path.rstrip("/").endswith("/attachments"):
        return int(settings.ATTACHMENT_MAX_BYTES) + ENVELOPE_BYTES
    if path.startswith("/webhooks/"):
        return int(settings.WEBHOOK_MAX_BYTES)
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def declared(scope: Scope) -> int:
    """What Content-Length says; 0 where it says nothing or nonsense."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def refuse(scope: Scope, send: Send) -> None:
    """413 in the contract's shape and the reader's language.

    The connection ends with it: the rest of the body is not read.
    """
    with translation.override(language_of(ASGIRequest(scope, BytesIO()))):
        content = json.dumps(shape(PayloadTooLarge())).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": content})
