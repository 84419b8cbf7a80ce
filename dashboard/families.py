"""Other systems' clients, served as they are: the dashboard's socket in another family's words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, ClassVar
from urllib.parse import parse_qs

from django.utils.translation import gettext_noop as _

from accounts.errors import Forbidden
from dashboard import commands as doing
from dashboard.consumers import DashboardConsumer
from realtime import commands, streams
from realtime.commands import Auth
from realtime.events import Event, Viewers
from realtime.families import fastapi, pytake, syszap
from realtime.families.base import Family
from realtime.families.booth import booth_at, circle_name
from realtime.families.newcomers import BOOKS, Newcomers
from realtime.families.words import Auth as Introduction
from realtime.families.words import typing_deed
from realtime.fanout import Fanout, fanout
from realtime.refusals import Unavailable
from realtime.socket import Message, Socket
from realtime.threads import reading

COME_BACK = 1012


class FamilyConsumer(DashboardConsumer):
    """A member of the team at work with a foreign client. Only the native protocol resumes."""

    dialect: ClassVar[Family]

    def check(self, auth: Auth | None) -> None:
        """A company or user named in the address or beside the token must be the credential's own."""
        actor = self.actor
        own = {"companyId": actor.tenant_id, "userId": actor.user_id, "user_id": actor.user_id}
        for name, said in self.claims(auth):
            if said != str(own[name]):
                raise Forbidden(_("This id is not the credential's own."), attr=name)

    def claims(self, auth: Auth | None) -> Iterator[tuple[str, str]]:
        """Who the client says it is: names and values, empty ones left out."""
        for name, values in query_of(self.socket.scope).items():
            if name in ("companyId", "userId", "user_id"):
                yield from ((name, value) for value in values if value)
        if isinstance(auth, Introduction):
            said = {"companyId": auth.companyId, "userId": auth.userId, "user_id": auth.user_id}
            yield from ((name, str(value)) for name, value in said.items() if value not in (None, ""))

    def gap(self, stream: str) -> None:
        """The family has no `resync`: its clients begin again, and read by REST what they missed."""
        if stream in self.follower.lanes:
            self.socket.end(COME_BACK, Unavailable())
        else:
            super().gap(stream)


class JoiningConsumer(FamilyConsumer):
    """Hears of the conversations that it has joined, and not of its own doing."""

    async def enter(self, conversation_id: int) -> Viewers:
        viewers = await super().enter(conversation_id)
        lanes = await fanout().follow(streams.streams_for(self.actor))
        self.follower.take(booth_at(lane, self.dialect).circle(conversation_id) for lane in lanes)
        return viewers

    def go_out(self, conversation_id: int) -> None:
        for name in streams.streams_for(self.actor):
            self.follower.detach(circle_name(name, conversation_id))
        super().go_out(conversation_id)

    async def show_typing(self, command: commands.SetTyping) -> None:
        deed = typing_deed(self.actor.user_id, command.conversation_id, is_typing=command.is_typing)
        with self.doing(deed):
            await super().show_typing(command)

    @contextmanager
    def doing(self, deed: Hashable) -> Iterator[None]:
        """This socket does what the others will be told; if it fails, nobody will be."""
        self.dialect.did(deed, self.follower)
        try:
            yield
        except Exception:
            self.dialect.deeds.pop(deed, None)
            raise


class FastApiConsumer(JoiningConsumer):
    """`/ws?token=`: a socket hears of the conversations that it has joined, and not of its own doing."""

    dialect = fastapi.FASTAPI
    inputs = fastapi.INPUTS
    handlers = doing.HANDLERS | {"sync": doing.sync_public}

    def __init__(self, socket: Socket) -> None:
        super().__init__(socket)
        self.numbers = count(1)

    async def execute(self, command: commands.Command) -> Event | None:
        if isinstance(command, commands.SendMessage):
            return await self.write(command)
        return await super().execute(command)

    async def write(self, command: commands.SendMessage) -> Event | None:
        """`message`: answered by `message_sent` instead of the message itself, which is known by its client's id."""
        name = command.client_message_id or f"{self.socket.id}.{next(self.numbers)}"
        deed = fastapi.message_deed(self.actor.user_id, command.conversation_id, name)
        with self.doing(deed):
            return await super().execute(command.model_copy(update={"client_message_id": name}))


class PyTakeConsumer(FamilyConsumer):
    """`/api/v1/conversations/ws`: everything that the member may see, without joining."""

    dialect = pytake.PYTAKE
    inputs = pytake.INPUTS


class SysZapConsumer(FamilyConsumer):
    """`/ws?companyId=…`: everything that the member may see; a new customer is introduced before they speak."""

    dialect = syszap.SYSZAP
    inputs = syszap.INPUTS
    newcomers: Newcomers

    async def attach(self, hub: Fanout) -> None:
        book = BOOKS.get(self.actor.tenant_id)
        if book is None:
            newest = await reading.run(doing.newest_contact, self.actor)
            # Another socket may have been quicker meanwhile: theirs is the book.
            book = BOOKS.setdefault(self.actor.tenant_id, Newcomers(newest))
        self.newcomers = book
        await super().attach(hub)

    async def close(self) -> None:
        await super().close()
        # The book ends with its last reader: nobody keeps it while nobody listens.
        vars(self).pop("newcomers", None)


class ByQuery:
    """`/ws`: a company or a user in the address makes the client sysZap's, else it is FastAPI's."""

    @classmethod
    def as_asgi(cls) -> Callable[..., Awaitable[None]]:
        """The ASGI application that Channels' routing takes."""
        syszap_app, fastapi_app = SysZapConsumer.as_asgi(), FastApiConsumer.as_asgi()

        async def application(scope: Message, *ends: Any) -> None:
            is_syszap = query_of(scope).keys() & {"companyId", "userId"}
            await (syszap_app if is_syszap else fastapi_app)(scope, *ends)

        return application


def query_of(scope: Message) -> dict[str, list[str]]:
    return parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
