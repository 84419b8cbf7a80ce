"""The FastAPI family on the real server: each frame of its document, and its own kind of error."""

from __future__ import annotations

import pytest

from conversations import actions
from conversations.models import Conversation
from realtime import commands
from realtime.families.fastapi import INPUTS
from tests.realtime.clients import Client, Door, away, token
from tests.realtime.families.documents import FASTAPI_FRAMES as FRAMES
from tests.realtime.families.talking import (
    codes,
    ended,
    fits,
    garbage,
    joana,
    opened,
    passed,
)
from tests.trade import reply, written
from tests.world import Person


@pytest.fixture
async def bruno_listens(door: Door, bruno: Person, conversation: Conversation) -> Client:
    """Bruno's client, which has joined Joana's conversation."""
    return await opened(door, "/ws", bruno, joined=conversation.pk)


async def test_every_frame_of_the_document_arrives_as_it_is_printed(
    door: Door, ana: Person, conversation: Conversation, bruno_listens: Client
):
    hers, his, named = await opened(door, "/ws/", ana, joined=conversation.pk), bruno_listens, str(conversation.pk)
    await hers.send("message", conversation_id=named, content="Olá!")
    sent = await hers.next("message_sent")
    assert (await his.next("message"))["message"] == {
        "id": sent["message_id"],
        "conversation_id": named,
        "user_id": str(ana.user_id),
        "content": "Olá!",
        "role": "agent",
        "created_at": sent["timestamp"],
    }

    await hers.send("typing", conversation_id=named, is_typing=True)
    assert (await his.next("typing"))["user_id"] == str(ana.user_id)
    await hers.send("read", conversation_id=named, message_id=sent["message_id"])
    assert (await his.next("read"))["message_id"] == sent["message_id"]
    await hers.send("presence", status="busy")
    assert (await his.next("presence"))["status"] in ("online", "away")
    await hers.send("sync", conversation_id=named, last_message_id="0")
    assert [message["content"] for message in (await hers.next("sync_data"))["messages"]][-1] == "Olá!"
    await hers.send("dance")
    await hers.next("error")
    await passed(hers)

    told = {frame["type"]: frame for frame in [*his.frames, *hers.frames]}
    assert told.keys() == FRAMES.keys()
    assert [frame for frame in [*his.frames, *hers.frames] if not fits(frame, FRAMES[frame["type"]])] == []


async def test_a_socket_hears_of_its_own_message_once_and_the_users_other_sockets_too(
    door: Door, ana: Person, conversation: Conversation
):
    first = await opened(door, "/ws", ana, joined=conversation.pk)
    second = await opened(door, "/ws", ana, joined=conversation.pk)

    for number in range(3):
        await first.send("message", conversation_id=str(conversation.pk), content=f"{number}")
        await first.send("message", conversation_id=str(conversation.pk), content="x", client_message_id=f"c{number}")
        await second.next(lambda frame: frame.get("message", {}).get("content") == "x")
    await passed(first)

    types = [frame["type"] for frame in first.frames]
    assert (types.count("message_sent"), types.count("message")) == (6, 0)
    assert [frame["type"] for frame in second.frames].count("message") == 6


async def test_typing_is_not_told_to_the_socket_that_types(
    door: Door, ana: Person, conversation: Conversation, bruno_listens: Client
):
    hers = await opened(door, "/ws", ana, joined=conversation.pk)

    await hers.send("typing", conversation_id=conversation.pk, is_typing=True)
    await hers.send("typing", conversation_id=conversation.pk, is_typing=False)
    assert (await bruno_listens.next(lambda frame: frame.get("is_typing") is False))["is_typing"] is not True

    await passed(hers)
    assert "typing" not in [frame["type"] for frame in hers.frames]


async def test_what_a_customer_does_reaches_whoever_has_joined(
    door: Door, conversation: Conversation, bruno_listens: Client
):
    customer = await joana(door, conversation)

    await customer.send("typing", is_typing=True, preview="Tem")
    assert await bruno_listens.next("typing") == {
        "type": "typing",
        "user_id": None,
        "conversation_id": str(conversation.pk),
        "is_typing": True,
    }
    await customer.send("message", content="Tem pão?")
    told = (await bruno_listens.next("message"))["message"]
    assert (told["content"], told["role"], told["user_id"]) == ("Tem pão?", "user", None)
    await customer.send("read", message_id=int(told["id"]))
    assert (await bruno_listens.next("read"))["user_id"] is None


async def test_notes_lines_of_the_product_and_what_has_no_word_are_not_sent(
    ana: Person, conversation: Conversation, bruno_listens: Client
):
    def much() -> None:
        note = reply(ana, conversation, "só para nós", private=True)
        actions.assign(ana.actor, conversation.pk, user_id=ana.user_id)
        actions.react(ana.actor, note.pk, "👍")
        said = reply(ana, conversation, "Olá!")
        actions.delete_message(ana.actor, said.pk)
        reply(ana, conversation, "fim")

    await away(much)()
    await bruno_listens.next(lambda frame: frame.get("message", {}).get("content") == "fim")

    said = [frame["message"]["content"] for frame in bruno_listens.frames if frame["type"] == "message"]
    assert said == ["Olá!", "fim"]
    await bruno_listens.send("sync", conversation_id=conversation.pk)
    answer = await bruno_listens.next("sync_data")
    assert [message["content"] for message in answer["messages"]] == ["Oi, tudo bem?", "fim"]
    assert {frame["type"] for frame in bruno_listens.frames} <= FRAMES.keys()


async def test_only_joined_conversations_are_told_and_a_left_one_no_more(
    door: Door, ana: Person, conversation: Conversation, bruno_listens: Client
):
    other = (await away(lambda: written(conversation.inbox, identifier="v:outra"))()).conversation
    elsewhere = await opened(door, "/ws", ana, joined=other.pk)

    await bruno_listens.send("leave", conversation_id=str(conversation.pk))
    await passed(bruno_listens)
    await away(lambda: (reply(ana, conversation, "um"), reply(ana, other, "dois")))()
    await elsewhere.next(lambda frame: frame.get("message", {}).get("content") == "dois")
    await passed(bruno_listens)

    assert "um" not in [frame["message"]["content"] for frame in elsewhere.frames if frame["type"] == "message"]
    assert "message" not in [frame["type"] for frame in bruno_listens.frames]


async def test_after_a_break_joining_again_and_sync_bring_what_was_missed(
    door: Door, ana: Person, bruno: Person, conversation: Conversation, bruno_listens: Client
):
    last = await away(lambda: reply(ana, conversation, "antes"))()
    await bruno_listens.next("message")
    await bruno_listens.connection.close()

    await away(lambda: [reply(ana, conversation, f"{number}") for number in range(3)])()
    back = await opened(door, "/ws", bruno, joined=conversation.pk)
    await back.send("sync", conversation_id=str(conversation.pk), last_message_id=str(last.pk))

    answer = await back.next("sync_data")
    assert ([message["content"] for message in answer["messages"]], answer["count"]) == (["0", "1", "2"], 3)
    await away(lambda: reply(ana, conversation, "depois"))()
    await back.next(lambda frame: frame.get("message", {}).get("content") == "depois")


@pytest.mark.parametrize("unknown", ["0", "999999", "3f2b0c1e-uuid", "", None, -5, str(2**60), True, "9" * 5000])
async def test_a_sync_from_an_unknown_message_gives_the_latest_100(
    door: Door, ana: Person, conversation: Conversation, unknown: object
):
    hers = await opened(door, "/ws", ana)

    await hers.send("sync", conversation_id=str(conversation.pk), last_message_id=unknown)

    assert (await hers.next(lambda frame: frame["type"] in ("sync_data", "error")))["count"] == 1


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["join", "leave", "typing", "read", "sync", "message"])
async def test_another_companys_conversation_does_not_exist(
    door: Door, ana: Person, eva: Person, foreign: Conversation, word: str
):
    theirs = await opened(door, "/ws", eva, joined=foreign.pk)
    hers = await opened(door, "/ws", ana)

    await hers.send(word, conversation_id=str(foreign.pk), content="x", is_typing=True, message_id="1")
    await passed(hers)
    await away(lambda: reply(eva, foreign, "bom dia"))()
    await theirs.next("message")
    await passed(hers)

    assert codes(hers.frames) == ([] if word == "leave" else ["NOT_FOUND"])
    assert {frame["type"] for frame in hers.frames} <= {"connected", "presence", "error", "pong"}
    assert [frame["message"]["content"] for frame in theirs.frames if frame["type"] == "message"] == ["bom dia"]


async def test_a_private_message_can_not_be_asked_for(
    door: Door, ana: Person, conversation: Conversation, bruno_listens: Client
):
    hers = await opened(door, "/ws", ana)

    await hers.send("message", conversation_id=str(conversation.pk), content="Olá!", private=True)

    assert (await bruno_listens.next("message"))["message"]["content"] == "Olá!"


async def test_a_bad_token_is_an_invalid_token_in_exactly_these_words(door: Door, ana: Person):
    for bad in (garbage(), await token(ana, seconds=-5)):
        client = await door.raw(f"/ws?token={bad}")
        frame = await client.next("error")
        assert frame["error"] == "Invalid token"
        assert (await ended(client))[0] == 4401


async def test_a_token_that_ends_ends_the_socket(door: Door, ana: Person):
    client = await door.raw(f"/ws?token={await token(ana, seconds=2)}")

    assert await ended(client) == (4401, "TOKEN_EXPIRED")
    assert client.frames[-1]["error"] == "Invalid token"


async def test_a_first_frame_may_carry_the_token_and_renew_it(door: Door, ana: Person, conversation: Conversation):
    client = await door.raw("/ws")
    await client.send("auth", token=await token(ana), cursors={}, epoch="")
    await client.next("connected")

    await client.send("auth", token=await token(ana), cursors={}, epoch="")
    await passed(client)

    assert {frame["type"] for frame in client.frames} <= {"connected", "presence", "pong"}


async def test_somebody_elses_token_does_not_renew(door: Door, ana: Person, bruno: Person):
    client = await opened(door, "/ws", ana)

    await client.send("auth", token=await token(bruno))

    assert (await ended(client))[0] == 4401


async def test_ten_errors_in_a_minute_are_abuse(bruno_listens: Client):
    for _ in range(10):
        await bruno_listens.raw("{")

    assert (await ended(bruno_listens))[0] == 4400


# --- rights -----------------------------------------------------------------------------------------------------------


async def test_a_restricted_inbox_is_heard_by_its_members_only(door: Door, ana: Person, bruno: Person, davi: Person):
    def restricted() -> Conversation:
        inbox, _ = actions.create_inbox(
            davi.actor, name="VIP", channel="webchat", restricted=True, user_ids=[ana.user_id]
        )
        return written(inbox, identifier="v:vip").conversation

    conversation = await away(restricted)()
    hers = await opened(door, "/ws", ana, joined=conversation.pk)
    his = await opened(door, "/ws", bruno, joined=conversation.pk)

    await away(lambda: reply(davi, conversation, "Bem-vinda"))()
    assert (await hers.next("message"))["message"]["content"] == "Bem-vinda"
    await passed(his)

    assert codes(his.frames) == ["NOT_FOUND"]
    assert "message" not in [frame["type"] for frame in his.frames]


def test_the_family_can_send_what_its_document_lists():
    assert INPUTS.keys() == {"auth", "message", "typing", "read", "sync", "ping", "presence", "join", "leave"}
    assert INPUTS["message"] is commands.SendMessage
