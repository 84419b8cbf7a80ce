"""The widget's socket: what a visitor may send, and what reaches them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils.timezone import now

from conversations.models import Contact, Conversation, Inbox, Message
from conversations.visitors import LIVES, mint, stranger
from niochat.asgi import application
from tests.trade import reply, written
from tests.widget.sockets import Widget, known, opened, quiet, widget
from tests.widget.visiting import SHOP
from tests.world import Person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fanout_ends")]


# --- opening ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [False, True])
async def test_a_token_opens_it_by_subprotocol_and_by_query(
    site: Inbox, conversation: Conversation, query: bool
) -> None:
    async with opened(known(site), query=query) as socket:
        frame = await socket.hear()
        status = await socket.hear()

    assert frame["type"] == "connected"
    assert frame["data"]["contact_id"] == conversation.contact_id
    assert list(frame["data"]["cursors"]) == [f"t{site.tenant_id}.c{conversation.contact_id}.i{site.pk}"]
    assert status == {"type": "agent_status", "data": {"online": False, "agents": []}}


async def test_a_stranger_has_no_stream_until_they_write(site: Inbox) -> None:
    async with opened(mint(stranger(site))) as socket:
        assert (await socket.hear("connected"))["data"]["cursors"] == {}
        assert await quiet(Contact.objects.count)() == 0

        await socket.say("message", content="Oi", client_message_id="c1", request_id="c1")
        again = await socket.hear("connected")
        sent = await socket.hear("message_sent")

    contact = await quiet(Contact.objects.get)()
    assert again["data"]["contact_id"] == contact.pk
    assert again["data"]["cursors"] == {f"t{site.tenant_id}.c{contact.pk}.i{site.pk}": 2}
    assert (sent["data"]["client_message_id"], sent["data"]["request_id"]) == ("c1", "c1")


async def test_a_strangers_second_message_comes_by_the_new_stream(site: Inbox, ana: Person) -> None:
    async with opened(mint(stranger(site))) as socket:
        await socket.say("message", content="Oi", client_message_id="c1")
        await socket.hear("message_sent")
        conversation = await quiet(Conversation.objects.select_related("inbox", "contact").get)()

        await quiet(reply)(ana, conversation, "Olá!")
        frame = await socket.hear("chat_message")

    assert frame["data"]["message"]["content"] == "Olá!"
    assert frame["seq"] == 3


async def test_what_a_stranger_tells_of_themselves_while_connected_goes_to_the_contact(site: Inbox) -> None:
    nobody = stranger(site)
    async with opened(mint(nobody)) as socket:
        await socket.say("auth", token=mint(replace(nobody, email="joana@example.com", name="Joana")), request_id=1)
        await socket.hear("ok")
        await socket.say("message", content="Oi", client_message_id="c1")
        await socket.hear("message_sent")

    contact = await quiet(Contact.objects.get)()
    assert (contact.name, contact.email) == ("Joana", "joana@example.com")


@pytest.mark.parametrize("case", ["garbage", "agent's", "expired", "another inbox's tenant is suspended"])
async def test_a_token_that_opens_nothing_is_told_why(
    site: Inbox, conversation: Conversation, ana: Person, case: str
) -> None:
    token, code = {
        "garbage": ("x.y.z", "TOKEN_INVALID"),
        "agent's": (await quiet(ana.token)(), "TOKEN_INVALID"),
        "expired": (expired(site), "TOKEN_EXPIRED"),
        "another inbox's tenant is suspended": (known(site), "TOKEN_INVALID"),
    }[case]
    if "suspended" in case:
        await quiet(type(site.tenant).objects.update)(is_active=False)

    socket = widget(token)
    assert await socket.enter()
    assert (await socket.hear())["data"]["code"] == code
    assert await socket.ended() == 4401


def expired(site: Inbox) -> str:
    with time_machine.travel(now() - LIVES - timedelta(days=1), tick=False):
        return known(site)


async def test_without_a_token_the_first_frame_must_show_one(site: Inbox, conversation: Conversation) -> None:
    socket = Widget(application, "/ws/widget/", headers=[(b"origin", SHOP.encode()), (b"host", b"testserver")])
    await socket.enter()
    await socket.say("auth", token=known(site))

    assert (await socket.hear())["type"] == "connected"
    await socket.leave()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://loja.example"])
async def test_row_77_a_foreign_site_gets_no_socket(site: Inbox, conversation: Conversation, origin: str) -> None:
    refused = await widget(known(site), origin=origin).enter()
    assert not refused

    late = Widget(application, "/ws/widget/", headers=[(b"origin", origin.encode()), (b"host", b"testserver")])
    await late.enter()
    await late.say("auth", token=known(site))
    assert (await late.hear())["data"]["code"] == "ORIGIN_FORBIDDEN"
    assert await late.ended() == 4403


async def test_our_own_pages_always_get_one(site: Inbox, conversation: Conversation) -> None:
    async with opened(known(site), origin="http://testserver") as socket:
        assert (await socket.hear())["type"] == "connected"


# --- what is not theirs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        {"type": "read"},
        {"type": "received"},
        {"type": "react", "reaction": "👍"},
        {"type": "message", "content": "oi", "reply_to": True},
    ],
)
async def test_another_visitors_message_reads_as_missing(
    site: Inbox, conversation: Conversation, foreign: Conversation, ana: Person, command: dict[str, Any]
) -> None:
    others = [
        (await quiet(written)(site, "Sou outra", identifier="v:maria", name="Maria")).pk,
        await quiet(Message.objects.filter(conversation=foreign).values_list("pk", flat=True).get)(),
        (await quiet(reply)(ana, conversation, "nota", private=True)).pk,
        2**40,
    ]

    async with opened(known(site)) as socket:
        for pk in others:
            fields = {"reply_to": pk} if "reply_to" in command else {"message_id": pk}
            await socket.say(**{"type_": command["type"], **command, **fields, "type": command["type"]})
            error = (await socket.hear("error"))["data"]
            assert error["code"] in ("NOT_FOUND", "DOES_NOT_EXIST")


@pytest.mark.parametrize("name", ["join", "delete", "presence", "sync", "leave", "assign", "rights_changed"])
async def test_a_visitor_has_no_command_of_the_teams(site: Inbox, conversation: Conversation, name: str) -> None:
    async with opened(known(site)) as socket:
        await socket.say(name, conversation_id=conversation.pk, message_id=1, status="online")

        assert (await socket.hear("error"))["data"]["code"] == "UNKNOWN_TYPE"


async def test_an_empty_message_is_refused_and_a_long_one(site: Inbox, conversation: Conversation) -> None:
    async with opened(known(site)) as socket:
        await socket.say("message", content="  ", client_message_id="a", request_id="a")
        empty = await socket.hear("error")
        await socket.say("message", content="x" * 16_385, client_message_id="b", request_id="b")
        long = await socket.hear("error")

    assert (empty["data"]["code"], empty["data"]["request_id"]) == ("EMPTY", "a")
    assert (long["data"]["code"], long["data"]["request_id"]) == ("TOO_LONG", "b")


async def test_nothing_that_a_visitor_sends_makes_them_another(site: Inbox, conversation: Conversation) -> None:
    async with opened(known(site)) as socket:
        await socket.say(
            "message",
            content="Oi",
            client_message_id="z",
            sender_type="agent",
            contact_id=999,
            tenant_id=999,
            private=True,
            status="read",
        )
        await socket.hear("message_sent")

    message = await quiet(Message.objects.get)(client_message_id="z")
    assert (message.sender_type, message.private, message.sender_key) == (
        "contact",
        False,
        f"c{conversation.contact_id}",
    )


async def test_a_token_of_another_visitor_does_not_renew_it(site: Inbox, conversation: Conversation) -> None:
    await quiet(written)(site, "Sou outra", identifier="v:maria", name="Maria")

    async with opened(known(site)) as socket:
        await socket.say("auth", token=known(site), request_id=1)
        await socket.hear("ok")
        await socket.say("auth", token=known(site, "v:maria"))
        assert await socket.ended() == 4401


async def test_strangers_do_not_count_as_one(site: Inbox) -> None:
    sockets = [widget(mint(stranger(site))) for _ in range(25)]
    for socket in sockets:
        await socket.enter()
    try:
        assert [(await socket.hear())["type"] for socket in sockets] == ["connected"] * 25
    finally:
        for socket in sockets:
            await socket.leave()
