"""The client: events in, commands out, for as long as it is open."""

from __future__ import annotations

import asyncio
import inspect
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

from niochat_client.backoff import Backoff
from niochat_client.credentials import Asked, Credentials, FixedToken, GetToken, Login
from niochat_client.errors import ClientClosed, FrameTooLarge
from niochat_client.events import Event, Snapshot
from niochat_client.http import Http
from niochat_client.life import Life, State
from niochat_client.rest import Rest
from niochat_client.session import Common, encoded
from niochat_client.shapes import Message, read
from niochat_client.store import MemoryStore, Position, Store

QUEUE, BUFFER = 100, 2_000
# Bytes of a command; what we add to it has its place too.
LARGEST_FRAME, SPARE = 64 * 1024, 100

Handler = Callable[[Any], Awaitable[None] | None]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A message that the server has stored."""

    message_id: int
    client_message_id: str
    conversation_id: int
    timestamp: datetime


class NioChatClient:
    """An open door to one company's conversations, as one user of it. Use it as an async context manager.

    Give one of: `token` (a client key), `get_token` (called whenever a token is needed), `username` and `password`
    (with `tenant` where the user has several). `store` keeps the position, so that a restart goes on where this one
    ended; `begin_with_snapshot` makes the first event the whole state, where no position is known. `queue` is how many
    commands may wait for the server, `buffer` how many events for the application.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        get_token: GetToken | None = None,
        username: str | None = None,
        password: str | None = None,
        tenant: str | None = None,
        store: Store | None = None,
        begin_with_snapshot: bool = False,
        backoff: Backoff | None = None,
        on_state: Callable[[State, str], None] | None = None,
        queue: int = QUEUE,
        buffer: int = BUFFER,
    ) -> None:
        base = base_of(url)
        self.http = Http(base)
        credentials = chosen(
            self.http, token, get_token, {"username": username, "password": password, "tenant": tenant}
        )
        self.rest = Rest(self.http, credentials)
        self.common = Common(credentials, self.rest, queue=queue, buffer=buffer)
        socket_url = f"ws{base.removeprefix('http')}/ws/dashboard/"
        self.life = Life(socket_url, self.common, backoff or Backoff(), self.enter)
        self.life.told.append(self.opened)
        self.store, self.begin_with_snapshot, self.on_state = store or MemoryStore(), begin_with_snapshot, on_state
        self.state = State.DISCONNECTED
        self.me: Mapping[str, Any] = {}
        self.done: Position | None = None
        self.current: Event | None = None
        self.handlers: defaultdict[str, list[Handler]] = defaultdict(list)
        self.task: asyncio.Task[None] | None = None
        self.changed = asyncio.Event()
        self.saving = asyncio.Lock()
        self.savers: set[asyncio.Task[None]] = set()
        self.is_read = False

    # --- open and closed ---------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            await self.settle()
        await self.aclose()

    async def start(self) -> None:
        """Begin to connect, and return; `ready` waits until it is done."""
        if self.task:
            raise ClientClosed("A client is started once; make another one.")
        self.done = await self.store.load()
        if self.done:
            self.common.ledger.place(self.done.epoch, self.done.cursors)
        self.common.wants_snapshot = self.done is None and self.begin_with_snapshot
        self.task = asyncio.create_task(self.life.run(), name="niochat-client")
        self.task.add_done_callback(self.ended)

    async def ready(self) -> None:
        """Wait until the client is connected. Raises what makes that impossible."""
        while self.state is not State.CONNECTED:
            if self.common.outbox.ended:
                raise self.common.outbox.ended
            self.changed.clear()
            await self.changed.wait()

    async def aclose(self) -> None:
        """Close for good. Commands that wait get ClientClosed, and the loop over events ends."""
        if self.task and not self.task.done():
            self.task.cancel()
            await asyncio.wait({self.task})
        self.end(ClientClosed("The client has been closed."))
        await asyncio.gather(*self.savers)
        await self.http.aclose()
        if self.state is not State.ERROR:
            self.enter(State.DISCONNECTED, "closed")

    def ended(self, task: asyncio.Task[None]) -> None:
        """The life is over, and not because we closed it."""
        if not task.cancelled() and isinstance(problem := task.exception(), Exception):
            self.end(problem)
            self.enter(State.ERROR, str(problem))

    def end(self, problem: Exception) -> None:
        self.common.outbox.end(self.common.outbox.ended or problem)
        self.common.buffer.end(problem)
        self.changed.set()

    def enter(self, state: State, reason: str) -> None:
        if (state, reason) != (self.state, ""):
            self.state = state
            self.changed.set()
            if self.on_state:
                self.on_state(state, reason)

    def opened(self, data: Mapping[str, Any]) -> None:
        """`me` is who we are: user_id, tenant_id, role."""
        self.me = data
        if self.done is None and self.common.ledger.known:
            self.done = self.common.ledger.position()
            task = asyncio.create_task(self.save())
            self.savers.add(task)
            task.add_done_callback(self.savers.discard)

    # --- events ------------------------------------------------------------------------------------------------------

    def on(self, kind: str, handler: Handler) -> Callable[[], None]:
        """Call this with each event of a type (`"*"`: of any) while `run` or the loop goes on; returns its removal.

        Handlers run one after the other; an event counts as dealt with once they have returned.
        """
        self.handlers[kind].append(handler)

        def remove() -> None:
            with suppress(ValueError):  # It has been removed already.
                self.handlers[kind].remove(handler)

        return remove

    async def run(self) -> None:
        """Hand events to the handlers until the client is closed."""
        async for _ in self:
            pass

    def __aiter__(self) -> Self:
        """Each event, once and in order. Asking for the next one says that the last one has been dealt with."""
        return self

    async def __anext__(self) -> Event:
        if self.is_read:
            raise RuntimeError("Somebody waits for this client's next event already.")
        self.is_read = True
        try:
            await self.settle()
            self.current = await self.common.buffer.get()
        except ClientClosed:
            raise StopAsyncIteration from None
        finally:
            self.is_read = False
        await self.handle(self.current)
        return self.current

    async def handle(self, event: Event) -> None:
        for handler in [*self.handlers.get(event.type, ()), *self.handlers.get("*", ())]:
            answer = handler(event)
            if inspect.isawaitable(answer):
                await answer

    async def settle(self) -> None:
        """The event that was handed out last has been dealt with: keep that."""
        event, self.current = self.current, None
        if isinstance(event, Snapshot):
            self.done = Position(event.data["epoch"], dict(event.data["cursors"]))
        elif event and event.stream and event.seq and self.done:
            self.done = Position(self.done.epoch, {**self.done.cursors, event.stream: event.seq})
        else:
            return
        await self.save()

    async def save(self) -> None:
        """Store the position as it is now, one save at a time."""
        async with self.saving:
            if self.done:
                await self.store.save(self.done)

    @property
    def position(self) -> Position | None:
        """The last event of each stream that has been dealt with."""
        return self.done

    # --- commands ----------------------------------------------------------------------------------------------------

    async def ask(self, kind: str, **fields: Any) -> Mapping[str, Any]:
        """Send any command, in its turn, until it is answered.

        Raises Refused, QueueFull, FrameTooLarge, and what ended the client. `asyncio.timeout` around it takes back a
        command that is still waiting.
        """
        frame = {"type": kind, **{name: value for name, value in fields.items() if value is not None}}
        if len(encoded(frame)) > LARGEST_FRAME - SPARE:
            raise FrameTooLarge(f"A command has at most {LARGEST_FRAME} bytes.")
        return await self.common.outbox.ask(frame)

    async def send_message(
        self,
        conversation_id: int,
        content: str,
        *,
        client_message_id: str | None = None,
        private: bool = False,
        reply_to: int | None = None,
        attachments: Sequence[int] = (),
    ) -> Sent:
        """Say something. It is stored once, however often the connection breaks before the answer is here.

        Your own `client_message_id` (at most 64 characters) makes that hold across restarts of your program too.
        """
        answer = await self.ask(
            "message",
            conversation_id=conversation_id,
            content=content,
            client_message_id=client_message_id or uuid4().hex,
            private=private,
            reply_to=reply_to,
            attachments=list(attachments) or None,
        )
        return read(Sent, answer)

    async def mark_as_read(self, conversation_id: int, message_id: int | None = None) -> None:
        """Everything up to this message (None: all) has been read."""
        await self.ask("read", conversation_id=conversation_id, message_id=message_id)

    async def react(self, message_id: int, reaction: str) -> None:
        """React with an emoji; an empty one takes it back."""
        await self.ask("react", message_id=message_id, reaction=reaction)

    async def delete_message(self, message_id: int) -> None:
        await self.ask("delete", message_id=message_id)

    async def set_presence(self, status: str) -> None:
        """Be seen as `online`, `away`, `busy` or `offline`."""
        await self.ask("presence", status=status)

    async def join_conversation(self, conversation_id: int) -> list[int]:
        """Hear who types and who looks on, until `leave_conversation`, across breaks too; who looks on now."""
        self.common.rooms.add(conversation_id)
        try:
            answer = await self.ask("join", conversation_id=conversation_id)
        except BaseException:
            self.common.rooms.discard(conversation_id)
            raise
        return list(answer["user_ids"])

    async def leave_conversation(self, conversation_id: int) -> None:
        self.common.rooms.discard(conversation_id)
        await self.ask("leave", conversation_id=conversation_id)

    async def sync(self, conversation_id: int, last_message_id: int = 0) -> list[Message]:
        """At most 100 messages after this one; the latest 100 where it is unknown."""
        answer = await self.ask("sync", conversation_id=conversation_id, last_message_id=last_message_id)
        return [read(Message, row) for row in answer["messages"]]

    async def ping(self) -> None:
        """Return once the server has answered."""
        await self.ask("ping")

    async def send_typing(self, conversation_id: int, *, is_typing: bool = True) -> None:
        """Show that you write. Only now or not at all: while disconnected it is forgotten."""
        if self.state is State.CONNECTED and self.life.session:
            await self.life.session.whisper(
                {"type": "typing", "conversation_id": conversation_id, "is_typing": is_typing}
            )


def chosen(http: Http, token: str | None, get_token: GetToken | None, login: Mapping[str, str | None]) -> Credentials:
    """The one kind of credentials that was given."""
    if sum(given is not None for given in (token, get_token, login["username"])) != 1:
        raise TypeError("Give one of: token, get_token, username with password.")
    if token is not None:
        return FixedToken(token)
    if get_token is not None:
        return Asked(get_token)
    if login["password"] is None:
        raise TypeError("A username comes with its password.")
    return Login(http, {name: text for name, text in login.items() if text})


def base_of(url: str) -> str:
    """The server's address without a slash at its end; ws:// and wss:// are understood too."""
    parts = urlsplit(url)
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    if scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"{url!r} is no address like https://chat.example.com.")
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}"
