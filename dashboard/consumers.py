"""The dashboard's socket: `/ws/dashboard/`."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_noop as _

from accounts.actor import Actor
from accounts.errors import Refused
from conversations import sessions
from dashboard import commands as doing
from dashboard import freshness, presence
from realtime import commands
from realtime.consumers import StreamConsumer
from realtime.events import Event, Viewers
from realtime.fanout import fanout
from realtime.rooms import rooms
from realtime.socket import Socket
from realtime.threads import working
from realtime.typing import TypingBook

ROOMS_AT_ONCE = 50


class TooManyRooms(Refused):
    code = "conflict"

    def __init__(self) -> None:
        super().__init__(
            _("At most %(most)s conversations can be joined at once; leave one first."), {"most": ROOMS_AT_ONCE}
        )


class DashboardConsumer(StreamConsumer):
    """A member of the team at work. Besides the actions it knows rooms, typing and presence."""

    inputs = commands.DASHBOARD
    handlers = doing.HANDLERS

    def __init__(self, socket: Socket) -> None:
        super().__init__(socket)
        self.joined: set[int] = set()
        self.typing = TypingBook(self.stop_typing)

    def welcome(self, actor: Actor) -> Iterable[Event]:
        yield freshness.welcome(actor.tenant_id)
        yield from presence.present(actor)
        yield presence.customers(actor)
        yield from sessions.present(actor)

    async def execute(self, command: commands.Command) -> Event | None:
        match command:
            case commands.Join():
                return await self.enter(command.conversation_id)
            case commands.Leave():
                self.go_out(command.conversation_id)
            case commands.SetTyping():
                await self.set_typing(command)
            case commands.SetPresence():
                await working.run(presence.choose, self.actor, command.status)
            case _:
                return await super().execute(command)
        return None

    async def enter(self, conversation_id: int) -> Viewers:
        """`join`: from now on hear who types and who looks on."""
        if len(self.joined) >= ROOMS_AT_ONCE and conversation_id not in self.joined:
            raise TooManyRooms
        await working.run(doing.may_join, self.actor, conversation_id)
        self.joined.add(conversation_id)
        return await rooms().enter(self.follower, self.actor.tenant_id, conversation_id, self.actor.user_id or 0)

    def go_out(self, conversation_id: int) -> None:
        """`leave`; whoever leaves does not type any more."""
        self.joined.discard(conversation_id)
        self.typing.expire(conversation_id)
        rooms().leave(self.follower, self.actor.tenant_id, conversation_id)

    async def set_typing(self, command: commands.SetTyping) -> None:
        changes = self.typing.starts if command.is_typing else self.typing.stops
        if changes(command.conversation_id):
            try:
                await self.show_typing(command)
            except Exception:
                self.typing.stops(command.conversation_id)
                raise

    def stop_typing(self, conversation_id: int) -> None:
        """It went quiet, or away."""
        ended = commands.SetTyping(type="typing", conversation_id=conversation_id, is_typing=False)
        fanout().spawn(self.show_typing(ended))

    async def show_typing(self, command: commands.SetTyping) -> None:
        await working.run(doing.typing, self.actor, command)

    def departed(self) -> None:
        self.typing.close()
        for conversation_id in list(self.joined):
            self.go_out(conversation_id)
