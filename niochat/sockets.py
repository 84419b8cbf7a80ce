"""Which consumer answers which socket path; the slash at the end is optional on each."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import re_path

from niochat.bodies import SOCKETIO, App, Receive, Scope, Send

PATHS = {
    r"^ws/dashboard/?$": ("dashboard.consumers", "DashboardConsumer"),
    r"^ws/widget/?$": ("conversations.consumers", "WidgetConsumer"),
    r"^ws/?$": ("dashboard.families", "ByQuery"),
    r"^api/v1/conversations/ws/?$": ("dashboard.families", "PyTakeConsumer"),
}


def is_socketio(path: str) -> bool:
    """Whether a path is `/socket.io`, with or without the slash at its end."""
    return path.rstrip("/") == SOCKETIO


def socket_routes() -> list[Any]:
    """The routes of Channels' URLRouter, the refusal of every other path included."""
    routes: list[Any] = [
        re_path(path, getattr(import_module(module), name).as_asgi())
        for path, (module, name) in PATHS.items()
        if find_spec(module)
    ]
    refusal: Any = no_such_socket  # Django's types know views only
    return [*routes, re_path(r"", refusal)]


class BesideSocketIo:
    """Passes on everything but what is Socket.IO's, by its path."""

    def __init__(self, others: App, socketio: App) -> None:
        self.others, self.socketio = others, socketio

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.socketio if is_socketio(scope["path"]) else self.others
        await app(scope, receive, send)


class HealthOnly:
    """HTTP as a process that serves sockets answers it: how it is, its counters, and what a socket's path is for."""

    def __init__(self, http: App) -> None:
        self.http = http
        self.answered = re.compile("|".join(["^health", "^metrics", *PATHS]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = self.answered.match(scope["path"].removeprefix("/"))
        await self.http(scope if known else scope | {"path": "/not-served-here"}, receive, send)


async def no_such_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse the handshake: with 404 where the server can say it (uvicorn, daphne with its extension), else 403."""
    await receive()
    if "websocket.http.response" in (scope.get("extensions") or {}):
        await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"", "more_body": False})
    else:
        await send({"type": "websocket.close"})


def upgrade_required(_request: HttpRequest) -> HttpResponse:
    """What a plain GET gets on a socket's path."""
    return HttpResponse(
        "This is a WebSocket; connect with ws:// or wss://.\n",
        status=426,
        content_type="text/plain; charset=utf-8",
        headers={"Upgrade": "websocket", "Connection": "Upgrade"},
    )
