"""The ASGI applications: all in one process, or HTTP and sockets in processes of their own."""

from __future__ import annotations

import os
from typing import Any

import django
from channels.routing import ProtocolTypeRouter, URLRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "niochat.settings")
django.setup(set_prefix=False)

# Only now: these import models.
from dashboard import socketio  # noqa: E402
from niochat.bodies import BoundedBodies  # noqa: E402
from niochat.http import PooledHandler  # noqa: E402
from niochat.lifespan import idle, lifespan  # noqa: E402
from niochat.sockets import BesideSocketIo, HealthOnly, no_such_socket, socket_routes  # noqa: E402

http: Any = BoundedBodies(PooledHandler())
websocket: Any = URLRouter(socket_routes())

# Channels' types want scopes of TypedDicts that no server's own types agree with.
polls: Any = BoundedBodies(socketio.application)
application: Any = ProtocolTypeRouter(
    {
        "http": BesideSocketIo(http, polls),
        "websocket": BesideSocketIo(websocket, socketio.application),
        "lifespan": lifespan,
    }
)
web: Any = ProtocolTypeRouter({"http": http, "websocket": no_such_socket, "lifespan": idle})
sockets: Any = ProtocolTypeRouter(
    {
        "http": BesideSocketIo(HealthOnly(http), polls),
        "websocket": BesideSocketIo(websocket, socketio.application),
        "lifespan": lifespan,
    }
)
