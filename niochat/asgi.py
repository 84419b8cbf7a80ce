"""The ASGI application: HTTP to Django, sockets to their consumers, and the server's life to the fan-out."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "niochat.settings")
django = get_asgi_application()

# Only now: these import models.
from niochat.bodies import BoundedBodies  # noqa: E402
from niochat.lifespan import lifespan  # noqa: E402
from niochat.sockets import socket_routes  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": BoundedBodies(django),
        "websocket": URLRouter(socket_routes()),
        "lifespan": lifespan,
    }
)
