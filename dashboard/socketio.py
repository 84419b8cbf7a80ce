"""The Socket.IO family: `/socket.io/`, over WebSockets and over polling."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import structlog
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist

from accounts.authentication import BEARER_SCHEMES
from accounts.errors import NotAuthenticated, Refused, TokenInvalid
from dashboard import commands as doing
from dashboard.families import JoiningConsumer
from realtime import commands, metrics, presented, seats, streams
from realtime.commands import Auth, Command
from realtime.engine.line import LineSocket
from realtime.engine.server import Desk
from realtime.events import Event
from realtime.families import socketio
from realtime.fanout import Fanout, fanout
from realtime.follower import Follower
from realtime.outlets import Outlet
from realtime.presented import Credential, refused_credentials
from realtime.refusals import DATABASE_DOWN, UNAUTHENTICATED, Internal, refusal_of
from realtime.socket import Closing
from realtime.threads import working

log = structlog.get_logger(__name__)


class SocketIoConsumer(JoiningConsumer):
    """A member of the team at work with a Socket.IO client. What it has joined it finds joined when it comes back."""

    dialect = socketio.SOCKETIO
    inputs = socketio.INPUTS
    handlers = doing.HANDLERS

    def __init__(self, socket: LineSocket) -> None:
        super().__init__(socket)
        self.pid = secrets.token_urlsafe(16)
        self.sat = False

    # --- life --------------------------------------------------------------------------------------------------------

    async def come(self, auth: dict[str, Any]) -> None:
        """CONNECT: who is it? Raises Closing, or what the database does."""
        credential = credential_of(self.socket.scope, auth)
        if credential is None:
            raise Closing(UNAUTHENTICATED, NotAuthenticated())
        if refused_credentials.has(credential):
            metrics.refused.labels(TokenInvalid.code, self.family).inc()
            raise Closing(UNAUTHENTICATED, TokenInvalid())
        asked_at = self.loop.time()
        self.actor = await self.resolved(credential)
        self.checked(None)
        await self.attach(fanout())
        await self.confirm(credential, asked_at)
        await self.register()

    async def attach(self, hub: Fanout) -> None:
        """Hear what changes the actor's rights; of everything else only what is joined."""
        names = streams.controls_for(self.actor)
        self.controls = await hub.follow(names)
        self.follower = Follower(
            self.socket.outlet, self.gap, self.dialect.hear, user_id=self.actor.user_id, family=self.family
        )
        self.socket.outlet.gone = self.follower.leave
        self.follower.listen(self.controls, self.rights_changed)

    async def settle(self, auth: dict[str, Any]) -> None:
        """The client knows that it is in: greet it, and bring it where it was."""
        self.socket.send(self.connected(fanout(), {}))
        self.watch_expiry()
        shown = auth.get("pid")
        pid = shown if isinstance(shown, str) else ""
        # A page that is loaded anew is another page; what no browser sent is the same program, come back.
        guess = not presented.header(self.socket.scope, b"origin")
        sat = await working.run(seats.take_back, self.actor, pid, guess=guess)
        if pid or sat:
            metrics.resumes.labels(self.family).inc()
        for conversation_id in sat:
            await self.hear("join_conversation", (conversation_id,), aloud=False)

    def move(self, outlet: Outlet) -> None:
        """The client has changed its transport."""
        self.socket.outlet = outlet
        if hasattr(self, "follower"):
            self.follower.move(outlet)

    def departed(self) -> None:
        super().departed()
        if self.sat:
            fanout().spawn(working.run(seats.vacate, self.pid))

    # --- events in ---------------------------------------------------------------------------------------------------

    async def hear(self, event: str, arguments: tuple[Any, ...], *, aloud: bool = True) -> dict[str, Any] | None:
        """Do what an event asks for, and answer it; the acknowledgement. A failure is answered too and ends nothing."""
        try:
            command = socketio.command(event, arguments)
            answer = await self.execute(command)
        except Closing as closing:
            self.socket.end(closing.code, closing.refusal)
            return socketio.refused(closing.refusal)
        except (Refused, ObjectDoesNotExist, *DATABASE_DOWN) as problem:
            return self.refuse(refusal_of(problem), aloud=aloud)
        except Exception:
            log.exception("command_failed", type=event)
            return self.refuse(Internal(), aloud=aloud)
        return self.tell(command, answer)

    def refuse(self, refusal: Refused, *, aloud: bool) -> dict[str, Any]:
        if aloud:
            self.socket.refuse(refusal)
        return socketio.refused(refusal)

    def tell(self, command: Command, answer: Event | None) -> dict[str, Any]:
        done = socketio.done(command)
        if done:
            self.socket.outlet.send(socketio.packet(done))
        elif answer:
            self.socket.send(answer)
        return socketio.acknowledged(done)

    async def execute(self, command: Command) -> Event | None:
        answer = await super().execute(command)
        if isinstance(command, commands.Join | commands.Leave):
            self.sat = True
            lease = self.socket.id
            await working.run(seats.keep, self.actor, self.pid, lease, sorted(self.joined))
        return answer

    async def renew(self, auth: Auth) -> None:
        """New credentials on an open connection; nothing is resumed."""
        await super().renew(auth.model_copy(update={"cursors": None, "request_id": None}))


# --- credentials -----------------------------------------------------------------------------------------------------


def credential_of(scope: dict[str, Any], auth: Mapping[str, Any]) -> Credential | None:
    """The first of: `auth.token`, a header, the query, the session cookie of our own pages."""
    for text in (auth.get("token"), from_header(scope), *queried(scope)):
        if isinstance(text, str) and text:
            return Credential("token", bare(text))
    return presented.presented(scope) or from_own_poll(scope)


def bare(text: str) -> str:
    """A token without the scheme that some write before it."""
    scheme, _, rest = text.strip().partition(" ")
    return rest.strip() if scheme.lower() in BEARER_SCHEMES and rest else text.strip()


def from_header(scope: dict[str, Any]) -> str:
    return presented.header(scope, b"authorization") or presented.header(scope, b"token")


def queried(scope: dict[str, Any]) -> list[str]:
    return parse_qs(scope["query_string"].decode("latin-1")).get("token", [])


def from_own_poll(scope: dict[str, Any]) -> Credential | None:
    """A browser names no origin where a page polls its own server, but says that it does."""
    own = presented.header(scope, b"sec-fetch-site") == "same-origin" and not presented.header(scope, b"origin")
    if not own:
        return None
    origin = (b"origin", presented.own_origin(scope).encode("latin-1"))
    return presented.from_cookie(scope | {"headers": [*scope["headers"], origin]})


# --- the server ------------------------------------------------------------------------------------------------------


def is_welcome(origin: str | None, environ: Mapping[str, Any]) -> bool:
    """Whether a page of this origin may poll. A WebSocket is not bound to one: it shows a bearer."""
    scope = environ["asgi.scope"]
    if origin is None or scope["type"] == "websocket":
        return True
    if origin in (settings.PUBLIC_URL, presented.own_origin(scope), *settings.CORS_ALLOWED_ORIGINS):
        return True
    return any(re.fullmatch(pattern, origin) for pattern in settings.CORS_ALLOWED_ORIGIN_REGEXES)


DESKS: dict[asyncio.AbstractEventLoop, Desk] = {}


def desk() -> Desk:
    """The running loop's, ended with its fan-out."""
    loop = asyncio.get_running_loop()
    if loop not in DESKS:
        for ended in [other for other in DESKS if other.is_closed()]:
            del DESKS[ended]
        DESKS[loop] = Desk(SocketIoConsumer, socketio.SOCKETIO, is_welcome, settings.SOCKETIO_PROCESS)
        fanout().at_the_end.append(close)
    return DESKS[loop]


async def let_go() -> None:
    """The server ends: whoever waits in a poll is answered now, and finds another process."""
    opened = DESKS.get(asyncio.get_running_loop())
    if opened:
        await opened.let_go()


async def close() -> None:
    opened = DESKS.pop(asyncio.get_running_loop(), None)
    if opened:
        await opened.shutdown()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The ASGI application of `/socket.io/`."""
    await desk().serve(scope, receive, send)
