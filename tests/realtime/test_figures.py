"""What operators see of the sockets: figures by family, lines in the log, and a probe from the shell."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from conversations.models import Conversation
from tests.patience import PATIENCE_S
from tests.realtime.clients import Door, away, token
from tests.realtime.serving import Server
from tests.realtime.socketio.talking import POLLING, Counter
from tests.trade import reply
from tests.world import Person

Figures = dict[str, float]


def figures(server: Server) -> Figures:
    """Every sample of `/metrics`, by its name and labels as they are printed."""
    text = httpx.get(server.url.replace("ws://", "http://") + "/metrics", timeout=PATIENCE_S).text
    return {name: float(value) for name, value in re.findall(r"^(\w+(?:\{.*\})?) (\S+)$", text, re.MULTILINE)}


async def at_rest(server: Server) -> Figures:
    """Its figures once whoever was connected for another test is gone."""
    async with asyncio.timeout(PATIENCE_S):
        while is_anybody_there(found := figures(server)):  # noqa: ASYNC110 - it is another process that changes
            await asyncio.sleep(0.05)
    return found


def is_anybody_there(found: Figures) -> bool:
    return any(value for name, value in found.items() if name.startswith("niochat_sockets{"))


def grown(server: Server, before: Figures) -> Figures:
    return {name: value - before.get(name, 0.0) for name, value in figures(server).items()}


@pytest.fixture
async def counter(running_server: Server, door: Door) -> AsyncIterator[Counter]:
    async with Counter(running_server) as opened:
        yield opened


async def test_metrics_tell_of_each_family_how_many_how_much_and_how_late(
    door: Door, counter: Counter, ana: Person, bruno: Person, conversation: Conversation
):
    before = await at_rest(door.server)
    native, client = await door.open(await token(ana)), await counter.open(await token(ana), joined=conversation.pk)
    polling = await counter.open(await token(ana), joined=conversation.pk, transports=POLLING)

    await away(reply)(bruno, conversation)
    await native.next("chat_message")
    for each in (client, polling):
        await each.next("message:new")
    seen = grown(door.server, before)

    assert seen['niochat_sockets{family="native"}'] == 1
    assert seen['niochat_sockets{family="socketio"}'] == 2
    assert seen['niochat_sockets_opened_total{family="socketio"}'] == 2
    assert seen['niochat_frames_in_total{family="socketio"}'] >= 4
    assert seen['niochat_frames_out_total{family="socketio"}'] >= 2
    assert seen['niochat_frames_out_total{family="native"}'] >= 1
    for family in ("native", "socketio"):
        count, total = (seen[f'niochat_delivery_seconds_{part}{{family="{family}"}}'] for part in ("count", "sum"))
        assert count >= 1
        assert 0 <= total / count < 5


async def test_metrics_tell_who_came_back_and_who_was_not_let_in(
    door: Door, counter: Counter, ana: Person, conversation: Conversation
):
    before = await at_rest(door.server)
    client = await counter.open(await token(ana), joined=conversation.pk)
    await client.do("lose")
    await client.next("disconnect")
    await client.next("joined_conversation")
    native = await door.open(await token(ana))
    await native.send("resume", epoch=native.epoch, cursors=native.cursors())
    await native.next("resumed")
    stranger = await counter.raw(auth={"token": "nonsense of a stranger"})
    await stranger.next("connect_error")
    seen = grown(door.server, before)

    assert seen['niochat_resumes_total{family="socketio"}'] == 1
    assert seen['niochat_resumes_total{family="native"}'] == 1
    assert seen['niochat_sockets_refused_total{code="token_invalid",family="socketio"}'] == 1


async def test_the_log_tells_who_connected_and_who_was_refused(door: Door, ana: Person):
    await door.open(await token(ana))
    refused = await door.raw("/ws/dashboard/?token=nobody-knows-this-one")
    await refused.end()

    lines = [json.loads(line) for line in door.server.log.splitlines() if line.startswith("{")]
    connected = [line for line in lines if line["event"] == "socket_connected"]
    failed = [line for line in lines if line["event"] == "socket_authentication_failed"]
    assert (connected[-1]["user_id"], connected[-1]["family"]) == (ana.user_id, "native")
    assert (failed[-1]["code"], failed[-1]["level"]) == ("token_invalid", "warning")


@pytest.mark.parametrize("path", ["/api/v1/conversations/ws", "/ws/dashboard/"])
async def test_a_probe_by_curl_sees_the_handshake_succeed(door: Door, path: str):
    """The document's own command, but for a valid key."""
    command = ["curl", "-s", "-I", "-N", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket"]
    command += ["-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "-H", "Sec-WebSocket-Version: 13"]

    address = door.server.url.replace("ws://", "http://") + path
    probe = await asyncio.create_subprocess_exec(*command, address, stdout=asyncio.subprocess.PIPE)
    assert probe.stdout
    async with asyncio.timeout(PATIENCE_S):
        answer = (await probe.stdout.readuntil(b"\r\n\r\n")).decode()
    with suppress(ProcessLookupError):  # It may have ended by itself.
        probe.kill()
    await probe.wait()

    assert answer.startswith("HTTP/1.1 101 ")
    assert "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer


async def test_a_head_request_without_an_upgrade_is_no_handshake(door: Door):
    answer = await away(
        lambda: httpx.head(door.server.url.replace("ws://", "http://") + "/ws/dashboard/", timeout=PATIENCE_S)
    )()

    assert answer.status_code == 426
    with pytest.raises(InvalidStatus):
        await door.raw("/ws/nothing")
