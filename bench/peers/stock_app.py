"""The ASGI application of the usual Channels design."""

import os
from urllib.parse import parse_qs

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.peers.stock"

import django

django.setup()

import jwt
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter


class Relay(AsyncJsonWebsocketConsumer):
    """Joins the group that the query names and relays what is sent to it."""

    async def connect(self) -> None:
        query = parse_qs(self.scope["query_string"].decode())
        jwt.decode(query["token"][0], os.environ["SECRET_KEY"], algorithms=["HS256"], audience="niochat")
        self.group = query["group"][0]
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def relay(self, event: dict[str, dict[str, object]]) -> None:
        await self.send_json(event["frame"])


application = ProtocolTypeRouter({"websocket": Relay.as_asgi()})
