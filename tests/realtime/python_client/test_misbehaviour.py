"""The Python client against a server that does what ours promises not to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from niochat_client import (
    AuthenticationFailed,
    Backoff,
    ConnectionEnded,
    Event,
    MessageDeleted,
    NioChatClient,
    Refused,
    State,
)
from tests.patience import PATIENCE_S
from tests.realtime.python_client.conftest import eventually

SOON = Backoff(first_s=0.01, most_s=0.02, crowd_s=0.02)
Frame = dict[str, Any]


class Script:
    """A server whose every frame a test chooses. `answers` says what a command gets; commands are kept in `got`."""

    def __init__(self) -> None:
        self.got: list[Frame] = []
        self.sockets: list[ServerConnection] = []
        self.answers: Callable[[Frame], list[Frame]] = lambda _: []
        self.close_with: list[tuple[int, str]] = []
        self.port = 0

    async def __call__(self, socket: ServerConnection) -> None:
        self.sockets.append(socket)
        if self.close_with:
            await socket.recv()
            await socket.close(*self.close_with.pop(0))
            return
        async for text in socket:
            frame = json.loads(text)
            self.got.append(frame)
            for answer in connected() if frame["type"] == "auth" and len(frame) > 1 else self.answers(frame):
                await socket.send(json.dumps(answer))

    async def send(self, *frames: Frame | str) -> None:
        for frame in frames:
            await self.sockets[-1].send(frame if isinstance(frame, str) else json.dumps(frame))

    def of(self, kind: str) -> list[Frame]:
        return [frame for frame in self.got if frame["type"] == kind]


def connected() -> list[Frame]:
    data = {"user_id": 1, "tenant_id": 1, "role": "agent", "epoch": "e", "cursors": {"s": 0}, "heartbeat": 25}
    return [{"type": "connected", "data": data}]


def kept(seq: int) -> Frame:
    data = {"message_id": seq, "conversation_id": 1, "deleted_by": None}
    return {"type": "message_deleted", "data": data, "stream": "s", "seq": seq}


def error(frame: Frame, code: str, **more: Any) -> Frame:
    return {"type": "error", "data": {"code": code, "error": code, "request_id": frame.get("request_id"), **more}}


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    played = Script()
    async with serve(played, "127.0.0.1", 0) as server:
        played.port = next(iter(server.sockets)).getsockname()[1]
        yield played


@asynccontextmanager
async def opened(script: Script, **options: Any) -> AsyncIterator[NioChatClient]:
    async with asyncio.timeout(PATIENCE_S):
        async with NioChatClient(f"http://127.0.0.1:{script.port}", token="t", backoff=SOON, **options) as client:
            await client.ready()
            yield client


async def numbers(client: NioChatClient, last: int) -> list[int]:
    """The kept events that are handed out, up to this one."""
    heard: list[int] = []
    async for event in client:
        heard += [event.seq] if event.seq else []
        if event.seq == last:
            return heard
    return heard


async def test_doubles_are_dropped(script: Script):
    async with opened(script) as client:
        await script.send(kept(1), kept(1), kept(2), kept(1), kept(2), kept(3))

        assert await numbers(client, 3) == [1, 2, 3]


async def test_a_hole_is_asked_for_once_and_what_lies_beyond_it_waits(script: Script):
    resumed = {"type": "resumed", "data": {"cursors": {"s": 5}}}
    script.answers = lambda frame: [kept(2), kept(3), kept(4), kept(5), resumed] if frame["type"] == "resume" else []
    async with opened(script) as client:
        await script.send(kept(1), kept(3), kept(4), kept(5))

        assert await numbers(client, 5) == [1, 2, 3, 4, 5]

    assert script.of("resume") == [{"type": "resume", "epoch": "e", "cursors": {"s": 1}}]


async def test_a_heartbeat_tells_that_the_last_event_was_lost(script: Script):
    resumed = {"type": "resumed", "data": {"cursors": {"s": 1}}}
    script.answers = lambda frame: [kept(1), resumed] if frame["type"] == "resume" else []
    async with opened(script) as client:
        await script.send({"type": "heartbeat", "data": {"timestamp": "", "cursors": {"s": 1}}})

        assert await numbers(client, 1) == [1]


async def test_what_is_not_known_moves_the_cursor_and_harms_nobody(script: Script):
    strange = {"type": "telepathy", "data": {"thought": 1}, "stream": "s", "seq": 1}
    poor = {"type": "message_deleted", "data": {}, "stream": "s", "seq": 2}
    richer = {**kept(3), "data": {**kept(3)["data"], "news": True}}
    seen: list[Event] = []
    async with opened(script) as client:
        await script.send(strange, poor, richer)
        async for event in client:
            seen.append(event)
            if event.seq == 3:
                break

    assert [(type(event), event.type) for event in seen] == [
        (Event, "telepathy"),
        (Event, "message_deleted"),
        (MessageDeleted, "message_deleted"),
    ]
    assert client.position is not None
    assert client.position.cursors == {"s": 3}


@pytest.mark.parametrize("nonsense", ["{", "[]", "7", '{"type": 1}', '{"data": {}}', '{"type": "x", "data": 3}'])
async def test_nonsense_costs_the_connection_and_nothing_else(script: Script, nonsense: str):
    async with opened(script) as client:
        await script.send(nonsense)
        while len(script.of("auth")) < 2:
            client.changed.clear()
            await client.changed.wait()
        await client.ready()
        await script.send(kept(1))

        assert await numbers(client, 1) == [1]


async def test_an_answer_that_never_comes_is_asked_for_again_on_another_connection(script: Script, monkeypatch):
    monkeypatch.setattr("niochat_client.outbox.ANSWERED_WITHIN_S", 0.1)
    asked: list[Frame] = []

    def has_patience_now(state: State, _: object) -> None:
        if state is State.RECONNECTING:
            monkeypatch.setattr("niochat_client.outbox.ANSWERED_WITHIN_S", PATIENCE_S)

    def second_time_lucky(frame: Frame) -> list[Frame]:
        asked.append(frame)
        return [{"type": "ok", "data": {"request_id": frame["request_id"]}}] if len(asked) > 1 else []

    script.answers = second_time_lucky
    async with opened(script, on_state=has_patience_now) as client:
        await client.react(1, "👍")

    assert asked[0] == asked[1]
    assert len(script.sockets) == 2


async def test_a_server_that_is_busy_is_asked_again_and_the_order_stays(script: Script):
    refusals = iter(["RATE_LIMITED", "UNAVAILABLE", "INTERNAL"])

    def busy(frame: Frame) -> list[Frame]:
        code = next(refusals, None)
        if code:
            return [error(frame, code, retry_after=0.01)]
        return [{"type": "ok", "data": {"request_id": frame["request_id"]}}]

    script.answers = busy
    async with opened(script) as client:
        await asyncio.gather(*(client.react(number, "👍") for number in range(3)))

    assert [frame["message_id"] for frame in script.of("react")] == [0, 0, 0, 0, 1, 2]


async def test_a_command_that_breaks_the_server_each_time_does_not_hold_up_the_rest(script: Script):
    def broken(frame: Frame) -> list[Frame]:
        if frame["message_id"] == 1:
            return [error(frame, "INTERNAL", retry_after=0.001)]
        return [{"type": "ok", "data": {"request_id": frame["request_id"]}}]

    script.answers = broken
    async with opened(script) as client:
        bad, good = await asyncio.gather(client.react(1, "👍"), client.react(2, "👍"), return_exceptions=True)

    assert isinstance(bad, Refused)
    assert good is None


@pytest.mark.parametrize("code", [1003, 1007, 1009, 4400, 4403])
async def test_a_final_close_code_is_obeyed(script: Script, code: int):
    script.close_with = [(code, "WHY")]
    async with NioChatClient(f"http://127.0.0.1:{script.port}", token="t", backoff=SOON) as client:
        with pytest.raises(ConnectionEnded, match=f"WHY \\({code}\\)"):
            await client.ready()

    assert len(script.sockets) == 1


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 1013, 4408, 4429])
async def test_after_any_other_it_comes_back(script: Script, code: int):
    script.close_with = [(code, ""), (code, "")]
    async with opened(script):
        assert len(script.sockets) == 3


async def test_a_program_that_is_cancelled_says_goodbye_and_lets_go_of_everything(script: Script):
    begun = set(asyncio.all_tasks())

    async def program() -> None:
        async with opened(script) as client:
            await asyncio.gather(client.run(), client.ask("sync"))

    task = asyncio.create_task(program())
    await eventually(lambda: bool(script.of("sync")))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await script.sockets[0].wait_closed()

    assert script.sockets[0].close_code == 1000
    assert {one for one in asyncio.all_tasks() - begun if one.get_name() == "niochat-client"} == set()


async def test_a_command_that_is_cancelled_on_its_way_does_not_hold_up_the_next(script: Script):
    script.answers = lambda frame: (
        [{"type": "ok", "data": {"request_id": frame["request_id"]}}] if frame["message_id"] == 2 else []
    )
    async with opened(script) as client:
        first = asyncio.create_task(client.react(1, "👍"))
        await eventually(lambda: bool(script.of("react")))
        first.cancel()
        await client.react(2, "👍")

    assert [frame["message_id"] for frame in script.of("react")] == [1, 2]


async def test_a_removal_may_be_called_twice(script: Script):
    async with opened(script) as client:
        remove = client.on("*", lambda _: None)
        remove()
        remove()

    assert client.handlers["*"] == []


async def test_a_token_that_is_never_given_is_asked_for_again(script: Script, monkeypatch):
    monkeypatch.setattr("niochat_client.credentials.OBTAINED_WITHIN_S", 0.05)
    asked: list[int] = []

    async def get_token() -> str:
        asked.append(1)
        if len(asked) == 1:
            await asyncio.Event().wait()
        return "t2"

    async with NioChatClient(f"http://127.0.0.1:{script.port}", get_token=get_token, backoff=SOON) as client:
        async with asyncio.timeout(PATIENCE_S):
            await client.ready()

    assert [frame["token"] for frame in script.of("auth")] == ["t2"]


async def test_clients_that_lost_the_same_server_come_back_at_times_of_their_own():
    waits = [Backoff().wait(0, 1012) for _ in range(200)]

    assert max(waits) - min(waits) > 10
    assert len({round(wait, 1) for wait in waits}) > 60


async def test_a_refused_token_is_renewed_once(script: Script):
    asked: list[int] = []

    def get_token() -> str:
        asked.append(1)
        return f"t{len(asked)}"

    url = f"http://127.0.0.1:{script.port}"
    script.close_with = [(4401, "TOKEN_EXPIRED")]
    async with NioChatClient(url, get_token=get_token, backoff=SOON) as client:
        await client.ready()
    assert [frame["token"] for frame in script.of("auth")] == ["t2"]

    script.close_with = [(4401, "TOKEN_INVALID"), (4401, "TOKEN_INVALID")]
    async with NioChatClient(url, get_token=get_token, backoff=SOON) as client:
        with pytest.raises(AuthenticationFailed, match="TOKEN_INVALID"):
            await client.ready()
