"""A visitor's end of the widget's socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator

from conversations.models import Inbox
from conversations.visitors import Visitor, mint
from niochat.asgi import application
from tests.patience import PATIENCE_S
from tests.widget.visiting import SHOP


class Widget(WebsocketCommunicator):
    """A visitor's end of the socket."""

    async def enter(self) -> bool:
        """Whether it was let in."""
        accepted, _ = await self.connect(timeout=PATIENCE_S)
        return bool(accepted)

    async def leave(self) -> None:
        await self.disconnect(timeout=PATIENCE_S)

    async def say(self, type_: str, **data: Any) -> None:
        await self.send_to(text_data=json.dumps({"type": type_, **data}))

    async def hear(self, *types: str) -> dict[str, Any]:
        """The next frame of one of these types; others are passed over."""
        while True:
            frame = json.loads(await self.receive_from(timeout=PATIENCE_S))
            if not types or frame["type"] in types:
                return dict(frame)

    async def silent(self) -> bool:
        return await self.receive_nothing(timeout=0.3)

    async def ended(self) -> int:
        """The close code; frames before it are passed over."""
        while True:
            message = await self.receive_output(timeout=PATIENCE_S)
            if message["type"] == "websocket.close":
                return int(message["code"])


def widget(token: str, *, origin: str = SHOP, query: bool = False) -> Widget:
    path = f"/ws/widget/?token={token}" if query else "/ws/widget/"
    offered = [] if query else ["niochat.v1", f"bearer.{token}"]
    headers = [(b"origin", origin.encode()), (b"host", b"testserver")]
    return Widget(application, path, headers=headers, subprotocols=offered)


@asynccontextmanager
async def opened(token: str, **how: Any) -> AsyncIterator[Widget]:
    """An open, authenticated widget that has been told who is there."""
    socket = widget(token, **how)
    assert await socket.enter()
    try:
        yield socket
    finally:
        await socket.leave()


def known(site: Inbox, identifier: str = "v:joana") -> str:
    return mint(Visitor(inbox=site, identifier=identifier))


def quiet(work: Callable[..., Any]) -> Callable[..., Any]:
    """Call something of the database from a test of sockets."""
    return database_sync_to_async(work)
