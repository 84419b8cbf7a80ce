"""What is another's, or not for this member: answered as what does not exist, and never set by who may not."""

from __future__ import annotations

import pytest

from conversations import actions
from conversations.models import Conversation
from realtime.commands import DASHBOARD
from tests.realtime.clients import Door, Frame, away, token
from tests.trade import inbox_of, written
from tests.world import Person


@pytest.fixture
def foreign(eva: Person) -> Conversation:
    return written(inbox_of(eva.membership.tenant), "só da padaria").conversation


@pytest.fixture
def hidden(ana: Person, carla: Person) -> Conversation:
    """In a restricted inbox that ana is no member of."""
    inbox = inbox_of(ana.membership.tenant)
    actions.update_inbox(carla.actor, inbox.pk, restricted=True, user_ids=[])
    return written(inbox, "segredo").conversation


def commands_about(conversation: Conversation) -> list[Frame]:
    message_id, pk = conversation.last_message_id, conversation.pk
    return [
        {"type": "message", "conversation_id": pk, "content": "oi"},
        {"type": "typing", "conversation_id": pk, "is_typing": True},
        {"type": "read", "conversation_id": pk, "message_id": message_id},
        {"type": "sync", "conversation_id": pk, "last_message_id": message_id},
        {"type": "join", "conversation_id": pk},
        {"type": "react", "message_id": message_id, "reaction": "👍"},
        {"type": "delete", "message_id": message_id},
    ]


@pytest.fixture(params=["66 foreign", "67 hidden"])
def unseen(request: pytest.FixtureRequest) -> Conversation:
    found: Conversation = request.getfixturevalue(request.param.split()[1])
    found.refresh_from_db()
    return found


async def test_what_one_may_not_see_is_answered_as_what_does_not_exist(door: Door, ana: Person, unseen: Conversation):
    client = await door.open(await token(ana))
    nowhere = Conversation(pk=999_999, last_message_id=999_999)

    about_it = [await client.ask(**command) for command in commands_about(unseen)]
    about_nothing = await client.ask(**commands_about(nowhere)[0])

    assert {(answer["type"], answer["data"]["code"]) for answer in about_it} == {("error", "NOT_FOUND")}
    assert about_it[0]["data"] == about_nothing["data"]
    assert client.kept == []


def test_66_every_command_that_names_a_thing_is_tried():
    tried = {command["type"] for command in commands_about(Conversation(pk=1, last_message_id=1))}
    naming = {
        name for name, command in DASHBOARD.items() if {"conversation_id", "message_id"} & set(command.model_fields)
    }

    # Leaving a room that one is not in does nothing, whoever's it is.
    assert naming - tried == {"leave"}


async def test_63_nobody_sets_what_is_not_theirs_to_set(door: Door, ana: Person, aurora):
    conversation = await away(lambda: written(inbox_of(aurora)).conversation)()
    client = await door.open(await token(ana))

    await client.send(
        "message",
        conversation_id=conversation.pk,
        content="oi",
        tenant_id=99,
        sender="customer",
        status="read",
        seq=1,
        id=1,
    )
    shown = (await client.next("chat_message"))["data"]["message"]

    assert (shown["sender"], shown["status"], shown["author"]["id"]) == ("agent", "pending", ana.user_id)
    assert shown["id"] > conversation.last_message_id


async def test_22_78_79_81_a_message_is_refused_or_repeated_as_over_rest(door: Door, ana: Person, aurora):
    conversation = await away(lambda: written(inbox_of(aurora)).conversation)()
    client = await door.open(await token(ana))

    empty = await client.ask("message", conversation_id=conversation.pk, content=" \n ")
    first = await client.ask("message", conversation_id=conversation.pk, content="oi", client_message_id="c1")
    again = await client.ask("message", conversation_id=conversation.pk, content="outra", client_message_id="c1")
    await away(lambda: actions.close_conversation(ana.actor, conversation.pk))()
    late = await client.ask("message", conversation_id=conversation.pk, content="tarde demais")

    assert empty["data"]["code"] == "EMPTY"
    assert first["data"] == again["data"]
    assert late["data"]["code"] == "CONVERSATION_CLOSED"


async def test_82_another_s_message_may_not_be_deleted(door: Door, ana: Person, bruno: Person, aurora):
    def said() -> int:
        conversation = written(inbox_of(aurora)).conversation
        return actions.send_message(bruno.actor, conversation.pk, content="oi")[0].pk

    message_id = await away(said)()
    client = await door.open(await token(ana))

    answer = await client.ask("delete", message_id=message_id)

    assert answer["data"]["code"] == "FORBIDDEN"
