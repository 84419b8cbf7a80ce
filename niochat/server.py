"""The product's server: uvicorn in code, on several ports at once, with our WebSocket class; it ends within seconds."""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from types import FrameType

import uvicorn

from dashboard import socketio
from realtime.protocol import LendingProtocol

# What a process serves, and the application of niochat.asgi that does it.
ROLES = {"all": "application", "web": "web", "sockets": "sockets"}
# How long open requests may take to end, and then the whole process, before it is cut off.
GRACEFUL_S = 5
LAST_RESORT_S = 15
FRAME_MAX_BYTES = 2**16


class PortTaken(Exception):
    """A port that somebody else listens on."""


def listen(host: str, ports: Sequence[int]) -> list[socket.socket]:
    """One listening socket for each port; raises PortTaken with a sentence that says which."""
    sockets: list[socket.socket] = []
    try:
        sockets.extend(_bound(host, port) for port in ports)
    except PortTaken:
        for opened in sockets:
            opened.close()
        raise
    return sockets


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
    except OSError as error:
        opened.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"Port {port} is in use: stop what listens there, or choose another.") from error
        raise PortTaken(f"Can't listen on {host} port {port}: {error.strerror}.") from error
    opened.set_inheritable(False)
    return opened


class Server(uvicorn.Server):
    """uvicorn's server that says when it is up and whose end is bounded."""

    def __init__(self, config: uvicorn.Config, up: Callable[[], None]) -> None:
        super().__init__(config)
        self.up = up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.up()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A poll would be waited for like any request, and a poll waits by its nature.
        await socketio.let_go()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        # A request that hangs in a thread would be waited for; nobody should have to.
        guard = threading.Timer(LAST_RESORT_S, os._exit, (1,))
        guard.daemon = True
        guard.start()


def serve(sockets: list[socket.socket], role: str, up: Callable[[], None]) -> bool:
    """Serve until SIGINT or SIGTERM; `up` is called once the server answers. Says whether it ever did."""
    # uvicorn raises a caught signal once more when it is done; by then it has been obeyed.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    server = Server(config(role), up)
    server.run(sockets=sockets)
    return server.started


def config(role: str) -> uvicorn.Config:
    """uvicorn's configuration: no compression (it costs more than it saves), no second log, no trust in headers."""
    return uvicorn.Config(
        f"niochat.asgi:{ROLES[role]}",
        ws=LendingProtocol,
        ws_max_size=FRAME_MAX_BYTES,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACEFUL_S,
    )
