"""The widget's socket: `/ws/widget/`."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_noop as _

from accounts.actor import Actor, Origin
from accounts.errors import NotAuthenticated, Refused
from conversations import visiting, visitors
from conversations.attendance import attending, status_of
from conversations.errors import OriginForbidden
from conversations.sites import ensure_allowed
from conversations.visitors import Visitor
from realtime import commands, presented, streams
from realtime.consumers import StreamConsumer
from realtime.events import Event
from realtime.fanout import Fanout, fanout
from realtime.presented import Credential
from realtime.socket import Socket
from realtime.threads import reading, working
from realtime.typing import TypingBook


class WidgetConsumer(StreamConsumer):
    """One visitor's widget. A stranger has no stream yet: it is followed from their first message on."""

    inputs = commands.WIDGET
    origin = Origin.WIDGET
    family = "widget"
    visitor: Visitor

    def __init__(self, socket: Socket) -> None:
        super().__init__(socket)
        self.typing = TypingBook(self.stop_typing)

    async def admits(self, credential: Credential | None) -> bool:
        """A page of a site that the inbox does not list gets no socket at all."""
        if credential is None or credential.kind == "cookie":
            return True
        try:
            await reading.run(self.actor_from, credential)
        except OriginForbidden:
            return False
        except (Refused, OperationalError, InterfaceError):
            return True
        return True

    def actor_from(self, credential: Credential) -> Actor:
        """The visitor of this token, on a site that may embed their inbox; an agent's cookie is not looked at."""
        if credential.kind == "cookie":
            raise NotAuthenticated(_("Send the visitor's token."))
        scope = self.socket.scope
        self.visitor = visitors.resolve(credential.text)
        ensure_allowed(self.visitor.inbox, presented.header(scope, b"origin"), presented.own_origin(scope))
        return self.visitor.actor(ip=self.ip)

    def welcome(self, actor: Actor) -> Iterable[Event]:
        yield status_of(attending(self.visitor.inbox))

    def rank(self, actor: Actor) -> Hashable:
        return self.visitor.inbox.pk

    async def attach(self, hub: Fanout) -> None:
        await super().attach(hub)
        await self.join([streams.widgets(self.actor.tenant_id, self.visitor.inbox.pk)])

    async def execute(self, command: commands.Command) -> Event | None:
        match command:
            case commands.WidgetMessage():
                return await self.write(command)
            case commands.WidgetTyping():
                await self.set_typing(command)
                return None
        if handler := visiting.HANDLERS.get(command.type):
            return await working.run(handler, self.visitor, self.ip, command)
        return await super().execute(command)

    async def write(self, command: commands.WidgetMessage) -> Event:
        """`message`; whoever writes does not type any more."""
        self.typing.stops(self.visitor.inbox.pk)
        sent = await working.run(visiting.write, self.visitor, self.ip, command)
        if self.visitor.contact is None:
            await self.meet()
        return sent

    async def meet(self) -> None:
        """The stranger is a contact now: follow their stream, and say where it stands."""
        self.visitor = await reading.run(self.visitor.again)
        self.actor = self.visitor.actor(ip=self.ip)
        await self.lease_again()
        hub = fanout()
        self.follower.attach(await hub.follow(streams.streams_for(self.actor)))
        self.socket.send(self.connected(hub, self.follower.cursors()))

    async def set_typing(self, command: commands.WidgetTyping) -> None:
        changes = self.typing.starts if command.is_typing else self.typing.stops
        if changes(self.visitor.inbox.pk):
            await working.run(visiting.typing, self.visitor, self.ip, command)

    def stop_typing(self, _inbox_id: int) -> None:
        """It went quiet, or away."""
        ended = commands.WidgetTyping(type="typing", is_typing=False)
        fanout().spawn(working.run(visiting.typing, self.visitor, self.ip, ended))

    def departed(self) -> None:
        self.typing.close()
