"""The widget's socket in use: what is said, seen and shown on both sides."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conversations import actions
from conversations.models import Conversation, Delivery, Inbox, Message
from conversations.typing import show_typing
from dashboard import presence
from tests.trade import reply, written
from tests.widget.sockets import known, opened, quiet
from tests.widget.visiting import there
from tests.world import Person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fanout_ends")]


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


async def test_typing_is_shown_in_the_conversation_that_goes_on_though_a_younger_one_is_over(
    site: Inbox, conversation: Conversation, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin_anew_and_go_back() -> None:
        actions.close_conversation(ana.actor, conversation.pk)
        younger = actions.start_conversation(ana.actor, contact_id=conversation.contact_id, inbox_id=site.pk)
        actions.close_conversation(ana.actor, younger.pk)
        actions.reopen_conversation(ana.actor, conversation.pk)

    await quiet(begin_anew_and_go_back)()
    heard: list[int] = []
    monkeypatch.setattr("conversations.typing.transient", lambda group, event: heard.append(event.conversation_id))

    async with opened(known(site)) as socket:
        await socket.say("typing", is_typing=True, request_id=1)
        await socket.hear("ok")

    assert set(heard) == {conversation.pk}


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
