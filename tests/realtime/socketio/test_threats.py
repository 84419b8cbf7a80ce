"""What a broken or hostile Socket.IO client sends, and that nobody else is the worse for it."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import httpx
import pytest
from django.db import transaction
from websockets.exceptions import ConnectionClosed

from conversations.letters import chat_message
from conversations.models import Conversation
from realtime.events import Letter
from realtime.protocol import FRAME_MOST
from realtime.publish import publish
from tests.patience import PATIENCE_S
from tests.realtime.clients import away, token
from tests.realtime.socketio.by_hand import answers, bare, end_of, goes_on
from tests.realtime.socketio.talking import Counter, Told
from tests.world import Person

PACKETS: dict[str, tuple[str, str]] = {
    "bad JSON": ('42["ping",{', "BAD_JSON"),
    "no arguments": ("42", "BAD_MESSAGE"),
    "an object for arguments": ('42{"ping":1}', "BAD_MESSAGE"),
    "no name": ("42[]", "BAD_MESSAGE"),
    "a number for a name": ("42[1]", "BAD_MESSAGE"),
    "an unknown kind": ("49[]", "BAD_MESSAGE"),
    "no kind": ("4x", "BAD_MESSAGE"),
    "nothing": ("4", "BAD_MESSAGE"),
    "the server's own kind": ('44{"message":"x"}', "BAD_MESSAGE"),
    "attachments to come": ('451-["ping",{"_placeholder":true,"num":0}]', "BAD_MESSAGE"),
    "a deep one": ('42["ping",' + "[" * 40 + "]" * 40 + "]", "TOO_DEEP"),
    "a long number": ('42["ping",99999999999999999999]', "BAD_NUMBER"),
    "NaN": ('42["ping",NaN]', "BAD_NUMBER"),
    "a key twice": ('42["ping",{"a":1,"a":2}]', "BAD_JSON"),
    "NUL": ('42["ping","\\u0000"]', "BAD_TEXT"),
    "half a character": ('42["ping","\\ud800"]', "BAD_TEXT"),
    "an unknown event": ('42["websocket.disconnect",{}]', "UNKNOWN_TYPE"),
    "a reserved event": ('42["connect",{}]', "UNKNOWN_TYPE"),
    "another reserved event": ('42["*",{}]', "UNKNOWN_TYPE"),
}


@pytest.mark.parametrize(("packet", "code"), PACKETS.values(), ids=PACKETS)
async def test_an_odd_packet_is_answered_and_ends_nothing(counter: Counter, ana: Person, packet: str, code: str):
    async with asyncio.timeout(PATIENCE_S), bare(counter, await token(ana)) as socket:
        await socket.send(packet)
        name, data = json.loads(str(await socket.recv())[2:])
        assert (name, data["code"]) == ("error", code)
        await socket.send('42["ping"]')

        assert str(await socket.recv()).startswith('42["pong"')


@pytest.mark.parametrize("packet", ["", "x", "9", "b!!", "4" + "[" * 50_000], ids=["empty", "x", "9", "b64", "deep"])
async def test_what_is_no_packet_of_engine_io_ends_that_connection_alone(
    counter: Counter, ana: Person, conversation: Conversation, packet: str
):
    async with bare(counter, await token(ana)) as socket:
        await socket.send(packet)
        await socket.send('42["ping"]')
        said = await answers(socket)

    assert "pong" in said[-1] or socket.close_code != 1011
    assert await goes_on(counter, ana, conversation)
    assert "socketio_failed" not in counter.server.log
    assert "Exception in ASGI application" not in counter.server.log


async def test_a_binary_frame_is_not_taken(counter: Counter, ana: Person):
    async with bare(counter, await token(ana)) as socket:
        await socket.send(b"\x00")

        assert (await end_of(socket))[0] == 1003


async def test_a_frame_beyond_64_kib_ends_the_connection(counter: Counter, ana: Person):
    async with bare(counter, await token(ana)) as socket:
        await socket.send('42["ping","' + "x" * FRAME_MOST + '"]')

        assert (await end_of(socket))[0] == 1009


async def test_ten_errors_within_a_minute_are_abuse(counter: Counter, ana: Person):
    async with bare(counter, await token(ana)) as socket:
        for _ in range(10):
            await socket.send('42["dance"]')
        code, said = await end_of(socket)

    assert (code, len(said)) == (4400, 10)


@pytest.mark.parametrize("packet", ['42["ping"]', "3"], ids=["events", "pongs"])
async def test_a_flood_is_slowed_and_then_ended(counter: Counter, ana: Person, packet: str):
    async with bare(counter, await token(ana)) as socket:
        try:
            for _ in range(400):
                await socket.send(packet)
        except ConnectionClosed:
            pass
        code, said = await end_of(socket)

    assert code == 4429
    assert any("RATE_LIMITED" in text for text in said)


async def test_an_event_without_connect_is_not_done(counter: Counter):
    async with bare(counter) as socket:
        await socket.send('42["join_conversation",{"conversation_id":1}]')
        code, said = await end_of(socket)

    assert code == 4401
    assert not any("joined" in text for text in said)


async def test_a_second_connect_of_one_connection_is_refused(counter: Counter, ana: Person):
    mine = await token(ana)
    async with asyncio.timeout(PATIENCE_S), bare(counter, mine) as socket:
        await socket.send("40" + json.dumps({"token": mine}))

        assert str(await socket.recv()).startswith("44")


@pytest.mark.parametrize("namespace", ["/admin", "/*", "/../"])
async def test_there_is_one_namespace(counter: Counter, ana: Person, namespace: str):
    async with asyncio.timeout(PATIENCE_S), bare(counter, await token(ana)) as socket:
        await socket.send(f"40{namespace},")

        assert str(await socket.recv()).startswith(f"44{namespace},")


def letters(conversation: Conversation, numbers: range) -> None:
    """Large messages of this conversation, as they are published."""
    message = conversation.messages.select_related("conversation__contact").latest("pk")
    letter = chat_message(message, conversation)[0]
    shown: Any = letter.event
    with transaction.atomic():
        for number in numbers:
            words = shown.message.model_copy(update={"content": f"{number} " + "x" * 60_000})
            publish(Letter(letter.stream, shown.model_copy(update={"message": words})))


async def test_a_websocket_that_is_not_read_is_closed_while_the_others_hear_everything_in_order(
    counter: Counter, ana: Person, bruno: Person, conversation: Conversation
):
    reading = await counter.open(await token(bruno), joined=conversation.pk)
    before = closed_as_too_slow(counter)
    async with bare(counter, await token(ana)) as socket:
        await socket.send(f'42["join_conversation",{{"conversation_id":{conversation.pk}}}]')
        assert "joined_conversation" in str(await socket.recv())

        heard: list[int] = []
        while closed_as_too_slow(counter) == before:
            numbers = range(len(heard), len(heard) + 10)
            await away(letters)(conversation, numbers)
            heard += [number_of(await reading.next("message:new")) for _ in numbers]
            assert len(heard) < 1000

    assert heard == list(range(len(heard)))


def number_of(told: Told) -> int:
    return int(told["data"]["content"]["text"].partition(" ")[0])


def closed_as_too_slow(counter: Counter) -> list[str]:
    return re.findall(
        r'niochat_sockets_closed_total{code="4408"} (\S+)', httpx.get(f"{counter.url}/metrics", timeout=PATIENCE_S).text
    )
