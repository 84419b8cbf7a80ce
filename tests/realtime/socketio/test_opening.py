"""A Socket.IO connection's beginning: who is let in, by which credential, and how often."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from websockets.asyncio.client import connect

from accounts.actions import keys
from accounts.credentials import DASHBOARD_SESSION
from accounts.models import AuthSession
from realtime.models import Connection
from tests.patience import PATIENCE_S
from tests.realtime.clients import Door, away, token
from tests.realtime.conftest import TIMES
from tests.realtime.socketio.talking import EACH_TRANSPORT, POLLING, UPGRADING, WEBSOCKET, Counter
from tests.world import Person


@EACH_TRANSPORT
@pytest.mark.parametrize("way", ["auth", "a scheme in auth", "header", "token header", "query"])
async def test_a_token_may_come_in_auth_in_a_header_or_in_the_query(
    counter: Counter, ana: Person, way: str, transports: list[str]
):
    mine = await token(ana)
    shown: dict[str, dict[str, Any]] = {
        "auth": {"auth": {"token": mine}},
        "a scheme in auth": {"auth": {"token": f"Bearer {mine}"}},
        "header": {"extraHeaders": {"Authorization": f"Bearer {mine}"}},
        "token header": {"extraHeaders": {"token": mine}},
        "query": {"query": {"token": mine}},
    }

    client = await counter.raw(transports=transports, **shown[way])

    assert (await client.next("connected"))["data"]["user_id"] == ana.user_id


async def test_a_client_key_opens_it_too(counter: Counter, davi: Person):
    _key, text = await away(lambda: keys.create_key(davi.actor, name="bot"))()

    client = await counter.open(text)

    assert client.payloads("connected") == [{"message": "Connected.", "user_id": davi.user_id}]


@pytest.mark.parametrize(
    ("headers", "is_in"),
    [
        ({"origin": "{own}"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"origin": "https://evil.example"}, False),
        ({}, False),
    ],
    ids=["our page", "our page polls", "a foreign page", "no page"],
)
async def test_the_session_cookie_is_for_our_own_pages(
    counter: Counter, ana: Person, headers: dict[str, str], is_in: bool
):
    def logged_in() -> str:
        login = AuthSession.objects.create(
            membership=ana.membership, kind=AuthSession.Kind.DASHBOARD, expires_at=ana.session().expires_at
        )
        store = SessionStore()
        store[DASHBOARD_SESSION] = login.pk
        store.create()
        return str(store.session_key)

    cookie: SimpleCookie = SimpleCookie({settings.SESSION_COOKIE_NAME: await away(logged_in)()})
    sent = {name: value.format(own=counter.url) for name, value in headers.items()}
    client = await counter.raw(extraHeaders={"cookie": cookie.output(header="").strip(), **sent})

    told = await client.next(lambda told: told["is"] in ("connected", "connect_error"))

    assert (told["is"] == "connected") is is_in


@pytest.mark.parametrize("transports", [WEBSOCKET, POLLING, UPGRADING], ids=["websocket", "polling", "upgrading"])
async def test_without_a_token_the_client_is_told_so_and_does_not_try_again(counter: Counter, transports: list[str]):
    client = await counter.raw(transports=transports)

    told = await client.next("connect_error")

    assert told["data"] == {"code": "NOT_AUTHENTICATED"}
    assert told["message"]
    await counter.raw()
    assert client.count("reconnect_attempt") == 0


@EACH_TRANSPORT
async def test_a_bad_or_expired_token_is_a_connect_error(counter: Counter, ana: Person, transports: list[str]):
    for shown, code in ((await token(ana, seconds=-1), "TOKEN_EXPIRED"), ("nonsense", "TOKEN_INVALID")):
        client = await counter.raw(transports=transports, auth={"token": shown})

        assert (await client.next("connect_error"))["data"] == {"code": code}

    assert (client.told[-1]["message"], client.count("connect")) == ("Invalid token", 0)


async def test_a_connection_that_shows_nothing_is_not_kept(counter: Counter):
    """An Engine.IO connection without Socket.IO's CONNECT."""
    address = f"{counter.server.url}/socket.io/?EIO=4&transport=websocket"
    async with asyncio.timeout(PATIENCE_S), connect(address, proxy=None, open_timeout=PATIENCE_S) as silent:
        opening, refusal = await silent.recv(), await silent.recv()
        await silent.wait_closed()

    assert str(opening).startswith("0")
    assert silent.close_code == 4401
    assert str(refusal).startswith("44")
    assert "AUTH_TIMEOUT" in str(refusal)


@EACH_TRANSPORT
async def test_a_busy_database_makes_nobody_late_whose_token_came_in_time(
    counter: Counter, ana: Person, transports: list[str]
):
    """socket.io-client does not come back by itself after a `connect_error`."""
    mine = await token(ana)
    async with busy_database():
        client = await counter.raw(transports=transports, auth={"token": mine})
        await asyncio.sleep(TIMES["realtime.engine.line.CONNECT_WITHIN_S"] + 0.5)

    await client.next("connected")
    assert (client.count("connect_error"), client.count("reconnect_attempt")) == (0, 0)


@asynccontextmanager
async def busy_database() -> AsyncIterator[None]:
    """Nobody can write down that a socket was opened."""
    held, over = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f"LOCK TABLE {Connection._meta.db_table} IN EXCLUSIVE MODE")
            loop.call_soon_threadsafe(held.set)
            over.wait(PATIENCE_S)
        connection.close()

    holding = asyncio.create_task(asyncio.to_thread(hold))
    await held.wait()
    try:
        yield
    finally:
        over.set()
        await holding


async def test_a_user_has_at_most_twenty_connections_over_all_protocols(counter: Counter, door: Door, ana: Person):
    mine = await token(ana)
    for _ in range(19):
        await door.open(mine)
    await counter.open(mine, transports=POLLING)

    late = await counter.raw(auth={"token": mine})

    assert (await late.next("connect_error"))["data"] == {"code": "RATE_LIMITED"}
    assert await away(Connection.objects.filter(user_id=ana.user_id, leaving=False).count)() == 20
