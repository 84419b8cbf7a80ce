"""The life of a socket on the real server: let in, kept up to date, caught up, let go."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.utils import timezone
from websockets.exceptions import InvalidStatus

from accounts.actions import keys
from accounts.credentials import DASHBOARD_SESSION
from accounts.models import AuthSession
from conversations.models import Conversation
from realtime import streams
from realtime.events import Letter, MessageDeleted
from realtime.models import Epoch
from realtime.publish import forget, publish
from tests.realtime.clients import Door, Frame, away, token
from tests.world import Person


@transaction.atomic
def said(stream: str, *numbers: int) -> None:
    publish(*(Letter(stream, MessageDeleted(message_id=n, conversation_id=1, deleted_by=None)) for n in numbers))


def ids(frames: list[Frame]) -> list[int]:
    return [frame["data"]["message_id"] for frame in frames if frame["type"] == "message_deleted"]


@pytest.fixture
def agents(ana: Person) -> str:
    return streams.agents(ana.tenant_id)


# --- let in ----------------------------------------------------------------------------------------------------------


async def test_connected_tells_who_you_are_and_where_the_streams_stand(door: Door, ana: Person, agents: str):
    await away(said)(agents, 1, 2)

    client = await door.open(await token(ana))
    hello = client.frames[0]["data"]

    assert (hello["user_id"], hello["tenant_id"], hello["role"]) == (ana.user_id, ana.tenant_id, "agent")
    assert hello["cursors"] == {agents: 2, streams.user(ana.tenant_id, ana.user_id): 0}
    assert hello["timestamp"].endswith("Z")
    await client.next("dashboard_metrics")
    assert (await client.next("user_status"))["data"]["user_id"] == ana.user_id


async def test_a_bearer_may_come_as_a_subprotocol(door: Door, ana: Person):
    client = await door.raw(subprotocols=["niochat.v1", f"bearer.{await token(ana)}"])

    await client.next("connected")

    assert client.connection.subprotocol == "niochat.v1"


async def test_a_bearer_may_come_in_the_first_frame_and_resume_at_once(door: Door, ana: Person, agents: str):
    await away(said)(agents, 1, 2, 3)
    epoch = await away(Epoch.current)()
    client = await door.raw()

    cursors = {agents: 1, streams.user(ana.tenant_id, ana.user_id): 0}
    await client.send("auth", token=await token(ana), epoch=epoch, cursors=cursors)
    await client.next("resumed")

    assert [frame["type"] for frame in client.frames[:4]] == [
        "connected",
        "message_deleted",
        "message_deleted",
        "resumed",
    ]
    assert ids(client.frames) == [2, 3]


def dashboard_cookie(person: Person) -> str:
    alive = AuthSession.objects.create(
        membership=person.membership, kind=AuthSession.Kind.DASHBOARD, expires_at=timezone.now() + timedelta(hours=1)
    )
    store = SessionStore()
    store[DASHBOARD_SESSION] = alive.pk
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


async def test_our_own_pages_come_by_their_cookie(door: Door, ana: Person):
    cookie = await away(dashboard_cookie)(ana)

    for origin in (f"http://127.0.0.1:{door.server.port}", "https://nio.example"):
        client = await door.raw(additional_headers={"Cookie": cookie}, origin=origin)
        assert (await client.next("connected"))["data"]["user_id"] == ana.user_id


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://nio.example.evil.example", "http://nio.example", None]
)
async def test_a_foreign_page_can_not_use_the_cookie_and_may_still_show_a_token(door: Door, ana: Person, origin):
    cookie, shown = await away(dashboard_cookie)(ana), await token(ana)
    client = await door.raw(additional_headers={"Cookie": cookie}, origin=origin)
    assert await client.quiet() == []

    await client.send("auth", token=shown)

    await client.next("connected")


async def test_a_refused_credential_is_refused_in_the_handshake_when_it_comes_again(door: Door):
    client = await door.raw("/ws/dashboard/?token=not.a.token")
    assert await client.end() == (4401, "TOKEN_INVALID")

    with pytest.raises(InvalidStatus, match="401"):
        await door.raw("/ws/dashboard/?token=not.a.token")


@pytest.mark.parametrize(("path", "status"), [("/ws/dashboard/?token=never.was.good", 401), ("/ws/nowhere", 404)])
async def test_a_handshake_that_is_refused_is_no_error_in_the_log(door: Door, ana: Person, path: str, status: int):
    if status == HTTPStatus.UNAUTHORIZED:
        await (await door.raw(path)).end()

    with pytest.raises(InvalidStatus, match=str(status)):
        await door.raw(path)

    await door.open(await token(ana))  # Whatever was to be said of the other socket has been said.
    assert "without completing handshake" not in door.server.log


# --- kept up to date -------------------------------------------------------------------------------------------------


async def test_frames_arrive_as_they_are_committed_and_only_ones_own(door: Door, ana: Person, eva: Person, agents: str):
    mine, theirs = await door.open(await token(ana)), await door.open(await token(eva))

    for number in range(1, 11):
        await away(said)(agents, number)
    while len(mine.kept) < 10:
        await mine.next("message_deleted")

    assert [(frame["stream"], frame["seq"]) for frame in mine.kept] == [(agents, number) for number in range(1, 11)]
    assert theirs.kept == []


async def test_who_types_is_not_told_so_on_any_of_their_sockets(
    door: Door, ana: Person, bruno: Person, conversation: Conversation
):
    typing, elsewhere, colleague = [await door.open(await token(person)) for person in (ana, ana, bruno)]
    for client in (typing, elsewhere, colleague):
        await client.ask("join", conversation_id=conversation.pk)

    await typing.send("typing", conversation_id=conversation.pk, is_typing=True)
    await colleague.next("typing")
    await colleague.send("typing", conversation_id=conversation.pk, is_typing=True)

    for client in (typing, elsewhere):
        assert (await client.next("typing"))["data"]["user_id"] == bruno.user_id
    assert {frame["data"]["user_id"] for frame in colleague.frames if frame["type"] == "typing"} == {ana.user_id}


async def test_a_ping_is_answered_with_the_cursors(door: Door, ana: Person, agents: str):
    client = await door.open(await token(ana))
    await away(said)(agents, 1)
    await client.next("message_deleted")

    answer = await client.ask("ping")

    assert answer["type"] == "pong"
    assert answer["data"]["cursors"][agents] == 1


async def test_fields_may_stand_under_data(door: Door, ana: Person):
    client = await door.open(await token(ana))

    await client.raw('{"type": "ping", "data": {"request_id": 5}}')

    assert (await client.next("pong"))["data"]["request_id"] == 5


async def test_heartbeats_come_by_themselves_and_a_silent_client_lives_by_its_pongs(door: Door, ana: Person):
    client = await door.open(await token(ana))

    for _ in range(3):
        assert "cursors" in (await client.next("heartbeat"))["data"]


# --- caught up -------------------------------------------------------------------------------------------------------


async def test_what_was_missed_comes_in_order_and_then_the_rest_live(door: Door, ana: Person, agents: str):
    before = await door.open(await token(ana))
    await away(said)(agents, *range(1, 6))
    await before.next(lambda frame: frame.get("seq") == 5)
    cursors, epoch = before.cursors(), before.epoch
    await before.connection.close()
    await away(said)(agents, *range(6, 1206))

    after = await door.open(await token(ana))
    await after.send("resume", epoch=epoch, cursors=cursors)
    await after.next("resumed")
    await away(said)(agents, 1206)
    await after.next(lambda frame: frame.get("seq") == 1206)

    assert ids(after.frames) == list(range(6, 1207))
    assert [frame["type"] for frame in after.frames].count("resync") == 0


async def test_resuming_while_others_write_loses_doubles_and_disorders_nothing(door: Door, ana: Person, agents: str):
    client = await door.open(await token(ana))

    async def write() -> None:
        for number in range(60):
            await away(said)(agents, number, number)

    writing = asyncio.create_task(write())
    for _ in range(12):
        await client.send("resume", epoch=client.epoch, cursors=client.cursors())
        await client.next("resumed")
    await writing
    await client.send("resume", epoch=client.epoch, cursors=client.cursors())
    await client.next("resumed")
    while client.cursors()[agents] < 120:
        await client.next("message_deleted")

    live_from = client.frames.index(next(frame for frame in reversed(client.frames) if frame["type"] == "resumed"))
    assert client.cursors()[agents] == 120
    assert [f["seq"] for f in client.frames[live_from:] if "seq" in f] == sorted(
        {f["seq"] for f in client.frames[live_from:] if "seq" in f}
    )


@pytest.mark.parametrize(
    ("cursors", "epoch", "lost"),
    [
        pytest.param({"agents": 4, "own": 0}, None, ["agents"], id="pruned away"),
        pytest.param({"agents": 99, "own": 0}, None, ["agents"], id="from the future"),
        pytest.param({"own": 0}, None, ["agents"], id="partial"),
        pytest.param({}, None, ["agents", "own"], id="none"),
        pytest.param({"agents": 7, "own": 0}, "another", ["agents", "own"], id="from another life of the database"),
        pytest.param({"agents": 7, "own": 0, "t9.agents": 1}, None, [], id="with somebody else's"),
        pytest.param({"agents": 5, "own": 0}, None, [], id="at the floor"),
    ],
)
async def test_cursors_that_can_not_be_served_are_named(door, ana, agents, *, cursors, epoch, lost):
    own = streams.user(ana.tenant_id, ana.user_id)
    names = {"agents": agents, "own": own}
    await away(said)(agents, *range(1, 6))
    await away(forget)(agents)
    await away(said)(agents, 6, 7)
    client = await door.open(await token(ana))

    given = {names.get(name, name): cursor for name, cursor in cursors.items()}
    await client.send("resume", epoch=epoch or client.epoch, cursors=given, request_id="r")
    await client.next(lambda frame: frame["data"].get("request_id") == "r")
    await client.quiet()

    told = [frame["data"] for frame in client.frames if frame["type"] == "resync"]
    assert [sorted(data["streams"]) for data in told] == ([sorted(names[name] for name in lost)] if lost else [])
    assert all(data["cursors"] == {names[name]: {agents: 7, own: 0}[names[name]] for name in lost} for data in told)
    served = [frame["data"] for frame in client.frames if frame["type"] == "resumed"]
    assert len(served) == (0 if len(lost) == 2 else 1)
    assert ids(client.frames) == ([6, 7] if cursors.get("agents") == 5 else [])


@pytest.mark.parametrize("cursor", [-1, "5", 2**53, 1.5, None, True])
async def test_a_cursor_that_is_none_is_refused_and_the_socket_stays(door: Door, ana: Person, agents: str, cursor):
    client = await door.open(await token(ana))

    await client.send("resume", epoch=client.epoch, cursors={agents: cursor})

    assert (await client.next("error"))["data"]["code"] == ("BAD_NUMBER" if cursor == 2**53 else "BAD_CURSOR")
    assert (await client.ask("ping"))["type"] == "pong"


# --- let go ----------------------------------------------------------------------------------------------------------


async def test_a_token_s_end_is_announced_and_then_final(door: Door, ana: Person):
    client = await door.open(await token(ana, seconds=4))

    warned = await client.next("auth_expiring")

    assert warned["data"]["expires_at"].endswith("Z")
    assert await client.end() == (4401, "TOKEN_EXPIRED")


async def test_a_renewed_socket_outlives_its_first_token(door: Door, ana: Person):
    client = await door.open(await token(ana, seconds=4))

    assert (await client.ask("auth", token=await token(ana)))["type"] == "ok"
    await asyncio.sleep(4.2)

    assert (await client.ask("ping"))["type"] == "pong"


async def test_a_socket_renewed_by_a_key_without_an_end_has_none(door: Door, davi: Person):
    _key, text = await away(lambda: keys.create_key(davi.actor, name="robot"))()
    client = await door.open(await token(davi, seconds=4))

    assert (await client.ask("auth", token=text))["type"] == "ok"
    await asyncio.sleep(4.2)

    assert (await client.ask("ping"))["type"] == "pong"


async def test_a_socket_can_not_become_somebody_else_s(door: Door, ana: Person, bruno: Person, eva: Person):
    for other in (bruno, eva):
        client = await door.open(await token(ana))
        await client.send("auth", token=await token(other))
        assert await client.end() == (4401, "TOKEN_INVALID")


async def test_no_token_is_in_the_server_s_log(door: Door, ana: Person):
    secret = await token(ana)
    client = await door.open(secret)
    await client.send("auth", token=secret)
    await client.send("message", conversation_id="x", content=secret)
    await client.quiet()

    assert secret not in door.server.log
    assert secret.split(".")[2] not in door.server.log
    assert "socket_connected" in door.server.log
