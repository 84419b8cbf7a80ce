"""The sysZap family on the real server: each frame of its document, and its own kind of error."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from accounts.actions import members
from accounts.models import Tenant
from conversations import actions
from conversations.models import Inbox
from niochat.simulators.gateway_http import GatewayServer
from realtime import streams
from realtime.events import Letter, SessionStatus
from realtime.families.newcomers import Newcomers
from realtime.families.syszap import SYSZAP
from realtime.publish import publish
from tests.gateways.lines import gateway_of, qr_inbox, worked
from tests.realtime.clients import Client, Door, Frame, away, token
from tests.realtime.families.documents import SYSZAP_FRAMES as FRAMES
from tests.realtime.families.documents import syszap_path as path
from tests.realtime.families.talking import (
    ended,
    fits,
    opened,
    passed,
)
from tests.realtime.test_sockets import dashboard_cookie
from tests.trade import reply, written
from tests.world import Person

PHONE, DIGITS = "+55 (91) 98765-4321", "5591987654321"


@pytest.fixture
async def davi_listens(door: Door, davi: Person) -> Client:
    """The admin's client."""
    return await opened(door, path(davi), davi)


@pytest.fixture
async def carla_listens(door: Door, carla: Person) -> Client:
    """The supervisor's."""
    return await opened(door, path(carla), carla)


@pytest.fixture
def gateway(door: Door, settings: Any) -> Iterator[GatewayServer]:
    """A phones' gateway that posts to the running server; what it posts is worked off by the tests' process."""
    settings.GATEWAY_WEBHOOK_URL = door.server.url.replace("ws://", "http://")
    with gateway_of("evolution") as running:
        yield running


def trade(client: Client) -> list[str]:
    """What was told of the trade, in order."""
    return [frame["type"] for frame in client.frames if frame["type"] not in ("pong", "error")]


@transaction.atomic
def session_changed(person: Person) -> None:
    event = SessionStatus(session_id=7, status="connected", timestamp=datetime.now(UTC))
    publish(Letter(streams.supervisors(person.tenant_id), event))


async def test_every_frame_of_the_trade_arrives_as_it_is_printed(davi: Person, site: Inbox, davi_listens: Client):
    message = await away(lambda: written(site, "Oi", phone=PHONE))()
    await davi_listens.next("client_update")
    await away(lambda: reply(davi, message.conversation, "Olá!"))()
    out = await davi_listens.next("new_message")
    await davi_listens.next("client_update")
    await away(session_changed)(davi)
    status = await davi_listens.next("session_status")
    await davi_listens.send("dance", data={})
    await davi_listens.next("error")
    await davi_listens.send("ping", data={})
    await davi_listens.next("pong")

    told = ["new_client", "new_message", "client_update", "new_message", "client_update", "session_status"]
    assert trade(davi_listens) == told
    assert davi_listens.frames[2]["data"] == {
        "Id": str(message.pk),
        "Chat_Id": str(message.conversation_id),
        "Direction": 0,
        "Type": 0,
        "Body": "Oi",
        "Chat": {"WA_Chat_Id": f"{DIGITS}@c.us"},
        "Client": {"Name": "Joana Silva", "WhatsApp_Number": DIGITS},
        "timestamp": davi_listens.frames[2]["data"]["timestamp"],
    }
    assert (out["data"]["Direction"], status["data"]["sessionId"]) == (1, "7")
    assert {frame["type"] for frame in davi_listens.frames} == FRAMES.keys() - {"qr_code"}
    assert [frame for frame in davi_listens.frames if not fits(frame, FRAMES[frame["type"]])] == []


def phone_session(tenant: Tenant, gateway: GatewayServer, davi: Person) -> Inbox:
    """An inbox whose session has been begun: there is a code to scan."""
    line = qr_inbox(tenant, "evolution", gateway.url)
    actions.start_session(davi.actor, line.pk)
    worked(gateway.world)
    return line


def is_connected(frame: Frame) -> bool:
    return bool(frame["type"] == "session_status" and frame["data"]["status"] == "connected")


@pytest.mark.redis
async def test_a_code_to_scan_goes_from_the_process_that_hears_of_it_to_the_clients_of_admins_alone(
    davi: Person, aurora: Tenant, gateway: GatewayServer, davi_listens: Client, carla_listens: Client
):
    line = await away(phone_session)(aurora, gateway, davi)
    told = await davi_listens.next("qr_code")
    assert await away(gateway.world.scan)(f"niochat-{line.pk}-{line.token[:10]}")
    await away(worked)(gateway.world)
    for client in (davi_listens, carla_listens):
        await client.next(is_connected)

    image = base64.b64decode(told["data"]["qrCode"].removeprefix("data:image/png;base64,"))
    assert fits(told, FRAMES["qr_code"])
    assert (told["data"]["sessionId"], image[:4]) == (str(line.pk), b"\x89PNG")
    assert trade(davi_listens) == ["session_status", "session_status", "qr_code", "session_status"]
    assert trade(carla_listens) == ["session_status"] * 3


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("text", 0),
        ("image", 1),
        ("audio", 2),
        ("video", 3),
        ("document", 4),
        ("location", 5),
        ("contacts", 6),
        ("sticker", 7),
        ("template", 0),
    ],
)
def test_each_kind_of_message_has_its_number(kind: str, number: int):
    message = {
        "id": 1,
        "conversation_id": 2,
        "sender_type": "bot",
        "private": False,
        "message_type": kind,
        "content": "",
        "timestamp": "2026-01-01T00:00:00.000000Z",
    }
    contact = {"id": 3, "name": "Joana", "phone": "", "avatar_url": "/media/joana.png"}
    frame = {"stream": "t7.agents", "data": {"message": message, "contact": contact}}

    told, update = SYSZAP.entries["chat_message"].say(frame)

    assert (told["data"]["Type"], told["data"]["Direction"]) == (number, 1)
    # Without a number there is none to show; the chat still has a name that no other has.
    assert (told["data"]["Client"]["WhatsApp_Number"], told["data"]["Chat"]) == ("", {"WA_Chat_Id": "3@lid"})
    assert update["data"]["Profile_Pic_URL"].startswith("http")


async def test_a_changed_name_is_told(site: Inbox, davi_listens: Client):
    await away(lambda: written(site, phone=PHONE))()
    await davi_listens.next("client_update")

    await away(lambda: written(site, "De novo", name="Joana Souza"))()

    assert (await davi_listens.next("client_update"))["data"]["Name"] == "Joana Souza"


async def test_a_new_customer_of_a_restricted_inbox_is_introduced_first_and_once(door: Door, ana: Person, davi: Person):
    def many(inbox: Inbox) -> None:
        for number in range(10):
            written(inbox, f"{number}", identifier=f"v:{number // 2}", name=f"{number // 2}")

    inbox, _ = await away(
        lambda: actions.create_inbox(davi.actor, name="VIP", channel="api", restricted=True, user_ids=[ana.user_id])
    )()
    client = await opened(door, path(ana), ana)

    await away(many)(inbox)
    for _ in range(10):
        await client.next("client_update")
    await passed(client)

    told = [frame for frame in client.frames if frame["type"] in ("new_client", "new_message")]
    names = [frame["data"].get("Name") or frame["data"]["Client"]["Name"] for frame in told]
    assert [frame["type"] for frame in told].count("new_client") == 5
    assert {told[names.index(f"{number}")]["type"] for number in range(5)} == {"new_client"}


def test_somebody_who_was_there_before_is_not_introduced():
    book = Newcomers(known_to=10)

    assert [book.meets(10), book.meets(11), book.meets(11), book.introduces(11)] == [False, True, False, False]
    assert [book.introduces(9), book.introduces(12), book.meets(12)] == [True, True, False]


async def test_notes_and_lines_of_the_product_are_not_sent(ana: Person, site: Inbox, davi_listens: Client):
    def much() -> None:
        conversation = written(site).conversation
        actions.assign(ana.actor, conversation.pk, user_id=ana.user_id)
        note = reply(ana, conversation, "segredo", private=True)
        actions.react(ana.actor, note.pk, "👍")
        reply(ana, conversation, "fim")

    await away(much)()
    await davi_listens.next(lambda frame: frame["type"] == "new_message" and frame["data"]["Body"] == "fim")
    await davi_listens.next("client_update")

    assert trade(davi_listens) == ["new_client", "new_message", "client_update", "new_message", "client_update"]
    assert "segredo" not in json.dumps(davi_listens.frames)


async def test_an_agent_hears_the_trade_and_not_the_sessions(door: Door, ana: Person, davi: Person, site: Inbox):
    hers, his = await opened(door, path(ana), ana), await opened(door, path(davi), davi)

    await away(session_changed)(davi)
    await his.next("session_status")
    await away(lambda: written(site))()
    await hers.next("client_update")

    assert trade(hers) == ["new_client", "new_message", "client_update"]


async def test_another_company_hears_nothing(door: Door, eva: Person, bakery: Inbox, site: Inbox, davi_listens: Client):
    theirs = await opened(door, path(eva), eva)

    await away(lambda: (written(bakery, "pão", name="Otto"), written(site, "loja", name="Joana")))()
    await theirs.next("client_update")
    await davi_listens.next("client_update")

    assert ("Joana" in json.dumps(theirs.frames), "Otto" in json.dumps(davi_listens.frames)) == (False, False)
    assert theirs.frames[1]["data"]["Company_Id"] == str(eva.tenant_id)


# --- let in -----------------------------------------------------------------------------------------------------------


async def test_a_frame_with_the_token_under_data_opens_it(door: Door, ana: Person):
    client = await door.raw(path(ana))

    await client.send("auth", data={"token": await token(ana)})
    await passed(client)

    assert [frame["type"] for frame in client.frames] == ["pong"]


async def test_our_own_pages_come_by_their_cookie(door: Door, ana: Person):
    cookie = await away(dashboard_cookie)(ana)

    client = await door.raw(path(ana), additional_headers={"Cookie": cookie}, origin="https://nio.example")

    await passed(client)


@pytest.mark.parametrize(
    "query", ["companyId=999999", "companyId=uuid", "userId=999999", "companyId=undefined&userId="]
)
async def test_a_company_or_user_of_others_is_refused_and_the_token_stays_good(door: Door, ana: Person, query: str):
    shown = await token(ana)
    client = await door.raw(f"/ws?{query}&token={shown}")
    assert await ended(client) == (4403, "FORBIDDEN")
    assert fits(client.frames[0], FRAMES["error"])

    again = await door.raw(f"/ws?companyId={ana.tenant_id}&token={shown}")
    await passed(again)


async def test_the_real_company_of_another_credential_is_refused(door: Door, ana: Person, eva: Person):
    client = await door.raw(f"/ws?companyId={eva.tenant_id}&userId={eva.user_id}&token={await token(ana)}")

    assert await ended(client) == (4403, "FORBIDDEN")


async def test_a_company_named_beside_the_token_is_compared_too(door: Door, ana: Person, eva: Person):
    client = await door.raw(f"/ws?userId={ana.user_id}")

    await client.send("auth", data={"token": await token(ana), "companyId": str(eva.tenant_id)})

    assert await ended(client) == (4403, "FORBIDDEN")


@pytest.mark.parametrize("query", ["userId={user}", "companyId={company}", "companyId=&userId="])
async def test_either_id_makes_it_this_family(door: Door, ana: Person, query: str):
    client = await opened(door, "/ws?" + query.format(user=ana.user_id, company=ana.tenant_id), ana)
    await client.send("dance")

    assert fits(await client.next("error"), FRAMES["error"])


# --- bad input --------------------------------------------------------------------------------------------------------


async def test_a_demoted_member_has_to_come_again(davi: Person, carla: Person, door: Door):
    client = await opened(door, path(carla), carla)

    await away(lambda: members.change_member(davi.actor, carla.user_id, role="agent"))()

    assert await ended(client, within=2) == (4401, "SCOPE_CHANGED")
