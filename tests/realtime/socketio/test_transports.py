"""From polling to a WebSocket: done right, done wrong, broken off in the middle."""

from __future__ import annotations

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from tests.patience import PATIENCE_S
from tests.realtime.clients import token
from tests.realtime.socketio.by_hand import Poller, bare
from tests.realtime.socketio.talking import Counter
from tests.world import Person


async def test_a_second_websocket_of_a_session_is_refused(counter: Counter, poller: Poller, ana: Person):
    await poller.open(await token(ana))
    async with asyncio.timeout(PATIENCE_S), bare(counter, sid=poller.sid) as first:
        await first.send("2probe")
        assert await first.recv() == "3probe"
        with pytest.raises(InvalidStatus) as refused:
            async with bare(counter, sid=poller.sid):
                pass
        await first.send("5")
        await first.send('42["ping"]')

        assert str(await first.recv()) == "6" or str(await first.recv()).startswith('42["pong"')
    assert refused.value.response.status_code == 400


async def test_polling_is_over_once_the_websocket_has_taken_over(counter: Counter, poller: Poller, ana: Person):
    await poller.open(await token(ana))
    async with asyncio.timeout(PATIENCE_S), bare(counter, sid=poller.sid) as socket:
        await socket.send("2probe")
        await socket.recv()
        await socket.send("5")
        await socket.send('42["ping"]')
        said = ""
        while "pong" not in said:
            said = str(await socket.recv())

        assert (await poller.poll()).status_code == 400
        assert (await poller.post('42["ping"]')).status_code == 400
        await socket.send('42["ping"]')
        assert "pong" in str(await socket.recv())


@pytest.mark.parametrize("said", ["5", "x", "", "42[]"], ids=["no probe", "junk", "empty", "an event"])
async def test_polling_goes_on_after_an_upgrade_that_failed(counter: Counter, poller: Poller, ana: Person, said: str):
    await poller.open(await token(ana))
    async with asyncio.timeout(PATIENCE_S), bare(counter, sid=poller.sid) as socket:
        await socket.send(said)
        await socket.wait_closed()

    await poller.post('42["ping"]')
    heard = ""
    async with asyncio.timeout(PATIENCE_S):
        while "pong" not in heard:
            heard = (await poller.poll()).text


async def test_a_websocket_that_is_lost_in_the_middle_of_its_upgrade_leaves_polling_alone(
    counter: Counter, poller: Poller, ana: Person
):
    await poller.open(await token(ana))
    async with asyncio.timeout(PATIENCE_S), bare(counter, sid=poller.sid) as socket:
        await socket.send("2probe")
        await socket.recv()
        socket.transport.abort()

    await poller.post('42["ping"]')
    heard = ""
    async with asyncio.timeout(PATIENCE_S):
        while "pong" not in heard:
            heard = (await poller.poll()).text
