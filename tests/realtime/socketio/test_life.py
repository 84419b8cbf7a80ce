"""A Socket.IO connection's life: brought back to its rooms, and ended with its rights."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import aiohttp
import pytest
import socketio

from accounts.models import Tenant
from conversations import actions
from conversations.models import Conversation
from realtime.models import Seats
from tests.patience import PATIENCE_S
from tests.realtime.clients import away, token
from tests.realtime.endings import ENDS, disable, promote
from tests.realtime.socketio.talking import EACH_TRANSPORT, POLLING, UPGRADING, WEBSOCKET, Counter
from tests.trade import inbox_of, reply, written
from tests.world import Person

# Somebody must be left who may do what ends a right.
pytestmark = pytest.mark.usefixtures("davi")


def says(text: str) -> Any:
    """The event that brings this message."""
    return lambda told: told["is"] == "message:new" and told["data"]["content"]["text"] == text


# --- rooms -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def hidden(aurora: Tenant, carla: Person) -> Conversation:
    """In a restricted inbox that ana is no member of."""
    inbox = inbox_of(aurora, "VIP")
    actions.update_inbox(carla.actor, inbox.pk, restricted=True, user_ids=[])
    return written(inbox, identifier="v:vip").conversation


@pytest.mark.parametrize("whose", ["another company's", "another team's", "nobody's"])
async def test_a_foreign_conversation_is_answered_as_one_that_does_not_exist(
    counter: Counter, ana: Person, hidden: Conversation, foreign: Conversation, whose: str
):
    number = {"another company's": foreign.pk, "another team's": hidden.pk, "nobody's": 999_999}[whose]
    client = await counter.open(await token(ana))

    refused = await client.ask("join_conversation", {"conversation_id": number})
    typing = await client.ask("typing_start", {"conversation_id": number})

    assert refused == typing == {"ok": False, "code": "NOT_FOUND", "message": "Not found."}
    assert [error["code"] for error in client.payloads("error")] == ["NOT_FOUND", "NOT_FOUND"]


async def test_another_company_hears_nothing(
    counter: Counter, ana: Person, eva: Person, conversation: Conversation, foreign: Conversation
):
    hers = await counter.open(await token(eva), joined=foreign.pk)
    await hers.ask("join_conversation", {"conversation_id": conversation.pk})
    his = await counter.open(await token(ana), joined=conversation.pk)

    await his.emit("typing_start", {"conversation_id": conversation.pk})
    await away(reply)(ana, conversation, "ours")
    await his.next(says("ours"))
    await away(reply)(eva, foreign, "theirs")
    await hers.next(says("theirs"))
    await hers.passed()

    assert (hers.count("message:new"), hers.count("user_typing"), his.count("message:new")) == (1, 0, 1)


@EACH_TRANSPORT
async def test_who_comes_back_finds_itself_where_it_was(
    counter: Counter, ana: Person, bruno: Person, conversation: Conversation, transports: list[str]
):
    client = await counter.open(await token(ana), joined=conversation.pk, transports=transports)

    await client.do("drop")
    await client.next("disconnect")
    await client.do("connect")
    assert (await client.next("connect"))["recovered"] is False
    await client.next("joined_conversation")
    await away(reply)(bruno, conversation, "again")

    await client.next(says("again"))
    assert client.count("message:new") == 1


async def test_each_of_a_users_pages_comes_back_to_its_own_conversation(
    counter: Counter, ana: Person, bruno: Person, conversation: Conversation
):
    other = await away(lambda: written(conversation.inbox, identifier="v:rui", name="Rui").conversation)()
    first = await counter.open(await token(ana), joined=conversation.pk)
    second = await counter.open(await token(ana), joined=other.pk)

    for client in (second, first):
        await client.do("lose")
        await client.next("disconnect")
        await client.next("joined_conversation")
    await away(reply)(bruno, conversation, "to the first")
    await away(reply)(bruno, other, "to the second")
    await first.next(says("to the first"))
    await second.next(says("to the second"))

    assert (first.count("message:new"), second.count("message:new")) == (1, 1)


async def test_another_user_does_not_come_back_to_ones_rooms(
    counter: Counter, ana: Person, bruno: Person, conversation: Conversation
):
    client = await counter.open(await token(ana), joined=conversation.pk)
    pid = await away(lambda: Seats.objects.get(user_id=ana.user_id).pid)()
    await client.end()

    his = await counter.raw(auth={"token": await token(bruno), "pid": pid})
    await his.next("connected")
    await his.passed()

    assert his.count("joined_conversation") == 0
    hers = await counter.raw(auth={"token": await token(ana), "pid": pid})
    await hers.next("joined_conversation")


async def test_a_new_page_of_the_same_user_is_not_brought_anywhere(
    counter: Counter, ana: Person, conversation: Conversation
):
    page: dict[str, Any] = {"extraHeaders": {"origin": "https://front.example"}}
    first = await counter.open(await token(ana), joined=conversation.pk, **page)
    await first.end()

    second = await counter.open(await token(ana), **page)
    await second.passed()

    assert second.count("joined_conversation") == 0


async def test_a_left_conversation_is_not_come_back_to(counter: Counter, ana: Person, conversation: Conversation):
    client = await counter.open(await token(ana), joined=conversation.pk)
    await client.ask("leave_conversation", {"conversation_id": conversation.pk})
    before = client.count("joined_conversation")

    await client.do("lose")
    await client.next("disconnect")
    await client.next("connected")
    await client.passed()

    assert client.count("joined_conversation") == before


# --- rights ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transports", [WEBSOCKET, POLLING, UPGRADING], ids=["websocket", "polling", "upgrading"])
async def test_a_disabled_member_is_dropped_within_two_seconds_and_does_not_come_back(
    counter: Counter, ana: Person, bruno: Person, conversation: Conversation, transports: list[str]
):
    client = await counter.open(await token(bruno), joined=conversation.pk, transports=transports)

    await away(disable)(bruno, "")
    assert (await client.next("error", within=2))["data"]["code"] == "USER_DISABLED"
    assert (await client.next("disconnect", within=2))["reason"] == "io server disconnect"
    await away(reply)(ana, conversation, "not for him")
    other = await counter.open(await token(ana))
    await other.passed()

    assert client.told[client.seen :] == [], f"before that: {client.told[: client.seen]}"
    assert (client.count("message:new"), client.count("reconnect_attempt")) == (0, 0), counter.server.log[-4000:]
    await client.do("connect")
    await client.next("connect_error")


@pytest.mark.parametrize(("act", "end"), ENDS.values(), ids=ENDS)
async def test_a_right_that_ends_ends_the_connection_within_two_seconds(
    counter: Counter, ana: Person, eva: Person, *, act: Callable[[Person, str], None], end: tuple[int, str]
):
    """A credential that won't do is not tried again; where only its rights have changed, the client comes back."""
    credential, (_code, reason) = await token(ana), end
    client, other = await counter.open(credential), await counter.open(await token(eva))

    await away(act)(ana, credential)

    assert (await client.next("error", within=2))["data"]["code"] == reason
    lost = (await client.next("disconnect", within=2))["reason"]
    assert (lost == "io server disconnect") is (reason != "SCOPE_CHANGED")
    if reason == "SCOPE_CHANGED":
        await client.next("connected")
    await other.passed()
    assert other.count("disconnect") == 0


@EACH_TRANSPORT
async def test_changed_rights_have_the_client_come_back_to_its_rooms(
    counter: Counter, bruno: Person, conversation: Conversation, transports: list[str]
):
    client = await counter.open(await token(bruno), joined=conversation.pk, transports=transports)

    await away(promote)(bruno, "")
    await client.next("disconnect")

    await client.next("connected")
    assert (await client.next("joined_conversation"))["data"]["conversation_id"] == conversation.pk


@EACH_TRANSPORT
async def test_a_token_that_ends_ends_the_connection(counter: Counter, ana: Person, transports: list[str]):
    client = await counter.open(token(ana, seconds=5), transports=transports)

    assert (await client.next("error"))["data"]["code"] == "TOKEN_EXPIRED"
    assert (await client.next("disconnect"))["reason"] == "io server disconnect"
    await client.do("token", token=await token(ana))
    await client.do("connect")

    await client.next("connected")


async def test_a_token_can_be_renewed_on_an_open_connection(
    counter: Counter, ana: Person, bruno: Person, conversation: Conversation
):
    client = await counter.open(token(ana, seconds=5), joined=conversation.pk)

    assert await client.ask("auth", {"token": await token(ana)}) == {"ok": True}
    other = await counter.open(token(bruno, seconds=5))
    await other.next("disconnect")
    await away(reply)(bruno, conversation, "still here")

    await client.next(says("still here"))
    assert client.count("disconnect") == 0


async def test_another_users_token_does_not_renew(counter: Counter, ana: Person, bruno: Person):
    client = await counter.open(await token(ana))

    await client.emit("auth", {"token": await token(bruno)})

    assert (await client.next("error"))["data"]["code"] == "TOKEN_INVALID"
    await client.next("disconnect")


# --- python-socketio's own client ------------------------------------------------------------------------------------


async def read_whole(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Engine.IO's client drops answers unread: where one's body comes late, its connection would stay open."""
    response = await handler(request)
    if response.status != HTTPStatus.SWITCHING_PROTOCOLS:
        await response.read()
    return response


@EACH_TRANSPORT
async def test_python_socketios_own_client_works_and_comes_back(
    counter: Counter, ana: Person, bruno: Person, conversation: Conversation, transports: list[str]
):
    told: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    async def heard(event: str, data: Any) -> None:
        await told.put((event, data))

    async def next_of(kind: str) -> Any:
        async with asyncio.timeout(PATIENCE_S):
            event, data = "", None
            while event != kind:
                event, data = await told.get()
            return data

    async with aiohttp.ClientSession(middlewares=[read_whole]) as session:
        client = socketio.AsyncClient(reconnection_delay=0.1, reconnection_delay_max=0.2, http_session=session)
        client.on("*", heard)
        await client.connect(counter.url, auth={"token": await token(ana)}, transports=transports)
        await next_of("connected")
        assert (await client.call("join_conversation", {"conversation_id": conversation.pk}))["ok"] is True
        await away(promote)(ana, "")
        await next_of("joined_conversation")
        await next_of("joined_conversation")
        await away(reply)(bruno, conversation, "again")
        assert (await next_of("message:new"))["content"]["text"] == "again"
        await client.disconnect()
