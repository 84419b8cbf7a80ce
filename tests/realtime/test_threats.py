"""The lines of the threat table that have a socket's answer, each under its number, on a real server."""

from __future__ import annotations

import asyncio
import json
import re
import time
from contextlib import suppress
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from realtime.models import Connection, Epoch
from tests.patience import PATIENCE_S
from tests.realtime.clients import Door, away, goes_on, handshake, masked, token
from tests.trade import inbox_of, written
from tests.world import Person


def frame(type: str, **fields: Any) -> str:  # noqa: A002 - the frame's own word
    return json.dumps({"type": type, **fields})


BIG = 2**53
FRAMES = [
    ("5 broken", '{"type": ', "BAD_JSON"),
    ("5 empty", "", "BAD_JSON"),
    ("6 array", "[]", "BAD_MESSAGE"),
    ("6 null", "null", "BAD_MESSAGE"),
    ("6 string", '"ping"', "BAD_MESSAGE"),
    ("7 missing", "{}", "UNKNOWN_TYPE"),
    ("7 number", '{"type": 5}', "UNKNOWN_TYPE"),
    ("7 unknown", '{"type": "dance"}', "UNKNOWN_TYPE"),
    ("8 channels", '{"type": "websocket.disconnect"}', "UNKNOWN_TYPE"),
    ("8 control", '{"type": "ctl.rights"}', "UNKNOWN_TYPE"),
    ("8 push", '{"type": "chat_message", "data": {}}', "UNKNOWN_TYPE"),
    ("8 attribute", '{"type": "__class__"}', "UNKNOWN_TYPE"),
    ("8 method", '{"type": "execute"}', "UNKNOWN_TYPE"),
    ("9", '{"type": "ping", "type": "message"}', "BAD_JSON"),
    ("10", '{"type": "ping", "x": ' + "[" * 20_000, "TOO_DEEP"),
    ("10 closed", '{"type": "ping", "x": ' + "[" * 17 + "]" * 17 + "}", "TOO_DEEP"),
    ("11 digits", '{"type": "ping", "request_id": ' + "9" * 5000 + "}", "BAD_NUMBER"),
    ("11 2^53", f'{{"type": "join", "conversation_id": {BIG}}}', "BAD_NUMBER"),
    ("11 2^63", f'{{"type": "read", "conversation_id": 1, "message_id": {2**63}}}', "BAD_NUMBER"),
    ("12 NaN", '{"type": "ping", "x": NaN}', "BAD_NUMBER"),
    ("12 Infinity", '{"type": "ping", "x": -Infinity}', "BAD_NUMBER"),
    ("12 1e999", '{"type": "ping", "x": 1e999}', "BAD_NUMBER"),
    ("13 value", '{"type": "ping", "x": "a\\u0000b"}', "BAD_TEXT"),
    ("13 key", '{"type": "ping", "\\u0000": 1}', "BAD_TEXT"),
    ("14", '{"type": "ping", "x": ["\\ud800"]}', "BAD_TEXT"),
    ("16", frame("message", conversation_id=1, content="z" * 16_385), "TOO_LONG"),
    ("64 join", frame("join", conversation_id=999_999), "NOT_FOUND"),
    ("84 negative", frame("resume", epoch="e", cursors={"t1.agents": -1}), "BAD_CURSOR"),
    ("84 string", frame("resume", epoch="e", cursors={"t1.agents": "5"}), "BAD_CURSOR"),
    ("id true", frame("join", conversation_id=True), "VALIDATION"),
    ("id text", frame("join", conversation_id="1 or 1"), "VALIDATION"),
    ("id missing", frame("join"), "REQUIRED"),
    ("presence", frame("presence", status="asleep"), "INVALID_CHOICE"),
]


@pytest.mark.parametrize(("text", "code"), [row[1:] for row in FRAMES], ids=[row[0] for row in FRAMES])
async def test_a_bad_frame_gets_its_code_and_ends_nothing(door: Door, ana: Person, text: str, code: str):
    client = await door.open(await token(ana))

    await client.raw(text)

    assert (await client.next("error"))["data"]["code"] == code
    assert await goes_on(client)


CLOSES: list[tuple[str, str | bytes | list[str | bytes], bool | None, tuple[int, str | None]]] = [
    ("1", "x" * (64 * 1024 + 1), None, (1009, None)),
    ("1 huge", "x" * 900_000, None, (1009, None)),
    ("2", ["x" * 1024] * 65, None, (1009, None)),
    ("3", b"binary", None, (1003, "UNSUPPORTED_DATA")),
    ("4", b'{"type": "\xff\xfe"}', True, (1007, None)),
]


@pytest.mark.parametrize(("data", "text", "end"), [row[1:] for row in CLOSES], ids=[row[0] for row in CLOSES])
async def test_a_frame_that_breaks_the_protocol_closes_with_its_code(door: Door, ana: Person, data, text, end):
    client = await door.open(await token(ana))

    await client.connection.send(data, text=text)

    assert await client.end() == end


async def test_1_a_frame_of_64_kib_is_read(door: Door, ana: Person):
    client = await door.open(await token(ana))

    await client.raw('{"type": "ping", "request_id": "asked", "x": "' + "x" * (64 * 1024 - 48) + '"}')

    assert (await client.next("pong"))["data"]["request_id"] == "asked"


async def test_23_compression_is_not_negotiated(door: Door, ana: Person):
    client = await door.open(await token(ana), compression="deflate")

    assert client.connection.protocol.extensions == []


async def test_24_a_flood_of_control_frames_closes(door: Door, ana: Person):
    client = await door.open(await token(ana))

    with suppress(ConnectionClosed):  # It may come before the last of them is sent.
        for _ in range(200):
            await client.connection.ping()

    assert (await client.end())[0] == 4429


async def test_25_a_flood_is_read_slower_and_then_closed_and_nobody_else_notices(
    door: Door, ana: Person, bruno: Person
):
    flooding, calm = await door.open(await token(ana)), await door.open(await token(bruno))

    async def flood() -> None:
        while True:
            await flooding.send("ping")
            await asyncio.sleep(0)  # A client that never has to wait would never read.

    started = time.monotonic()
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(flood(), PATIENCE_S)
    took = time.monotonic() - started

    assert await flooding.end() == (4429, "RATE_LIMITED")
    assert took > 1
    assert sum(frame["type"] == "pong" for frame in flooding.frames) < 120 + 20 * took + 20
    assert await goes_on(calm)


async def test_25_a_queue_of_a_hundred_sent_at_once_is_welcome(door: Door, ana: Person):
    client = await door.open(await token(ana))

    for number in range(100):
        await client.send("ping", request_id=number)

    assert [(await client.next("pong"))["data"]["request_id"] for _ in range(100)] == list(range(100))
    assert not [frame for frame in client.frames if frame["type"] == "error"]


async def test_27_a_client_that_does_not_read_is_closed_within_a_while(door: Door, ana: Person, aurora):
    def history() -> None:
        inbox = inbox_of(aurora)
        for _ in range(8):
            written(inbox, "x" * 16_000)

    await away(history)()
    credential, epoch = await token(ana), await away(Epoch.current)()
    _reader, writer = await handshake(door, credential)
    resume = frame(
        "resume", epoch=epoch, cursors={f"t{ana.tenant_id}.agents": 0, f"t{ana.tenant_id}.u{ana.user_id}": 0}
    )
    for _ in range(100):
        writer.write(masked(resume.encode()))

    leases = Connection.objects.filter(user_id=ana.user_id, leaving=False)
    async with asyncio.timeout(PATIENCE_S):
        while not await away(leases.exists)():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        while await away(leases.exists)():  # noqa: ASYNC110 - it is another process that changes
            await asyncio.sleep(0.2)
    writer.close()

    assert 'niochat_sockets_closed_total{code="4408"}' in metrics_of(door)


def metrics_of(door: Door) -> str:
    return httpx.get(f"http://127.0.0.1:{door.server.port}/metrics", timeout=PATIENCE_S).text


async def test_30_a_peer_without_a_sign_of_life_is_closed(door: Door, ana: Person):
    reader, writer = await handshake(door, await token(ana))

    async with asyncio.timeout(PATIENCE_S):
        data = await reader.read(-1)
    writer.close()

    assert data[-len("..no sign of life") :] == (4408).to_bytes(2, "big") + b"no sign of life"


async def test_31_the_twenty_first_socket_is_one_too_many_and_the_others_stay(door: Door, ana: Person):
    credential = await token(ana)
    kept = [await door.open(credential) for _ in range(20)]

    newest = await door.raw(f"/ws/dashboard/?token={credential}")

    assert await newest.end() == (4429, "RATE_LIMITED")
    assert all([await goes_on(client) for client in kept])
    await kept[0].connection.close()
    leases = Connection.objects.filter(user_id=ana.user_id, leaving=False)
    async with asyncio.timeout(PATIENCE_S):
        while await away(leases.count)() == 20:  # noqa: ASYNC110 - it is another process that changes
            await asyncio.sleep(0.02)
    await door.open(credential)


async def test_ten_errors_within_a_minute_close(door: Door, ana: Person):
    client = await door.open(await token(ana))

    for _ in range(10):
        await client.raw("nonsense")

    assert (await client.end())[0] == 4400


async def test_20_markup_is_passed_on_as_it_was_written(door: Door, ana: Person, aurora):
    conversation = await away(lambda: written(inbox_of(aurora)).conversation)()
    client = await door.open(await token(ana))
    content = "<script>alert(1)</script> javascript:alert(1) \u202e\u200d😀"

    await client.send("message", conversation_id=conversation.pk, content=content)

    shown = await client.next("chat_message")
    assert shown["data"]["message"]["content"] == content


async def test_1011_never_appeared(running_server):
    lines = running_server.log.splitlines()

    # Between two tests the company is taken from under a socket that is just being let in.
    broken = [line for line in lines if "Traceback" in line and "matching query does not exist" not in line]
    assert broken == []
    assert [line for line in lines if re.search(r"\b1011\b", line)] == []
