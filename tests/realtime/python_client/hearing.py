"""What a test waits for from a client of the real server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from conversations.models import Message
from niochat_client import (
    ChatMessage,
    Event,
    NioChatClient,
    State,
)
from tests.patience import PATIENCE_S
from tests.realtime.python_client.conftest import SOON, Valve
from tests.world import PASSWORD, Person


async def until(client: NioChatClient, fits: Callable[[Event], bool], within: float = PATIENCE_S) -> list[Event]:
    """The events up to and including the first one that fits."""
    seen: list[Event] = []
    async with asyncio.timeout(within):
        async for event in client:
            seen.append(event)
            if fits(event):
                return seen
    raise AssertionError(f"ended after {seen[-5:]}")


async def said(client: NioChatClient, last: str, within: float = PATIENCE_S) -> list[str]:
    """What messages say, up to the one that says this."""
    seen = await until(client, lambda event: is_message(event, last), within)
    return [event.message.content for event in seen if isinstance(event, ChatMessage)]


def through(cable: Valve, person: Person) -> NioChatClient:
    url = f"http://127.0.0.1:{cable.port}"
    return NioChatClient(url, username=person.username, password=PASSWORD, backoff=SOON)


def is_message(event: Event, content: str) -> bool:
    return isinstance(event, ChatMessage) and event.message.content == content


def contents(conversation) -> list[str]:
    return list(Message.objects.filter(conversation=conversation).order_by("pk").values_list("content", flat=True))


async def turned(client: NioChatClient, state: State, within: float = PATIENCE_S) -> None:
    async with asyncio.timeout(within):
        while client.state is not state:
            client.changed.clear()
            await client.changed.wait()
