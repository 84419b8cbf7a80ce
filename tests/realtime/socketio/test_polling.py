"""What a broken or hostile client does by polling, and who may poll."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from conversations.models import Conversation
from realtime.protocol import FRAME_MOST
from tests.patience import PATIENCE_S
from tests.realtime.clients import away, token
from tests.realtime.socketio.by_hand import QUERY, Poller, goes_on, gone
from tests.realtime.socketio.talking import POLLING, Counter
from tests.trade import reply
from tests.world import Person


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

    statuses = [answer.status_code for answer in await asyncio.gather(poller.poll(), poller.poll())]

    # Whichever came first may have been answered before the other came.
    assert set(statuses) in ({400}, {200, 400})
    assert (await poller.poll()).status_code == 400


async def test_a_client_that_hangs_up_on_its_poll_is_gone(counter: Counter, poller: Poller, carla: Person):
    await poller.open(await token(carla))

    async def until_nothing_comes() -> None:
        while True:
            await poller.web.get(poller.address, timeout=httpx.Timeout(PATIENCE_S, read=0.3))

    with pytest.raises(httpx.ReadTimeout):
        await until_nothing_comes()

    await gone(poller)


async def test_a_client_that_says_goodbye_has_its_poll_answered(poller: Poller, ana: Person):
    await poller.open(await token(ana))
    waiting = asyncio.create_task(poller.poll())
    await asyncio.sleep(0.2)

    assert (await poller.post("41\x1e1")).text == "OK"

    async with asyncio.timeout(PATIENCE_S):
        assert (await waiting).status_code in (200, 400)
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

    async with asyncio.timeout(PATIENCE_S):
        while (await poller.post("3")).status_code != 400:
            pass
    assert await goes_on(counter, bruno, conversation)


async def test_secrets_stay_out_of_the_log(counter: Counter, ana: Person):
    mine = await token(ana)
    client = await counter.raw(transports=POLLING, query={"token": mine})
    await client.next("connected")

    assert mine.split(".")[2] not in counter.server.log
    assert mine.split(".")[1] not in counter.server.log
