"""Where the Python client stands: restarts, snapshots, and a program that is slow."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from niochat_client import (
    FileStore,
    MemoryStore,
    Position,
    Snapshot,
    State,
)
from realtime import pruning, streams
from realtime.models import StreamEvent
from tests.realtime.clients import away
from tests.realtime.python_client.conftest import client_of
from tests.realtime.python_client.hearing import said, until

pytestmark = pytest.mark.usefixtures("hashed")


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
        heard = await said(client, "em tempo")

    assert heard == [*wanted, "em tempo"]
    assert states == [State.CONNECTING, State.CONNECTED, State.DISCONNECTED]
