"""The Socket.IO document, walked in both directions, over each transport, by socket.io-client from npm."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.actor import Actor
from accounts.errors import Refused
from conversations import actions
from conversations.models import Conversation, Delivery
from realtime.events import MessageData
from realtime.families import socketio
from realtime.families.socketio import INPUTS, SPOKEN
from tests.realtime.clients import Door, away, token
from tests.realtime.families.talking import Shape, a_moment, a_number, fits, joana, or_null
from tests.realtime.socketio.talking import POLLING, UPGRADING, WEBSOCKET, Counter
from tests.trade import reply, written
from tests.world import Person

CONTENT: Shape = {"text": str, "preview_url": bool}


def is_message(data: Any) -> bool:
    """REST's message, but for its content."""
    return data.keys() == MessageData.model_fields.keys() and fits(data["content"], CONTENT)


TOLD: dict[str, Shape] = {
    "connected": {"message": str, "user_id": a_number},
    "joined_conversation": {"conversation_id": a_number, "message": str},
    "left_conversation": {"conversation_id": a_number},
    "message:new": is_message,
    "message:status": {
        "message_id": a_number,
        "conversation_id": a_number,
        "status": str,
        "timestamp": a_moment,
    },
    "user_typing": {
        "conversation_id": a_number,
        "user_id": or_null(a_number),
        "contact_id": or_null(a_number),
        "typing": bool,
    },
    "pong": {"timestamp": a_moment},
    "error": {"message": str, "code": str},
}
TRANSPORTS = pytest.mark.parametrize(
    "transports", [WEBSOCKET, POLLING, UPGRADING], ids=["websocket", "polling", "upgrading"]
)


@TRANSPORTS
async def test_every_event_of_the_document_arrives_as_it_is_printed(
    counter: Counter, ana: Person, bruno: Person, conversation: Conversation, transports: list[str]
):
    named = {"conversation_id": str(conversation.pk)}
    hers = await counter.open(await token(ana), transports=transports)
    his = await counter.open(await token(bruno), transports=transports)
    if transports == UPGRADING:
        await hers.upgraded()
    for client in (hers, his):
        await client.emit("join_conversation", named)
        assert (await client.next("joined_conversation"))["data"]["conversation_id"] == conversation.pk

    await hers.emit("typing_start", named)
    typing = (await his.next("user_typing"))["data"]
    assert (typing["user_id"], typing["typing"]) == (ana.user_id, True)
    await hers.emit("typing_stop", named)
    assert (await his.next("user_typing"))["data"]["typing"] is False
    sent = await away(reply)(ana, conversation, "Olá!")
    for client in (hers, his):
        told = (await client.next("message:new"))["data"]
        assert (told["id"], told["content"]) == (sent.pk, {"text": "Olá!", "preview_url": False})
    await away(actions.advance)(Actor.system(ana.tenant_id), sent.pk, Delivery.SENT)
    assert (await his.next("message:status"))["data"]["message_id"] == sent.pk
    await his.emit("ping")
    await his.next("pong")
    await his.emit("dance", {})
    assert (await his.next("error"))["data"]["code"] == "UNKNOWN_TYPE"
    await his.emit("leave_conversation", named)
    await his.next("left_conversation")

    told = [each for each in [*hers.told, *his.told] if each["is"] in TOLD]
    assert {each["is"] for each in told} == TOLD.keys()
    assert [each for each in told if not fits(each["data"], TOLD[each["is"]]) or each["more"]] == []


async def test_what_a_customer_does_reaches_whoever_has_joined(
    counter: Counter, door: Door, ana: Person, conversation: Conversation
):
    client = await counter.open(await token(ana), joined=conversation.pk)
    customer = await joana(door, conversation)

    await customer.send("typing", is_typing=True)
    typing = (await client.next("user_typing"))["data"]
    await customer.send("message", content="Tem em azul?", client_message_id="w1")
    told = (await client.next("message:new"))["data"]

    assert (typing["user_id"], typing["contact_id"]) == (None, conversation.contact_id)
    assert (told["sender_type"], told["content"]["text"]) == ("contact", "Tem em azul?")


async def test_typing_is_not_told_to_the_client_that_types(
    counter: Counter, ana: Person, bruno: Person, conversation: Conversation
):
    hers = await counter.open(await token(ana), joined=conversation.pk)
    his = await counter.open(await token(bruno), joined=conversation.pk)

    await hers.emit("typing_start", {"conversation_id": conversation.pk})
    await his.next("user_typing")
    await hers.passed()

    assert hers.count("user_typing") == 0


async def test_only_what_has_been_joined_is_heard_and_a_left_conversation_no_more(
    counter: Counter, ana: Person, bruno: Person, conversation: Conversation
):
    other = await away(lambda: written(conversation.inbox, identifier="v:rui", name="Rui").conversation)()
    client = await counter.open(await token(ana), joined=conversation.pk)

    await away(reply)(bruno, other, "elsewhere")
    await away(reply)(bruno, conversation, "here")
    await client.next("message:new")
    await client.ask("leave_conversation", {"conversation_id": conversation.pk})
    await away(reply)(bruno, conversation, "gone")
    await client.join(other.pk)
    await away(reply)(bruno, other, "back")
    await client.next(lambda told: told["is"] == "message:new" and told["data"]["content"]["text"] == "back")

    assert [data["content"]["text"] for data in client.payloads("message:new")] == ["here", "back"]


async def test_what_the_family_has_no_word_for_is_not_sent(
    counter: Counter, ana: Person, bruno: Person, carla: Person, conversation: Conversation
):
    def everything() -> None:
        reply(bruno, conversation, "between us", private=True)
        sent = reply(bruno, conversation, "public")
        actions.react(ana.actor, sent.pk, "👍")
        actions.delete_message(bruno.actor, sent.pk)
        actions.assign(carla.actor, conversation.pk, user_id=ana.user_id)
        reply(bruno, conversation, "the last")

    client = await counter.open(await token(carla), joined=conversation.pk)

    await away(everything)()
    await client.next(lambda told: told["is"] == "message:new" and told["data"]["content"]["text"] == "the last")

    assert [data["content"]["text"] for data in client.payloads("message:new")] == ["public", "the last"]
    assert {told["is"] for told in client.told} <= {*TOLD, "connect", "ack"}


async def test_frames_of_many_messages_come_in_order_and_once(
    counter: Counter, ana: Person, bruno: Person, conversation: Conversation
):
    """While the client changes its transport, too."""
    client = await counter.open(await token(ana), joined=conversation.pk, transports=UPGRADING)

    for number in range(40):
        await away(reply)(bruno, conversation, f"{number}")
    await client.next(lambda told: told["is"] == "message:new" and told["data"]["content"]["text"] == "39")

    assert [data["content"]["text"] for data in client.payloads("message:new")] == [f"{n}" for n in range(40)]


# --- in --------------------------------------------------------------------------------------------------------------

READ: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("join_conversation", ({"conversation_id": "12"},), {"type": "join", "conversation_id": 12}),
    ("join_conversation", (12,), {"type": "join", "conversation_id": 12}),
    ("leave_conversation", ({"conversation_id": 12, "private": True},), {"type": "leave", "conversation_id": 12}),
    ("typing_start", ({"conversation_id": "12"},), {"type": "typing", "conversation_id": 12, "is_typing": True}),
    ("typing_stop", ({"conversation_id": "12"}, "more"), {"type": "typing", "conversation_id": 12, "is_typing": False}),
    ("ping", (), {"type": "ping"}),
    ("ping", ({"at": 1},), {"type": "ping"}),
    ("auth", ({"token": "t", "cursors": {"t1.agents": 0}},), {"type": "auth", "token": "t"}),
]


@pytest.mark.parametrize(("event", "arguments", "fields"), READ)
def test_each_event_is_one_command_with_the_fields_of_the_document(event: str, arguments: Any, fields: dict[str, Any]):
    command = socketio.command(event, arguments)

    assert command.model_dump(exclude_unset=True) == fields


def test_every_event_that_a_client_may_send_is_tried():
    assert {event for event, _, _ in READ} == SPOKEN.keys()
    assert {fields["type"] for _, _, fields in READ} == INPUTS.keys()


@pytest.mark.parametrize(
    ("event", "arguments", "code"),
    [
        ("dance", ({},), "unknown_type"),
        ("message", ({"conversation_id": 1, "content": "x"},), "unknown_type"),
        ("join_conversation", (), "required"),
        ("join_conversation", ({},), "required"),
        ("join_conversation", ([1],), "bad_message"),
        ("join_conversation", (None,), "bad_message"),
        ("join_conversation", (True,), "bad_message"),
        ("join_conversation", ({"conversation_id": "7b"},), "validation"),
        ("join_conversation", ({"conversation_id": 0},), "validation"),
        ("typing_start", ({"conversation_id": {}},), "validation"),
    ],
)
def test_an_event_that_is_no_command_is_refused(event: str, arguments: Any, code: str):
    with pytest.raises(Refused) as refused:
        socketio.command(event, arguments)

    assert refused.value.code == code
