"""The ASGI application: HTTP to Django, sockets to their consumers, and the server's life to the fan-out."""

from __future__ import annotations

import os
from typing import Any

import django
from channels.routing import ProtocolTypeRouter, URLRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "niochat.settings")
django.setup(set_prefix=False)

# Only now: these import models.
from niochat.bodies import BoundedBodies  # noqa: E402
from niochat.http import PooledHandler  # noqa: E402
from niochat.lifespan import lifespan  # noqa: E402
from niochat.sockets import socket_routes  # noqa: E402

# Channels' types want scopes of TypedDicts that no server's own types agree with.
application: Any = ProtocolTypeRouter(
    {
        "http": BoundedBodies(PooledHandler()),
        "websocket": URLRouter(socket_routes()),
        "lifespan": lifespan,
    }
)
