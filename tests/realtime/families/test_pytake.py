"""The PyTake family on the real server: each frame of its document, its REST, and its own kind of error."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest

from conversations import actions
from conversations.models import Conversation, Delivery
from tests.patience import PATIENCE_S
from tests.realtime.clients import Client, Door, away, token
from tests.realtime.families.documents import CONVERSATION
from tests.realtime.families.documents import PYTAKE_FRAMES as FRAMES
from tests.realtime.families.documents import PYTAKE_PATH as PATH
from tests.realtime.families.talking import (
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
    """Bruno's client, as it is printed: the token comes in the first frame."""
    client = await door.raw(PATH)
    await client.send("auth", token=await token(bruno), user_id=str(bruno.user_id))
    await passed(client)
    return client


async def test_every_frame_of_the_document_arrives_as_it_is_printed(
    door: Door, ana: Person, conversation: Conversation, bruno_listens: Client
):
    customer = await joana(door, conversation)
    await customer.send("typing", is_typing=True)
    start = await bruno_listens.next("typing_start")
    await customer.send("typing", is_typing=False)
    await bruno_listens.next("typing_stop")
    await customer.send("message", content="Tem pão?")
    await bruno_listens.next("message_received")
    await bruno_listens.next("conversation_updated")
    message = await away(lambda: reply(ana, conversation, "Temos!"))()
    sent = await bruno_listens.next("message_sent")
    await customer.send("read", message_id=message.pk)
    status = await bruno_listens.next("message_status_updated")
    await bruno_listens.send("dance")
    await bruno_listens.next("error")

    assert start["data"] == {"conversation_id": conversation.pk, "contact_id": conversation.contact_id}
    assert (sent["data"]["id"], sent["data"]["content"]) == (message.pk, "Temos!")
    assert (status["data"]["message_id"], status["data"]["status"]) == (message.pk, Delivery.READ)
    assert {frame["type"] for frame in bruno_listens.frames} == FRAMES.keys()
    assert [frame for frame in bruno_listens.frames if not fits(frame, FRAMES[frame["type"]])] == []


async def test_a_right_token_is_answered_by_silence(door: Door, ana: Person):
    client = await door.raw(PATH + "/")

    await client.send("auth", token=await token(ana), user_id=ana.user_id)
    await passed(client)

    assert [frame["type"] for frame in client.frames] == ["pong"]


@pytest.mark.parametrize("way", ["query", "subprotocol", "frame without user_id", "frame with a null"])
async def test_any_credential_opens_it(door: Door, ana: Person, way: str):
    shown = await token(ana)
    match way:
        case "query":
            client = await door.raw(f"{PATH}?token={shown}")
        case "subprotocol":
            client = await door.raw(PATH, subprotocols=["niochat.v1", f"bearer.{shown}"])
        case _:
            client = await door.raw(PATH)
            await client.send("auth", token=shown, **({"user_id": None} if "null" in way else {}))

    await passed(client)


async def test_notes_lines_of_the_product_and_what_has_no_word_are_not_sent(
    ana: Person, bruno: Person, conversation: Conversation, bruno_listens: Client
):
    def much() -> None:
        actions.assign(ana.actor, conversation.pk, user_id=ana.user_id)
        note = reply(ana, conversation, "segredo", private=True)
        actions.react(ana.actor, note.pk, "👍")
        reply(ana, conversation, "quem?", reply_to=note.pk)
        reply(ana, conversation, "segredo", private=True)
        actions.transfer(ana.actor, conversation.pk, user_id=bruno.user_id)
        reply(ana, conversation, "fim")

    await away(much)()
    await bruno_listens.next(lambda frame: frame["type"] == "message_sent" and frame["data"]["content"] == "fim")

    said = [frame["data"]["content"] for frame in bruno_listens.frames if frame["type"] == "message_sent"]
    assert said == ["quem?", "fim"]
    assert "segredo" not in json.dumps(bruno_listens.frames)
    assert {frame["type"] for frame in bruno_listens.frames} <= FRAMES.keys()


async def test_a_snoozed_conversation_waits(ana: Person, conversation: Conversation, bruno_listens: Client):
    def snoozed() -> None:
        actions.assign(ana.actor, conversation.pk, user_id=ana.user_id)
        actions.snooze(ana.actor, conversation.pk, until=datetime(2199, 1, 1, tzinfo=UTC))

    await away(snoozed)()

    await bruno_listens.next(lambda frame: frame["type"] == "conversation_updated" and frame["data"]["snoozed_until"])
    statuses = [frame["data"]["status"] for frame in bruno_listens.frames if frame["type"] == "conversation_updated"]
    assert statuses[-2:] == ["assigned", "waiting"]


async def test_another_company_hears_nothing(
    door: Door, ana: Person, eva: Person, conversation: Conversation, foreign: Conversation
):
    theirs = await opened(door, PATH, eva)
    hers = await opened(door, PATH, ana)

    await away(lambda: (reply(ana, conversation, "Aurora"), reply(eva, foreign, "Sol")))()
    await hers.next("message_sent")
    await theirs.next("message_sent")
    await passed(hers)
    await passed(theirs)

    for client, own, other in ((hers, "Aurora", "Sol"), (theirs, "Sol", "Aurora")):
        said = [frame["data"]["content"] for frame in client.frames if frame["type"] == "message_sent"]
        assert (own in said, other in said) == (True, False)


async def test_a_restricted_inbox_is_heard_by_its_members_only(door: Door, ana: Person, bruno: Person, davi: Person):
    inbox, _ = await away(
        lambda: actions.create_inbox(davi.actor, name="VIP", channel="webchat", restricted=True, user_ids=[ana.user_id])
    )()
    hers, his = await opened(door, PATH, ana), await opened(door, PATH, bruno)

    await away(lambda: written(inbox, "Sou VIP", identifier="v:vip"))()
    assert (await hers.next("message_received"))["data"]["content"] == "Sou VIP"
    await passed(his)

    assert {frame["type"] for frame in his.frames} == {"pong"}


# --- bad input --------------------------------------------------------------------------------------------------------


async def test_a_wrong_or_expired_token_is_an_error_and_4401(door: Door, ana: Person):
    for bad, code in ((garbage(), "TOKEN_INVALID"), (await token(ana, seconds=-5), "TOKEN_EXPIRED")):
        client = await door.raw(PATH)
        await client.send("auth", token=bad)
        assert await ended(client) == (4401, code)
        assert fits(client.frames[0], FRAMES["error"])


async def test_a_token_that_ends_ends_the_socket(door: Door, ana: Person):
    client = await door.raw(PATH)
    await client.send("auth", token=await token(ana, seconds=2))

    assert await ended(client) == (4401, "TOKEN_EXPIRED")


async def test_whoever_says_nothing_is_let_go(door: Door):
    client = await door.raw(PATH)

    assert await ended(client) == (4401, "AUTH_TIMEOUT")


@pytest.mark.parametrize("when", ["first", "later"])
async def test_a_user_id_that_is_not_the_tokens_is_refused_and_the_token_stays_good(
    door: Door, ana: Person, bruno: Person, when: str
):
    shown = await token(ana)
    client = await door.raw(PATH)
    if when == "later":
        await client.send("auth", token=shown, user_id=ana.user_id)
        await passed(client)
    await client.send("auth", token=shown, user_id=str(bruno.user_id))
    assert await ended(client) == (4403, "FORBIDDEN")

    again = await door.raw(f"{PATH}?token={shown}")
    await passed(again)


# --- REST -------------------------------------------------------------------------------------------------------------


async def test_the_printed_rest_answers_in_the_printed_shapes(door: Door, ana: Person, conversation: Conversation):
    headers = {"Authorization": f"Bearer {await token(ana)}"}
    url = door.server.url.replace("ws", "http") + "/api/v1/conversations"
    async with httpx.AsyncClient(headers=headers, timeout=PATIENCE_S) as http:
        listed = (await http.get(url, params={"status": "waiting", "search": "Joana", "limit": 50, "offset": 0})).json()
        assert [fits(row, CONVERSATION) for row in listed] == [True]

        one = f"{url}/{conversation.pk}"
        body = {"content": "Olá! Como posso ajudar?", "message_type": "text", "metadata": {}}
        sent = await http.post(f"{one}/messages", json=body)
        assert (sent.status_code, sent.json()["status"], sent.json()["sender_type"]) == (200, "pending", "agent")
        assert sent.json()["content"] == body["content"]

        page = await http.get(f"{one}/messages", params={"limit": 100, "offset": 0, "before": "2199-01-01T00:00:00Z"})
        assert [row["content"] for row in page.json() if row["sender_type"] != "system"] == [
            "Oi, tudo bem?",
            body["content"],
        ]
        assert (await http.patch(f"{one}/read")).json()["unread_count"] == 0
        assert (await http.get(f"{url}/ws")).status_code == 426
        assert (await http.post(f"{url}/999999/messages", json=body)).status_code == 404


@pytest.mark.parametrize(
    ("content", "answered", "kept"),
    [
        ("Olá!", "Olá!", {}),
        ({"text": "Olá!"}, {"text": "Olá!"}, {}),
        ({"text": "Olá!", "preview_url": False}, {"text": "Olá!", "preview_url": False}, {}),
        ({"text": "Olá!", "preview_url": True}, {"text": "Olá!", "preview_url": True}, {"preview_url": True}),
        ({"text": "Olá!", "preview_url": "javascript:", "role": "x"}, {"text": "Olá!", "preview_url": False}, {}),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_content_is_answered_in_the_form_it_came(
    ana: Person, conversation: Conversation, content: object, answered: object, kept: object
):
    body = {"content": content, "client_message_id": "c1"}

    for _ in range(2):
        answer = ana.client().post(f"/api/v1/conversations/{conversation.pk}/messages", body, format="json").json()
        assert (answer["content"], answer["metadata"]) == (answered, kept)
