"""A socket's whole life: authenticate, catch up, follow, obey, end.

`StreamConsumer` knows the protocol; its subclasses name the commands and what a new socket is shown. Whatever a client
or the product does wrong becomes an error frame or one of our close codes: no exception leaves here, and 1011 never
appears.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Mapping
from typing import Any, ClassVar

import structlog
from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from accounts.actor import Actor, Origin
from accounts.credentials import resolve, resolve_cookie
from accounts.errors import NotAuthenticated, Refused, TokenExpired, TokenInvalid
from realtime import events, metrics, presented, streams
from realtime.catchup import CatchUp
from realtime.commands import CONNECTION, Auth, Command, Ping, Resume, Table, table
from realtime.events import Event, RightsChanged
from realtime.families.base import NATIVE, Dialect
from realtime.fanout import Fanout, fanout
from realtime.follower import Follower
from realtime.lane import Lane
from realtime.leases import Lease, leases
from realtime.presented import Credential, refused_credentials
from realtime.refusals import (
    AUTH_WITHIN_S,
    DATABASE_DOWN,
    NOT_NOW,
    TOO_MANY,
    UNAUTHENTICATED,
    AuthTimeout,
    Internal,
    ScopeChanged,
    TooManySockets,
    Unavailable,
    refusal_of,
)
from realtime.rights import concerns, loss
from realtime.socket import Closing, Ended, Message, Socket
from realtime.threads import reading, working
from realtime.timers import Timers

log = structlog.get_logger(__name__)

HEARTBEAT_S = 25
EXPIRING_S = 30.0

# Runs in the sockets' own threads, in no transaction. What it returns is the answer.
Handler = Callable[[Actor, Any], Event | None]


class StreamConsumer:
    """One socket. Subclasses set `inputs` (what may be sent) and `handlers` (by type), and override hooks.

    Besides `actor_from`, `check`, `welcome` and `departed`, `execute` may be: for commands about the socket itself.
    `dialect` is how the socket speaks.
    """

    dialect: ClassVar[Dialect] = NATIVE
    inputs: ClassVar[Table] = table(*CONNECTION)
    handlers: ClassVar[Mapping[str, Handler]] = {}
    origin: ClassVar[Origin] = Origin.SOCKET

    actor: Actor
    follower: Follower

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        socket.family = self.family
        self.loop = asyncio.get_running_loop()
        self.ip = presented.client_ip(socket.scope)
        self.controls: list[Lane] = []
        self.lease: Lease | None = None
        self.timers = Timers()

    @classmethod
    def as_asgi(cls) -> Callable[..., Awaitable[None]]:
        """The ASGI application that Channels' routing takes."""

        async def application(
            scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
        ) -> None:
            await cls(Socket(scope, receive, send, cls.dialect)).live()

        return application

    @property
    def family(self) -> str:
        """What the socket's client speaks, in the words of `/metrics`."""
        return self.dialect.name

    # --- hooks -------------------------------------------------------------------------------------------------------

    async def admits(self, credential: Credential | None) -> bool:
        """Whether the handshake is completed at all; what is wrong with a credential is said after it, by its code."""
        return True

    def actor_from(self, credential: Credential) -> Actor:
        """Who shows this credential; runs in a thread. Raises Refused."""
        if credential.kind == "cookie":
            return resolve_cookie(credential.text, origin=self.origin, ip=self.ip)
        return resolve(credential.text, origin=self.origin, ip=self.ip)

    def check(self, auth: Auth | None) -> None:
        """Compare what the client says of itself with the actor; raises Refused."""

    def welcome(self, actor: Actor) -> Iterable[Event]:
        """What frames alone would not tell a newcomer; runs in a thread.

        It is shared by those who come at the same time with the same `rank`.
        """
        return ()

    def rank(self, actor: Actor) -> Hashable:
        """Whoever has the same is welcomed with the same."""
        return actor.tenant_id, actor.role

    def departed(self) -> None:
        """The socket is over; it had been authenticated."""

    # --- life --------------------------------------------------------------------------------------------------------

    async def live(self) -> None:
        structlog.contextvars.bind_contextvars(socket=self.socket.id, ip=self.ip)
        try:
            await self.open()
            while True:
                await self.obey(await self.socket.next_text())
        except Ended:
            pass  # What there was to say has been said.
        except Closing as closing:
            self.socket.end(closing.code, closing.refusal)
        except DATABASE_DOWN:
            log.warning("socket_without_database", exc_info=True)
            self.socket.end(NOT_NOW, Unavailable())
        except Exception:
            log.exception("socket_failed")
            self.socket.end(NOT_NOW, Internal())
        finally:
            await self.close()

    async def open(self) -> None:
        """The handshake, then credentials from it or from the first frame."""
        await self.socket.receive()
        credential = presented.presented(self.socket.scope)
        if credential and refused_credentials.has(credential):
            await self.socket.deny(401)
            raise Ended
        if not await self.admits(credential):
            await self.socket.deny(403)
            raise Ended
        await self.socket.accept(presented.accepted_subprotocol(self.socket.scope))
        if credential:
            await self.begin(credential, None)
        else:
            auth = await self.first_frame()
            await self.begin(Credential("token", auth.token), auth)

    async def first_frame(self) -> Auth:
        """The `auth` that must come within 10 s; nothing else is done before."""
        try:
            async with asyncio.timeout(AUTH_WITHIN_S):
                while True:
                    auth = self.read_auth(await self.socket.next_text())
                    if auth:
                        return auth
        except TimeoutError:
            raise Closing(UNAUTHENTICATED, AuthTimeout()) from None

    def read_auth(self, text: str) -> Auth | None:
        try:
            command = self.dialect.read(text, self.inputs)
        except Refused as refusal:
            self.socket.refuse(refusal)
            return None
        if not isinstance(command, Auth):
            raise Closing(UNAUTHENTICATED, NotAuthenticated())
        return command

    async def begin(self, credential: Credential, auth: Auth | None) -> None:
        """Authenticate, attach to everything the actor may hear, and say so."""
        asked_at = self.loop.time()
        self.actor = await self.resolved(credential)
        self.checked(auth)
        hub = fanout()
        await self.attach(hub)
        await self.confirm(credential, asked_at)
        await self.register()
        cursors = self.follower.hold()
        self.socket.send(self.connected(hub, cursors))
        self.beat_later()
        self.watch_expiry()
        if auth and auth.cursors is not None:
            await self.catch_up(auth.epoch, auth.cursors, auth.request_id)
        else:
            self.follower.release()
        self.socket.send_all(await self.greeting())

    async def resolved(self, credential: Credential) -> Actor:
        try:
            return await reading.run(self.actor_from, credential)
        except Refused as refusal:
            metrics.refused.labels(refusal.code, self.family).inc()
            log.warning("socket_authentication_failed", code=refusal.code, family=self.family, ip=self.ip)
            refused_credentials.remember(credential)
            raise Closing(refusal.close_code, refusal) from None

    def checked(self, auth: Auth | None) -> None:
        try:
            self.check(auth)
        except Refused as refusal:
            raise Closing(refusal.close_code, refusal) from None

    async def attach(self, hub: Fanout) -> None:
        """Follow the actor's streams, held back for now, and hear on the control streams what changes their rights."""
        own, controls = streams.streams_for(self.actor), streams.controls_for(self.actor)
        groups = streams.transient_groups_for(self.actor)
        lanes = {lane.name: lane for lane in await hub.follow([*own, *controls], groups)}
        self.follower = Follower(
            self.socket.outlet, self.gap, self.dialect.hear, user_id=self.actor.user_id, family=self.family
        )
        self.socket.outlet.gone = self.follower.leave
        self.follower.hold()
        self.controls = [lanes[name] for name in controls]
        self.follower.listen(self.controls, self.rights_changed)
        self.follower.attach(lanes[name] for name in (*own, *groups))

    async def confirm(self, credential: Credential, asked_at: float) -> None:
        """Rights that changed after they were read and before we listened: read them again."""
        while any(lane.moved_at >= asked_at for lane in self.controls):
            asked_at = self.loop.time()
            if await self.resolved(credential) != self.actor:
                raise Closing(UNAUTHENTICATED, ScopeChanged())

    async def register(self) -> None:
        """Take a lease: the user is online, and has not too many sockets."""
        self.lease = await leases().take(self.actor, self.socket.id)
        if self.lease is None:
            raise Closing(TOO_MANY, TooManySockets())
        metrics.opened.labels(self.family).inc()
        metrics.connections.labels(self.family).inc()
        who = {"tenant": self.actor.tenant_id, "actor": self.actor.key, "user_id": self.actor.user_id}
        log.info("socket_connected", family=self.family, **who)

    async def lease_again(self) -> None:
        """The same socket is somebody now. Who has too many sockets keeps the stranger's."""
        lease = await leases().take(self.actor, self.socket.id)
        if lease and self.lease:
            self.lease.end()
            self.lease = lease

    async def close(self) -> None:
        """Leave everything; callable at any stage."""
        self.timers.stop()
        if hasattr(self, "follower"):
            self.follower.leave()
        if self.lease:
            metrics.connections.labels(self.family).dec()
            self.lease.end()
            self.departed()
        if hasattr(self.socket, "outlet"):
            await self.socket.close()

    # --- frames in ---------------------------------------------------------------------------------------------------

    async def obey(self, text: str) -> None:
        """Do what one frame asks for and answer it; a failure is answered too and ends nothing."""
        command: Command | None = None
        try:
            command = self.dialect.read(text, self.inputs)
            self.answer(command, await self.execute(command))
        except (Refused, ObjectDoesNotExist, *DATABASE_DOWN) as problem:
            self.socket.refuse(refusal_of(problem), command.request_id if command else None)
        except (Closing, Ended):
            raise
        except Exception:
            log.exception("command_failed", type=command.type if command else None)
            self.socket.refuse(Internal(), command.request_id if command else None)

    async def execute(self, command: Command) -> Event | None:
        """Do it; what is returned is the answer."""
        match command:
            case Ping():
                return events.Pong(timestamp=timezone.now(), cursors=self.follower.cursors())
            case Resume():
                await self.catch_up(command.epoch, command.cursors, command.request_id)
                return None
            case Auth():
                await self.renew(command)
                return None
        return await working.run(self.handlers[command.type], self.actor, command)

    def answer(self, command: Command, event: Event | None) -> None:
        """Send what was returned; a command that nothing else answers gets an `ok` where it asked for one."""
        if event is not None:
            self.socket.send(event, command.request_id)
        elif command.request_id is not None and not command.answered:
            self.socket.send(events.Ok(), command.request_id, type=command.type)

    async def greeting(self) -> list[bytes]:
        """The frames of `welcome`, looked up once for all who come while it was not begun."""
        return await fanout().shared.answer((type(self), self.rank(self.actor)), self.greet)

    def greet(self) -> list[bytes]:
        return [frame for event in self.welcome(self.actor) for frame in self.dialect.answer(event, None, {})]

    async def catch_up(self, epoch: str | None, cursors: Mapping[str, int], request_id: str | int | None) -> None:
        await CatchUp(self.follower, fanout().epoch, request_id).run(epoch or "", cursors)

    async def renew(self, auth: Auth) -> None:
        """New credentials on an open socket: the same user in the same tenant with the same rights."""
        credential = Credential("token", auth.token)
        asked_at = self.loop.time()
        actor = await self.resolved(credential)
        if (actor.tenant_id, actor.key) != (self.actor.tenant_id, self.actor.key):
            raise Closing(UNAUTHENTICATED, TokenInvalid())
        self.checked(auth)
        if streams.streams_for(actor) != streams.streams_for(self.actor):
            raise Closing(UNAUTHENTICATED, ScopeChanged())
        self.actor = actor
        await self.confirm(credential, asked_at)
        self.watch_expiry()
        if auth.cursors is not None:
            await self.catch_up(auth.epoch, auth.cursors, auth.request_id)
        elif auth.request_id is not None:
            self.socket.send(events.Ok(), auth.request_id, type=auth.type)

    # --- groups ------------------------------------------------------------------------------------------------------

    async def join(self, groups: Collection[str]) -> None:
        """Hear transient groups, besides those that every socket of the actor hears."""
        self.follower.attach(await fanout().follow((), groups))

    def leave(self, group: str) -> None:
        self.follower.detach(group)

    # --- what comes by itself ----------------------------------------------------------------------------------------

    def connected(self, hub: Fanout, cursors: dict[str, int]) -> Event:
        return events.Connected(
            user_id=self.actor.user_id,
            contact_id=self.actor.contact_id,
            tenant_id=self.actor.tenant_id,
            role=self.actor.role,
            timestamp=timezone.now(),
            epoch=hub.epoch,
            cursors=cursors,
            heartbeat=HEARTBEAT_S,
        )

    def beat_later(self) -> None:
        self.timers.at("heartbeat", HEARTBEAT_S, self.beat)

    def beat(self) -> None:
        if self.follower.held is None:
            self.socket.send(events.Heartbeat(timestamp=timezone.now(), cursors=self.follower.cursors()))
        self.beat_later()

    def watch_expiry(self) -> None:
        """Warn 30 s before the credential ends, close when it does; a renewed one may have no end any more."""
        self.timers.cancel("expiring", "expired")
        if self.actor.expires_at is None:
            return
        left = (self.actor.expires_at - timezone.now()).total_seconds()
        self.timers.at("expiring", left - EXPIRING_S, self.expiring)
        self.timers.at("expired", left, lambda: self.socket.end(UNAUTHENTICATED, TokenExpired()))

    def expiring(self) -> None:
        if self.actor.expires_at is not None:
            self.socket.send(events.AuthExpiring(expires_at=self.actor.expires_at))

    def gap(self, stream: str) -> None:
        """Events of a followed stream are gone that this socket has not been sent."""
        lane = self.follower.lanes.get(stream)
        if lane is None:  # A control stream: nobody knows what it said.
            self.socket.end(UNAUTHENTICATED, ScopeChanged())
        else:
            self.socket.send(events.Resync(streams=[stream], epoch=fanout().epoch, cursors={stream: lane.written}))

    def rights_changed(self, frames: list[dict[str, Any]]) -> None:
        for frame in frames:
            change = RightsChanged.model_validate(frame["data"])
            if concerns(change, self.actor):
                self.socket.end(change.close, loss(change))
                return
