"""The Python client against the real server: events in, commands out, breaks survived."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.actions.members import change_member
from accounts.actor import Role
from accounts.models import Membership
from conversations.models import Message
from niochat_client import (
    ApiError,
    AuthenticationFailed,
    Backoff,
    ChatMessage,
    ConnectionEnded,
    ConversationUpdated,
    Event,
    FileStore,
    FrameTooLarge,
    MemoryStore,
    NioChatClient,
    Position,
    QueueFull,
    Refused,
    Snapshot,
    State,
    Typing,
    Viewers,
    session,
)
from realtime import pruning, streams
from realtime.models import StreamEvent
from tests.realtime.clients import away
from tests.realtime.python_client.conftest import SOON, Valve, client_of, eventually, with_password
from tests.realtime.serving import Server
from tests.world import PASSWORD, Person

pytestmark = pytest.mark.usefixtures("hashed")


async def until(client: NioChatClient, fits: Callable[[Event], bool], within: float = 10) -> list[Event]:
    """The events up to and including the first one that fits."""
    seen: list[Event] = []
    async with asyncio.timeout(within):
        async for event in client:
            seen.append(event)
            if fits(event):
                return seen
    raise AssertionError(f"ended after {seen[-5:]}")


async def said(client: NioChatClient, last: str, within: float = 10) -> list[str]:
    """What messages say, up to the one that says this."""
    seen = await until(client, lambda event: is_message(event, last), within)
    return [event.message.content for event in seen if isinstance(event, ChatMessage)]


def through(cable: Valve, person: Person) -> NioChatClient:
    url = f"http://127.0.0.1:{cable.port}"
    return NioChatClient(url, username=person.username, password=PASSWORD, backoff=SOON)


def is_message(event: Event, content: str) -> bool:
    return isinstance(event, ChatMessage) and event.message.content == content


def contents(conversation) -> list[str]:
    return list(Message.objects.filter(conversation=conversation).order_by("pk").values_list("content", flat=True))


async def turned(client: NioChatClient, state: State, within: float = 10) -> None:
    async with asyncio.timeout(within):
        while client.state is not state:
            client.changed.clear()
            await client.changed.wait()


# --- events and commands ---------------------------------------------------------------------------------------------


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


# --- breaks ----------------------------------------------------------------------------------------------------------


async def test_a_server_killed_and_started_again_costs_nothing(own_server: Server, ana, conversation, customer):
    async with client_of(own_server, ana) as client:
        await client.send_message(conversation.pk, "antes")
        await asyncio.to_thread(own_server.kill)
        sending = asyncio.gather(*(client.send_message(conversation.pk, f"durante {n}") for n in range(5)))
        await customer("alguém aí?")
        await turned(client, State.RECONNECTING)
        await asyncio.to_thread(own_server.start)
        await sending
        await client.send_message(conversation.pk, "depois")
        heard = await said(client, "depois")

    stored = ["antes", "alguém aí?", *(f"durante {n}" for n in range(5)), "depois"]
    assert heard == stored
    assert (await away(contents)(conversation))[1:] == stored


async def test_a_cable_pulled_out_again_and_again_loses_and_doubles_nothing(
    running_server, ana, conversation, customer
):
    cable = Valve(running_server.port)
    wanted = [f"n{number}" for number in range(30)]
    client = through(cable, ana)

    async def pull() -> None:
        while True:
            await asyncio.sleep(0.15)
            cable.cut()
            cable.mend()

    async with client:
        await client.ready()
        pulling = asyncio.create_task(pull())
        for text in wanted:
            await customer(f"c-{text}")
            await client.send_message(conversation.pk, text)
        pulling.cancel()
        heard = await said(client, wanted[-1])
    cable.close()

    assert heard == [text for pair in ((f"c-{text}", text) for text in wanted) for text in pair]


async def test_a_silent_connection_is_given_up_and_replaced(running_server, ana, conversation, customer, monkeypatch):
    monkeypatch.setattr(session, "LATE_S", 0.5)
    cable = Valve(running_server.port)
    client = through(cable, ana)
    async with client:
        await client.ready()
        cable.stall()
        await customer("ouviu?")
        await turned(client, State.RECONNECTING)
        cable.flow()
        assert await said(client, "ouviu?") == ["ouviu?"]
    cable.close()


async def test_a_restart_of_the_program_goes_on_where_it_ended(running_server, ana, conversation, customer, tmp_path):
    store = FileStore(tmp_path / "position")
    async with client_of(running_server, ana, store=store) as client:
        await client.ready()
        await customer("um")
        assert await said(client, "um") == ["um"]

    await customer("dois")
    await customer("três")

    async with client_of(running_server, ana, store=FileStore(tmp_path / "position")) as again:
        assert await said(again, "três") == ["dois", "três"]


async def test_an_event_in_hand_when_the_program_dies_comes_again(running_server, ana, conversation, customer):
    store = MemoryStore()
    with suppress(ZeroDivisionError):
        async with client_of(running_server, ana, store=store) as client:
            await client.ready()
            await customer("difícil")
            await said(client, "difícil")
            raise ZeroDivisionError

    async with client_of(running_server, ana, store=store) as again:
        assert await said(again, "difícil") == ["difícil"]


async def test_a_log_that_was_pruned_is_answered_by_a_snapshot(
    running_server, ana, conversation, customer, monkeypatch
):
    store = MemoryStore()
    agents = streams.agents(ana.tenant_id)
    async with client_of(running_server, ana, store=store) as client:
        await client.ready()
        await customer("um")
        await said(client, "um")
    for text in ("perdida", "vista"):
        await customer(text)
    await away(prune)(agents)

    async with client_of(running_server, ana, store=store) as again:
        first = (await until(again, lambda event: isinstance(event, Snapshot)))[-1]
        await customer("nova")
        heard = await said(again, "nova")

    assert isinstance(first, Snapshot)
    assert [(row.id, row.last_message) for row in first.conversations] == [(conversation.pk, "vista")]
    assert heard == ["nova"]
    assert store.position == again.position


def prune(stream: str) -> None:
    StreamEvent.objects.filter(stream=stream).update(created_at=datetime(2020, 1, 1, tzinfo=UTC))
    pruning.prune_events()


async def test_another_epoch_is_answered_by_a_snapshot(running_server, ana, conversation):
    store = MemoryStore()
    store.position = Position("another-life", {streams.agents(ana.tenant_id): 5})

    async with client_of(running_server, ana, store=store) as client:
        await until(client, lambda event: isinstance(event, Snapshot))


async def test_a_program_may_begin_with_the_state_itself(running_server, ana, conversation, customer):
    async with client_of(running_server, ana, begin_with_snapshot=True) as client:
        seen = await until(client, lambda event: isinstance(event, Snapshot))
        await customer("e daí?")
        assert await said(client, "e daí?") == ["e daí?"]

    assert [type(event) for event in seen if event.type == "snapshot"] == [Snapshot]


async def test_a_slow_program_gets_everything_in_its_own_time_and_stays_connected(
    running_server, ana, conversation, customer
):
    wanted = [f"n{number}" for number in range(60)]
    states: list[State] = []
    async with client_of(running_server, ana, buffer=20, on_state=lambda state, _: states.append(state)) as client:
        await client.ready()
        for text in wanted:
            await customer(text)
        await client.send_message(conversation.pk, "em tempo")  # Answers pass a full buffer.
        heard = await said(client, "em tempo", within=20)

    assert heard == [*wanted, "em tempo"]
    assert states == [State.CONNECTING, State.CONNECTED, State.DISCONNECTED]


# --- credentials -----------------------------------------------------------------------------------------------------


async def test_a_token_s_end_is_lived_through_without_a_break(running_server, ana, conversation, customer):
    given: list[str] = []
    states: list[State] = []

    async def short_lived() -> str:
        given.append(await away(lambda: ana.token(seconds=3))())
        return given[-1]

    async with NioChatClient(
        running_server.url, get_token=short_lived, on_state=lambda s, _: states.append(s)
    ) as client:
        await client.ready()
        await eventually(lambda: len(given) >= 3, within=15)
        await customer("ainda aí?")
        assert await said(client, "ainda aí?") == ["ainda aí?"]

    assert states == [State.CONNECTING, State.CONNECTED, State.DISCONNECTED]


async def test_a_logout_elsewhere_is_answered_by_one_new_login(running_server, ana, conversation, customer):
    states: list[State] = []
    async with client_of(running_server, ana, on_state=lambda state, _: states.append(state)) as client:
        await client.ready()
        await client.rest.logout()
        await turned(client, State.RECONNECTING)
        await client.ready()
        await customer("voltou?")
        assert await said(client, "voltou?") == ["voltou?"]
        assert (await client.rest.me())["username"] == ana.username

    assert State.ERROR not in states


async def test_a_fixed_token_that_ends_is_final(running_server, ana):
    token = await away(lambda: ana.token(seconds=2))()
    async with NioChatClient(running_server.url, token=token, backoff=SOON) as client:
        await client.ready()
        with pytest.raises(AuthenticationFailed):
            async with asyncio.timeout(10):
                await client.run()
        with pytest.raises(AuthenticationFailed):
            await client.ping()

    assert client.state is State.ERROR


async def test_a_wrong_password_is_said_at_once_and_not_tried_again(running_server, ana):
    async with NioChatClient(running_server.url, username=ana.username, password="wrong") as client:
        with pytest.raises(AuthenticationFailed):
            await client.ready()


async def test_a_removed_member_does_not_come_back(running_server, ana, davi):
    async with client_of(running_server, ana) as client:
        await client.ready()
        await away(lambda: change_member(davi.actor, ana.user_id, is_active=False))()
        with pytest.raises(ConnectionEnded, match="4403"):
            async with asyncio.timeout(10):
                await client.run()


async def test_changed_rights_are_followed_by_a_snapshot(running_server, ana, davi, conversation):
    async with client_of(running_server, ana) as client:
        await client.ready()
        await away(lambda: change_member(davi.actor, ana.user_id, role=Role.SUPERVISOR))()
        await until(client, lambda event: isinstance(event, Snapshot))

    assert (await away(Membership.objects.get)(pk=ana.membership_id)).role == Role.SUPERVISOR


async def test_an_address_without_niochat_is_said_at_once(running_server, ana):
    async with NioChatClient(f"{running_server.url}/elsewhere", token="nk_x") as client:
        with pytest.raises(ConnectionEnded, match="is this where NioChat is"):
            await client.ready()


async def test_attempts_can_be_limited(ana):
    nowhere = NioChatClient("http://127.0.0.1:9", token="nk_x", backoff=Backoff(first_s=0.01, attempts=3))
    async with nowhere as client:
        with pytest.raises(ConnectionEnded, match="Gave up after 3"):
            await client.ready()
