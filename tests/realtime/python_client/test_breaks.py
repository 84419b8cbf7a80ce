"""The Python client's connection breaks: nothing is lost, nothing comes twice."""

from __future__ import annotations

import asyncio

import pytest

from niochat_client import (
    State,
    session,
)
from tests.realtime.clients import away
from tests.realtime.python_client.conftest import Valve, client_of
from tests.realtime.python_client.hearing import contents, said, through, turned
from tests.realtime.serving import Server

pytestmark = pytest.mark.usefixtures("hashed")


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
