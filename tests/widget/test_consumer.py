"""The widget's socket: what a visitor may send, and what reaches them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import connections
from django.utils.timezone import now

from accounts.actor import Actor
from conversations import actions
from conversations.models import Contact, ContactIdentity, Conversation, Delivery, Inbox, Message
from conversations.typing import show_typing
from conversations.visitors import LIVES, Visitor, mint, stranger
from dashboard import presence
from niochat.asgi import application
from realtime.fanout import stop
from tests.trade import inbox_of, reply, written
from tests.widget.visiting import SHOP, browser_of, there
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


class Widget(WebsocketCommunicator):
    """A visitor's end of the socket."""

    async def say(self, type_: str, **data: Any) -> None:
        await self.send_to(text_data=json.dumps({"type": type_, **data}))

    async def hear(self, *types: str) -> dict[str, Any]:
        """The next frame of one of these types; others are passed over."""
        while True:
            frame = json.loads(await self.receive_from(timeout=5))
            if not types or frame["type"] in types:
                return dict(frame)

    async def silent(self) -> bool:
        return await self.receive_nothing(timeout=0.3)

    async def ended(self) -> int:
        """The close code; frames before it are passed over."""
        while True:
            message = await self.receive_output(timeout=5)
            if message["type"] == "websocket.close":
                return int(message["code"])


@pytest.fixture(autouse=True)
async def fanout_ends() -> AsyncIterator[None]:
    yield
    await stop()
    await database_sync_to_async(connections.close_all)()


def widget(token: str, *, origin: str = SHOP, query: bool = False) -> Widget:
    path = f"/ws/widget/?token={token}" if query else "/ws/widget/"
    offered = [] if query else ["niochat.v1", f"bearer.{token}"]
    headers = [(b"origin", origin.encode()), (b"host", b"testserver")]
    return Widget(application, path, headers=headers, subprotocols=offered)


@asynccontextmanager
async def opened(token: str, **how: Any) -> AsyncIterator[Widget]:
    """An open, authenticated widget that has been told who is there."""
    socket = widget(token, **how)
    accepted, _ = await socket.connect()
    assert accepted
    try:
        yield socket
    finally:
        await socket.disconnect()


def known(site: Inbox, identifier: str = "v:joana") -> str:
    return mint(Visitor(inbox=site, identifier=identifier))


def quiet(work: Callable[..., Any]) -> Callable[..., Any]:
    """Call something of the database from a test of sockets."""
    return database_sync_to_async(work)


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
    assert (await socket.connect())[0]
    assert (await socket.hear())["data"]["code"] == code
    assert await socket.ended() == 4401


def expired(site: Inbox) -> str:
    with time_machine.travel(now() - LIVES - timedelta(days=1), tick=False):
        return known(site)


async def test_without_a_token_the_first_frame_must_show_one(site: Inbox, conversation: Conversation) -> None:
    socket = Widget(application, "/ws/widget/", headers=[(b"origin", SHOP.encode()), (b"host", b"testserver")])
    await socket.connect()
    await socket.say("auth", token=known(site))

    assert (await socket.hear())["type"] == "connected"
    await socket.disconnect()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://loja.example"])
async def test_row_77_a_foreign_site_gets_no_socket(site: Inbox, conversation: Conversation, origin: str) -> None:
    refused, _ = await widget(known(site), origin=origin).connect()
    assert not refused

    late = Widget(application, "/ws/widget/", headers=[(b"origin", origin.encode()), (b"host", b"testserver")])
    await late.connect()
    await late.say("auth", token=known(site))
    assert (await late.hear())["data"]["code"] == "ORIGIN_FORBIDDEN"
    assert await late.ended() == 4403


async def test_our_own_pages_always_get_one(site: Inbox, conversation: Conversation) -> None:
    async with opened(known(site), origin="http://testserver") as socket:
        assert (await socket.hear())["type"] == "connected"


# --- talking ---------------------------------------------------------------------------------------------------------


async def test_a_message_is_stored_once_and_reaches_every_tab(site: Inbox, conversation: Conversation) -> None:
    async with opened(known(site)) as socket, opened(known(site)) as other_tab:
        for _ in range(2):
            await socket.say("message", content="Tem vaso?", client_message_id="c9", request_id=7)
        first, second = await socket.hear("message_sent"), await socket.hear("message_sent")
        seen = await other_tab.hear("chat_message")

    assert first["data"]["message_id"] == second["data"]["message_id"]
    assert seen["data"]["message"]["client_message_id"] == "c9"
    assert await quiet(Message.objects.filter(content="Tem vaso?").count)() == 1


async def test_what_the_team_says_and_does_reaches_the_visitor_and_notes_do_not(
    site: Inbox, conversation: Conversation, ana: Person
) -> None:
    async with opened(known(site)) as socket:
        await socket.hear("agent_status")
        await quiet(reply)(ana, conversation, "Cliente difícil", private=True)
        answer = await quiet(reply)(ana, conversation, "Olá!")
        actor = await quiet(lambda: ana.actor)()
        await quiet(actions.react)(actor, conversation.last_message_id, "👍")
        await quiet(actions.mark_read)(actor, conversation.pk)
        await quiet(actions.delete_message)(actor, answer.pk)
        await quiet(actions.close_conversation)(actor, conversation.pk)
        frames = [await socket.hear() for _ in range(5)]

    assert [frame["type"] for frame in frames] == [
        "chat_message",
        "message_reaction",
        "message_read",
        "message_deleted",
        "conversation_updated",
    ]
    assert [frame["seq"] for frame in frames] == list(range(frames[0]["seq"], frames[0]["seq"] + 5))
    assert "difícil" not in json.dumps(frames, ensure_ascii=False)
    assert frames[0]["data"]["message"]["author"] == {"id": None, "name": "Ana", "avatar_url": ""}
    assert "user_id" not in frames[2]["data"]


async def test_another_visitors_conversation_is_not_heard(site: Inbox, conversation: Conversation, ana: Person) -> None:
    other = await quiet(written)(site, "Sou outra", identifier="v:maria", name="Maria")
    async with opened(known(site)) as socket:
        await socket.hear("agent_status")
        await quiet(reply)(ana, other.conversation, "Oi, Maria")

        assert await socket.silent()


async def test_delivery_and_reading_are_reported_and_only_rise(
    site: Inbox, conversation: Conversation, ana: Person
) -> None:
    answer = await quiet(reply)(ana, conversation, "Olá!")

    async with opened(known(site)) as socket:
        await socket.say("received", message_id=answer.pk)
        assert (await socket.hear("message_status"))["data"]["status"] == "delivered"
        await socket.say("read", message_id=answer.pk)
        assert (await socket.hear("message_status"))["data"]["status"] == "read"
        await socket.say("received", message_id=answer.pk, request_id="again")
        await socket.hear("ok")

    await quiet(answer.refresh_from_db)()
    assert answer.status == Delivery.READ


async def test_a_reaction_is_one_emoji_and_can_be_taken_back(
    site: Inbox, conversation: Conversation, ana: Person
) -> None:
    answer = await quiet(reply)(ana, conversation, "Olá!")

    async with opened(known(site)) as socket:
        await socket.say("react", message_id=answer.pk, reaction="🙏")
        assert (await socket.hear("message_reaction"))["data"]["by"] == "customer"
        await socket.say("react", message_id=answer.pk, reaction="")
        assert (await socket.hear("message_reaction"))["data"]["reaction"] == ""
        await socket.say("react", message_id=answer.pk, reaction="<b>")
        assert (await socket.hear("error"))["data"]["code"] == "BAD_REACTION"


async def test_typing_is_shown_to_the_team_with_what_is_written(
    site: Inbox, conversation: Conversation, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, Any]] = []
    monkeypatch.setattr("conversations.typing.transient", lambda group, event: heard.append((group, event)))

    async with opened(known(site)) as socket:
        await socket.say("typing", is_typing=True, preview="Eu queria")
        await socket.say("typing", is_typing=True, preview="Eu queria sab", request_id=1)
        await socket.hear("ok")
        await socket.say("typing", is_typing=False, request_id=2)
        await socket.hear("ok")

    assert [(event.is_typing, event.preview) for _, event in heard] == [(True, "Eu queria"), (False, None)]
    assert {group for group, _ in heard} == {f"t{site.tenant_id}.agents"}


async def test_the_visitor_sees_an_agent_write_by_name(site: Inbox, conversation: Conversation, ana: Person) -> None:
    actor = await quiet(lambda: ana.actor)()
    async with opened(known(site)) as socket:
        await socket.hear("agent_status")
        await quiet(show_typing)(actor, conversation, is_typing=True)
        frame = await socket.hear("typing")
        await quiet(show_typing)(actor, conversation, is_typing=True, private=True)
        assert await socket.silent()

    assert frame["data"]["agent"]["id"] is None
    assert frame["data"]["is_typing"]
    assert "seq" not in frame


async def test_the_widget_hears_who_of_the_team_comes(site: Inbox, conversation: Conversation, ana: Person) -> None:
    async with opened(known(site)) as socket:
        await socket.hear("agent_status")
        await quiet(there)(ana)
        await quiet(presence.came)(ana.tenant_id, ana.user_id)
        frame = await socket.hear("agent_status")

    assert frame["data"] == {"online": True, "agents": [{"id": None, "name": "Ana", "avatar_url": ""}]}


async def test_a_visitor_who_comes_back_misses_nothing(site: Inbox, conversation: Conversation, ana: Person) -> None:
    async with opened(known(site)) as socket:
        before = (await socket.hear("connected"))["data"]
    for number in range(3):
        await quiet(reply)(ana, conversation, f"Resposta {number}")

    async with opened(known(site)) as socket:
        await socket.hear("agent_status")
        await socket.say("resume", epoch=before["epoch"], cursors=before["cursors"])
        frames = [await socket.hear("chat_message") for _ in range(3)]
        resumed = await socket.hear("resumed")

    assert [frame["data"]["message"]["content"] for frame in frames] == ["Resposta 0", "Resposta 1", "Resposta 2"]
    assert resumed["data"]["cursors"] == {frames[0]["stream"]: frames[-1]["seq"]}


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
        await socket.connect()
    try:
        assert [(await socket.hear())["type"] for socket in sockets] == ["connected"] * 25
    finally:
        for socket in sockets:
            await socket.disconnect()


# --- one customer, two sites -----------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(site: Inbox, conversation: Conversation) -> Conversation:
    """Joana's conversation on another site of Aurora's, which knows the same contact."""
    other = inbox_of(site.tenant, "Outra loja", allowed_origins=[SHOP])
    ContactIdentity.objects.create(
        tenant=site.tenant, inbox=other, contact_id=conversation.contact_id, identifier="v:joana"
    )
    return written(other, "Na outra loja").conversation


def busy(ana: Person, conversation: Conversation) -> Message:
    """Everything that a customer's widget is told of happens in a conversation."""
    message = reply(ana, conversation, "Segredo da outra")
    actions.react(ana.actor, message.pk, "👍")
    actions.mark_read(ana.actor, conversation.pk)
    actions.advance(Actor.system(ana.tenant_id), message.pk, Delivery.SENT)
    show_typing(
        ana.actor, Conversation.visible_to(ana.actor).select_related("inbox").get(pk=conversation.pk), is_typing=True
    )
    actions.delete_message(ana.actor, reply(ana, conversation, "Engano").pk)
    actions.close_conversation(ana.actor, conversation.pk)
    return message


async def test_what_is_said_on_another_site_never_reaches_this_one(
    site: Inbox, ana: Person, conversation: Conversation, elsewhere: Conversation
) -> None:
    assert elsewhere.contact_id == conversation.contact_id
    async with opened(known(site)) as socket:
        connected = await socket.hear("connected")
        await socket.hear("agent_status")

        await quiet(busy)(ana, elsewhere)
        await quiet(reply)(ana, conversation, "Daqui")

        assert (await socket.hear())["data"]["message"]["content"] == "Daqui"
    assert list(connected["data"]["cursors"]) == [f"t{site.tenant_id}.c{conversation.contact_id}.i{site.pk}"]


async def test_a_resume_brings_nothing_of_another_site(
    site: Inbox, ana: Person, conversation: Conversation, elsewhere: Conversation
) -> None:
    await quiet(busy)(ana, elsewhere)
    ours = f"t{site.tenant_id}.c{conversation.contact_id}.i{site.pk}"
    theirs = f"t{site.tenant_id}.c{conversation.contact_id}.i{elsewhere.inbox_id}"
    async with opened(known(site)) as socket:
        epoch = (await socket.hear("connected"))["data"]["epoch"]
        await socket.hear("agent_status")
        await socket.say("resume", epoch=epoch, cursors={ours: 0, theirs: 0})

        seen = [await socket.hear()]
        while seen[-1]["type"] != "resumed":
            seen.append(await socket.hear())

    assert {frame["stream"] for frame in seen if "stream" in frame} == {ours}
    assert list(seen[-1]["data"]["cursors"]) == [ours]


@pytest.mark.parametrize("command", ["read", "received", "react"])
async def test_a_message_of_another_site_is_not_there(
    site: Inbox, ana: Person, conversation: Conversation, elsewhere: Conversation, command: str
) -> None:
    message = await quiet(reply)(ana, elsewhere)
    async with opened(known(site)) as socket:
        await socket.say(command, message_id=message.pk, reaction="👍")

        assert (await socket.hear("error"))["data"]["code"] == "NOT_FOUND"


async def test_the_history_of_another_site_is_not_shown(
    site: Inbox, ana: Person, conversation: Conversation, elsewhere: Conversation
) -> None:
    def shown() -> tuple[Any, Any]:
        browser = browser_of(site, "v:joana")
        return browser.get("/snapshot").json(), browser.get("/messages").json()

    await quiet(busy)(ana, elsewhere)
    state, history = await quiet(shown)()

    assert state["conversation"]["id"] == conversation.pk
    assert {message["conversation_id"] for message in [*state["messages"], *history]} == {conversation.pk}


async def test_a_token_of_another_site_does_not_renew_it(
    site: Inbox, conversation: Conversation, elsewhere: Conversation
) -> None:
    other = await quiet(Inbox.objects.get)(pk=elsewhere.inbox_id)
    async with opened(known(site)) as socket:
        await socket.say("auth", token=known(other))

        assert await socket.ended() == 4401
