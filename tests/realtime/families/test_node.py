"""A story with each family, told by clients of another language: Node's `ws`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from conversations.models import Conversation, Inbox
from tests.patience import PATIENCE_S
from tests.realtime.clients import Door, Frame, away, token
from tests.realtime.families.talking import opened
from tests.trade import reply, written
from tests.world import Person

SCRIPT = Path(__file__).with_name("client.mjs")


class Node:
    """A client in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.seen: list[str] = []

    async def next(self, wanted: str) -> Frame:
        """The next frame of this type; what came before it is noted."""
        assert self.process.stdout
        async with asyncio.timeout(PATIENCE_S):
            while line := await self.process.stdout.readline():
                frame: Frame = json.loads(line)
                self.seen.append(frame["type"])
                if frame["type"] == wanted:
                    return frame
        raise AssertionError(f"no {wanted}; saw {self.seen}")


@asynccontextmanager
async def node(url: str, *frames: Frame) -> AsyncIterator[Node]:
    """A running client; it closes its socket and ends with the block."""
    pipe = asyncio.subprocess.PIPE
    said = [json.dumps(frame) for frame in frames]
    process = await asyncio.create_subprocess_exec("node", str(SCRIPT), url, *said, stdin=pipe, stdout=pipe)
    client = Node(process)
    try:
        yield client
        assert process.stdin
        process.stdin.close()
        assert (await client.next("closed"))["code"] == 1000
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_fastapi_joins_writes_and_is_answered(door: Door, ana: Person, bruno: Person, conversation: Conversation):
    named = str(conversation.pk)
    join = {"type": "join", "conversation_id": named}
    message = {"type": "message", "conversation_id": named, "content": "Olá do Node"}
    colleague = await opened(door, "/ws", bruno, joined=conversation.pk)

    async with node(f"{door.server.url}/ws?token={await token(ana)}", join, message) as client:
        sent = await client.next("message_sent")
        told = await colleague.next(lambda frame: frame.get("message", {}).get("content") == "Olá do Node")
        await away(lambda: reply(bruno, conversation, "Olá, Node"))()
        answer = await client.next("message")

    assert told["message"]["id"] == sent["message_id"]
    assert answer["message"]["content"] == "Olá, Node"


async def test_pytake_says_who_it_is_and_hears_the_customer(door: Door, ana: Person, site: Inbox):
    auth = {"type": "auth", "token": await token(ana), "user_id": ana.user_id}

    async with node(f"{door.server.url}/api/v1/conversations/ws", auth, {"type": "ping"}) as client:
        await client.next("pong")
        message = await away(lambda: written(site, "Tem pão?"))()
        heard = await client.next("message_received")

    assert (heard["event"], heard["data"]["id"], heard["conversation_id"]) == (
        "message_received",
        message.pk,
        message.conversation_id,
    )
    assert client.seen[0] == "pong"


async def test_syszap_is_introduced_to_a_new_customer_and_hears_them(door: Door, ana: Person, site: Inbox):
    url = f"{door.server.url}/ws?companyId={ana.tenant_id}&userId={ana.user_id}"
    auth = {"type": "auth", "data": {"token": await token(ana)}}

    async with node(url, auth, {"type": "ping", "data": {}}) as client:
        await client.next("pong")
        await away(lambda: written(site, "Oi", phone="+55 91 98765-4321"))()
        update = await client.next("client_update")

    assert client.seen[:4] == ["pong", "new_client", "new_message", "client_update"]
    assert update["data"]["WhatsApp_Number"] == "5591987654321"
