"""The Python client at work: a company with an inbox, and a way to log in by password on the real server."""

from __future__ import annotations

import asyncio
import inspect
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import repeat

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connections

from accounts.models import User
from conversations.models import Channel, Inbox
from niochat_client import Backoff, NioChatClient
from tests.browser.cable import Cable
from tests.patience import PATIENCE_S
from tests.realtime.clients import away
from tests.realtime.company import conversation, customer, own_server, site
from tests.realtime.serving import Server
from tests.trade import inbox_of
from tests.world import PASSWORD, Person

__all__ = ["conversation", "customer", "own_server", "site"]
# A busy machine's clients come back at once here: nobody else does at the same moment.
SOON = Backoff(first_s=0.05, most_s=0.3, crowd_s=0.3)


@pytest.fixture
async def erp_key(aurora) -> tuple[Inbox, str]:
    """An `api` inbox and the key that writes into it."""

    def made() -> tuple[Inbox, str]:
        inbox = inbox_of(aurora, "ERP", Channel.API)
        key = inbox.new_secret()
        inbox.save()
        return inbox, key

    return await away(made)()


class Valve(Cable):
    """A cable that can also be pinched: connections stay up, and nothing comes through."""

    def __init__(self, port: int) -> None:
        self.flowing = threading.Event()
        self.flowing.set()
        super().__init__(port)

    def hand_on(self, data: bytes, to: socket.socket) -> None:
        self.flowing.wait()
        super().hand_on(data, to)

    def stall(self) -> None:
        self.flowing.clear()

    def flow(self) -> None:
        self.flowing.set()


async def eventually(true: Callable[[], bool] | Callable[[], Awaitable[bool]], within: float = PATIENCE_S) -> None:
    """Wait for what nobody announces."""
    async with asyncio.timeout(within):
        for pause in repeat(0.02):
            found = true()
            if await found if inspect.isawaitable(found) else found:
                return
            await asyncio.sleep(pause)


@pytest.fixture
async def hashed(transactional_db: None, ana: Person) -> AsyncIterator[None]:
    """Ana can log in by her password."""
    await away(with_password)(ana)
    yield
    await sync_to_async(connections.close_all)()


def with_password(person: Person) -> None:
    """The product's own hash: the tests' is one that the server does not know."""
    hashed = Argon2PasswordHasher().encode(PASSWORD, "a-salt-for-tests")
    User.objects.filter(pk=person.user_id).update(password=hashed)


def client_of(server: Server, person: Person, **options) -> NioChatClient:
    """A client that logs in by name and password."""
    options.setdefault("backoff", SOON)
    return NioChatClient(server.url, username=person.username, password=PASSWORD, **options)
