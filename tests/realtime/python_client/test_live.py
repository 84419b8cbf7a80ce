"""The Python client against the real server: events in, commands out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from niochat_client import (
    ApiError,
    ChatMessage,
    ConversationUpdated,
    Event,
    FrameTooLarge,
    QueueFull,
    Refused,
    State,
    Typing,
    Viewers,
)
from tests.realtime.clients import away
from tests.realtime.python_client.conftest import client_of, eventually, with_password
from tests.realtime.python_client.hearing import contents, is_message, turned, until
from tests.realtime.serving import Server

pytestmark = pytest.mark.usefixtures("hashed")


async def test_a_customer_s_message_arrives_typed_and_an_answer_goes_out(running_server, ana, conversation, customer):
    async with client_of(running_server, ana) as client:
        await client.ready()
        message_id = await customer("Vocês abrem hoje?")
        event = (await until(client, lambda event: is_message(event, "Vocês abrem hoje?")))[-1]
        sent = await client.send_message(conversation.pk, "Até as 18h.")

    assert isinstance(event, ChatMessage)
    assert (event.message.id, event.message.sender, event.contact.name) == (message_id, "customer", "Joana Silva")
    assert datetime.now(UTC) > event.message.created_at
    assert sent.conversation_id == conversation.pk
    assert (await away(contents)(conversation))[-1] == "Até as 18h."
    assert client.state is State.DISCONNECTED


async def test_handlers_hear_by_type_and_stop_when_removed(running_server, ana, conversation, customer):
    heard: list[str] = []

    async def note(event: ConversationUpdated) -> None:
        heard.append(event.conversation.last_message)

    async with client_of(running_server, ana) as client:
        await client.ready()
        remove = client.on("conversation_updated", note)
        everything: list[Event] = []
        client.on("*", everything.append)
        running = asyncio.create_task(client.run())
        await customer("um")
        await eventually(lambda: heard == ["um"])
        remove()
        await customer("dois")
        await eventually(lambda: any(is_message(event, "dois") for event in everything))
    await running

    assert heard == ["um"]


async def test_a_refusal_is_raised_where_the_command_was_given(running_server, ana):
    async with client_of(running_server, ana) as client:
        with pytest.raises(Refused, match="NOT_FOUND"):
            await client.send_message(999_999, "Olá")
        with pytest.raises(FrameTooLarge):
            await client.send_message(1, "x" * 70_000)
        with pytest.raises(ValueError, match="surrogates"):
            await client.send_message(1, "\ud800")
        await client.ping()


async def test_every_command_does_what_it_says(running_server, ana, bruno, conversation, customer):
    await away(with_password)(bruno)
    message_id = await customer("Oi de novo")
    async with client_of(running_server, ana) as client, client_of(running_server, bruno) as colleague:
        assert await client.join_conversation(conversation.pk) == [ana.user_id]
        await colleague.join_conversation(conversation.pk)
        await until(client, lambda e: isinstance(e, Viewers) and set(e.user_ids) == {ana.user_id, bruno.user_id})
        await colleague.send_typing(conversation.pk)
        await until(client, lambda event: isinstance(event, Typing) and event.user_id == bruno.user_id)
        await client.mark_as_read(conversation.pk, message_id)
        await client.react(message_id, "👍")
        note = await client.send_message(conversation.pk, "só para nós", private=True)
        await client.delete_message(note.message_id)
        await client.set_presence("busy")
        await client.leave_conversation(conversation.pk)
        rows = await client.sync(conversation.pk)
        again = await client.rest.messages(conversation.pk)

    assert [row.id for row in rows] == [row.id for row in again]
    assert [reaction.reaction for reaction in rows[1].reactions] == ["👍"]
    assert rows[-1].deleted_at is not None


async def test_a_hundred_at_once_are_stored_once_and_in_order_and_the_next_one_is_refused(
    running_server, ana, conversation
):
    wanted = [f"n{number}" for number in range(100)]
    async with client_of(running_server, ana) as client:
        sending = [asyncio.ensure_future(client.send_message(conversation.pk, text)) for text in wanted]
        await asyncio.sleep(0)
        with pytest.raises(QueueFull, match="100 commands wait"):
            await client.send_message(conversation.pk, "one too many")
        await asyncio.gather(*sending)

    assert (await away(contents)(conversation))[1:] == wanted


async def test_who_stops_waiting_takes_the_command_back(own_server: Server, ana, conversation):
    async with client_of(own_server, ana) as client:
        await client.ready()
        await asyncio.to_thread(own_server.kill)
        await turned(client, State.RECONNECTING)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await client.send_message(conversation.pk, "too late")
        await asyncio.to_thread(own_server.start)
        await client.send_message(conversation.pk, "after all")

    assert (await away(contents)(conversation))[1:] == ["after all"]


async def test_rest_lists_reads_changes_and_writes_in(running_server, ana, erp_key):
    inbox, key = erp_key
    async with client_of(running_server, ana) as client:
        rest = client.rest
        for name in ("rita", "otto"):
            told: dict[str, Any] = {
                "contact": {"identifier": name, "name": name},
                "content": f"de {name}",
                "external_id": name,
            }
            for _ in range(2):
                await rest.inbound(inbox.pk, key, **told)
        everyone = [row async for row in rest.every_conversation()]
        found = await rest.conversations(search="rita", status="open")
        sent = await rest.send(found[0].id, "Olá!", client_message_id="c1")
        again = await rest.send(found[0].id, "Olá!", client_message_id="c1")
        messages = await rest.messages(found[0].id)
        closed = await rest.change(found[0].id, "close")
        with pytest.raises(ApiError) as refused:
            await rest.conversation(999_999)
        with pytest.raises(ApiError):
            await rest.inbound(inbox.pk, "wrong", **told)

    assert sorted(row.contact.name for row in everyone) == ["otto", "rita"]
    assert [row.contact.name for row in found] == ["rita"]
    assert sent.id == again.id
    assert [(row.sender, row.content) for row in messages][:2] == [("customer", "de rita"), ("agent", "Olá!")]
    assert closed.status == "closed"
    assert (refused.value.status, refused.value.code) == (404, "not_found")
