"""python-socketio with its Redis manager: `emit` to a room."""

import os

import jwt
import socketio

server = socketio.AsyncServer(
    async_mode="asgi", client_manager=socketio.AsyncRedisManager(os.environ["REDIS_URL"]), cors_allowed_origins="*"
)


@server.event
async def connect(sid: str, environ: dict[str, str], auth: dict[str, str] | None) -> None:
    query = dict(part.split("=", 1) for part in environ["QUERY_STRING"].split("&") if "=" in part)
    jwt.decode(query["token"], os.environ["SECRET_KEY"], algorithms=["HS256"], audience="niochat")
    await server.enter_room(sid, query["group"])


application = socketio.ASGIApp(server)
