"""What a broken or hostile Socket.IO client sends, and that nobody else is the worse for it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
from django.db import transaction
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from conversations.letters import chat_message
from conversations.models import Conversation
from realtime.events import Letter
from realtime.protocol import FRAME_MOST
from realtime.publish import publish
from tests.realtime.clients import away, token
from tests.realtime.socketio.talking import POLLING, Counter, Told
from tests.trade import reply
from tests.world import Person

QUERY = "EIO=4&transport"


@asynccontextmanager
async def bare(counter: Counter, credential: str = "", *, sid: str = "") -> AsyncIterator[ClientConnection]:
    """A WebSocket that speaks Engine.IO by hand, let in if there is a credential."""
    address = f"{counter.server.url}/socket.io/?{QUERY}=websocket{f'&sid={sid}' if sid else ''}"
    async with connect(address, proxy=None, ping_interval=None) as socket:
        if not sid:
            assert str(await socket.recv()).startswith("0")
        if credential:
            await socket.send("40" + json.dumps({"token": credential}))
            assert str(await socket.recv()).startswith("40")
            assert str(await socket.recv()).startswith('42["connected"')
        yield socket


async def end_of(socket: ClientConnection) -> tuple[int | None, list[str]]:
    """How the server closed, and what it said before."""
    said = []
    async with asyncio.timeout(5):
        try:
            while True:
                said.append(str(await socket.recv()))
        except ConnectionClosed:
            await socket.wait_closed()
    return socket.close_code, said


async def answers(socket: ClientConnection) -> list[str]:
    """What the server says until it answers a ping, or closes."""
    said = [""]
    async with asyncio.timeout(5):
        with suppress(ConnectionClosed):
            while "pong" not in said[-1]:
                said.append(str(await socket.recv()))
    return said


class Poller:
    """A client that polls by hand."""

    def __init__(self, web: httpx.AsyncClient) -> None:
        self.web, self.sid = web, ""

    @property
    def address(self) -> str:
        return f"/socket.io/?{QUERY}=polling{f'&sid={self.sid}' if self.sid else ''}"

    async def poll(self) -> httpx.Response:
        return await self.web.get(self.address)

    async def post(self, body: str | bytes, **headers: str) -> httpx.Response:
        return await self.web.post(self.address, content=body, headers=headers)

    async def open(self, credential: str) -> None:
        self.sid = json.loads((await self.poll()).text[1:])["sid"]
        assert (await self.post("40" + json.dumps({"token": credential}))).text == "OK"
        said = ""
        while '42["connected"' not in said:
            said += (await self.poll()).text


@pytest.fixture
async def web(counter: Counter) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=counter.url, timeout=10) as client:
        yield client


@pytest.fixture
def poller(web: httpx.AsyncClient) -> Poller:
    return Poller(web)


async def gone(poller: Poller) -> None:
    """The session is no more; what waits in it may be taken first."""
    async with asyncio.timeout(10):
        while (await poller.poll()).status_code == 200:
            pass


async def goes_on(counter: Counter, person: Person, conversation: Conversation) -> bool:
    """Whether somebody else's client works."""
    client = await counter.open(await token(person), joined=conversation.pk)
    await away(reply)(person, conversation, "fine")
    await client.next("message:new")
    return True


# --- packets ---------------------------------------------------------------------------------------------------------

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
    async with asyncio.timeout(5), bare(counter, await token(ana)) as socket:
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
    async with asyncio.timeout(5), bare(counter, mine) as socket:
        await socket.send("40" + json.dumps({"token": mine}))

        assert str(await socket.recv()).startswith("44")


@pytest.mark.parametrize("namespace", ["/admin", "/*", "/../"])
async def test_there_is_one_namespace(counter: Counter, ana: Person, namespace: str):
    async with asyncio.timeout(5), bare(counter, await token(ana)) as socket:
        await socket.send(f"40{namespace},")

        assert str(await socket.recv()).startswith(f"44{namespace},")


# --- polling ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [FRAME_MOST + 1, 1_000_000, 1_048_576])
async def test_a_large_body_is_refused_with_413(poller: Poller, ana: Person, size: int):
    await poller.open(await token(ana))

    answer = await poller.post("4" * size)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "payload_too_large")
    assert (await poller.post('42["ping"]')).text == "OK"


async def test_a_chunked_body_is_bounded_too(poller: Poller, ana: Person):
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"4" * 4096

    await poller.open(await token(ana))

    answer = await poller.web.post(poller.address, content=endless())

    assert answer.status_code in (200, 413)
    assert (await poller.post('42["ping"]')).text == "OK"


async def test_a_flood_by_polling_is_ended(poller: Poller, ana: Person):
    await poller.open(await token(ana))
    bursts = "\x1e".join(['42["ping"]'] * 100)

    statuses = [(await poller.post(bursts)).status_code for _ in range(3)]

    assert statuses[0] == 200
    await gone(poller)


async def test_a_hundred_queued_events_come_in_one_body(poller: Poller, ana: Person):
    await poller.open(await token(ana))

    assert (await poller.post("\x1e".join(['42["ping"]'] * 100))).text == "OK"

    said = ""
    while said.count('"pong"') < 100:
        said += (await poller.poll()).text


async def test_two_polls_at_once_end_the_connection(poller: Poller, ana: Person):
    await poller.open(await token(ana))

    first = asyncio.create_task(poller.poll())
    await asyncio.sleep(0.2)
    second = await poller.poll()

    assert second.status_code == 400
    assert (await first).status_code in (200, 400)
    assert (await poller.poll()).status_code == 400


async def test_a_client_that_hangs_up_on_its_poll_is_gone(counter: Counter, poller: Poller, carla: Person):
    await poller.open(await token(carla))

    with pytest.raises(httpx.ReadTimeout):
        await poller.web.get(poller.address, timeout=0.3)

    await gone(poller)


async def test_an_answer_to_a_poll_says_how_long_it_is(poller: Poller):
    answer = await poller.poll()

    assert (answer.headers["content-length"], "transfer-encoding" in answer.headers) == (
        str(len(answer.content)),
        False,
    )


@pytest.mark.parametrize("sid", ["nobody", "x" * 4000, "%00", "../../etc"])
async def test_an_unknown_session_is_400(web: httpx.AsyncClient, sid: str):
    for ask in (web.get, web.post):
        assert (await ask(f"/socket.io/?{QUERY}=polling&sid={sid}")).status_code == 400


@pytest.mark.parametrize(
    ("method", "query", "status"),
    [
        ("GET", "", 400),
        ("GET", "EIO=3&transport=polling", 400),
        ("GET", "EIO=4&transport=carrier-pigeon", 400),
        ("GET", "EIO=4&transport=websocket", 400),
        ("POST", "EIO=4&transport=polling", 400),
        ("DELETE", "EIO=4&transport=polling", 405),
    ],
)
async def test_a_request_of_another_protocol_is_refused(web: httpx.AsyncClient, method: str, query: str, status: int):
    assert (await web.request(method, f"/socket.io/?{query}")).status_code == status


# --- origins ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [("https://front.example", True), ("https://nio.example", True), ("https://evil.example", False)],
)
async def test_pages_of_listed_origins_may_poll(web: httpx.AsyncClient, origin: str, allowed: bool):
    for method in ("OPTIONS", "GET"):
        answer = await web.request(method, f"/socket.io/?{QUERY}=polling", headers={"Origin": origin})

        assert answer.status_code == (200 if allowed else 400)
        assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed
        assert answer.headers.get("Access-Control-Allow-Origin") != "*"


async def test_a_bearer_on_a_websocket_is_not_bound_to_an_origin(counter: Counter, ana: Person):
    client = await counter.open(await token(ana), extraHeaders={"origin": "https://evil.example"})

    assert client.count("connect") == 1


# --- two transports --------------------------------------------------------------------------------------------------


async def test_a_second_websocket_of_a_session_is_refused(counter: Counter, poller: Poller, ana: Person):
    await poller.open(await token(ana))
    async with asyncio.timeout(5), bare(counter, sid=poller.sid) as first:
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
    async with asyncio.timeout(5), bare(counter, sid=poller.sid) as socket:
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
    async with asyncio.timeout(5), bare(counter, sid=poller.sid) as socket:
        await socket.send(said)
        await socket.wait_closed()

    await poller.post('42["ping"]')
    heard = ""
    async with asyncio.timeout(5):
        while "pong" not in heard:
            heard = (await poller.poll()).text


async def test_a_websocket_that_is_lost_in_the_middle_of_its_upgrade_leaves_polling_alone(
    counter: Counter, poller: Poller, ana: Person
):
    await poller.open(await token(ana))
    async with asyncio.timeout(5), bare(counter, sid=poller.sid) as socket:
        await socket.send("2probe")
        await socket.recv()
        socket.transport.abort()

    await poller.post('42["ping"]')
    heard = ""
    async with asyncio.timeout(5):
        while "pong" not in heard:
            heard = (await poller.poll()).text


async def test_a_client_that_does_not_poll_is_let_go(
    counter: Counter, poller: Poller, ana: Person, bruno: Person, conversation: Conversation
):
    """More waits for it than may wait for anybody."""
    await poller.open(await token(ana))
    await poller.post(f'42["join_conversation",{{"conversation_id":{conversation.pk}}}]')

    def much() -> None:
        for number in range(70):
            reply(bruno, conversation, f"{number} " + "x" * 16_000)

    await away(much)()

    async with asyncio.timeout(20):
        while (await poller.post("3")).status_code != 400:
            pass
    assert await goes_on(counter, bruno, conversation)


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
    return re.findall(r'niochat_sockets_closed_total{code="4408"} (\S+)', httpx.get(f"{counter.url}/metrics").text)


async def test_secrets_stay_out_of_the_log(counter: Counter, ana: Person):
    mine = await token(ana)
    client = await counter.raw(transports=POLLING, query={"token": mine})
    await client.next("connected")

    assert mine.split(".")[2] not in counter.server.log
    assert mine.split(".")[1] not in counter.server.log
