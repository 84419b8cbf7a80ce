"""The fan-out: in order, once, without holes, with the layer up, down or coming back."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.db import transaction

from realtime import doorbell, fanout, streams, wire
from realtime.events import Event, Letter, MessageDeleted, Pong
from realtime.models import Epoch, Stream, StreamEvent
from realtime.publish import forget, publish
from realtime.shared import Shared
from realtime.threads import Threads, reading, working
from realtime.transient import transient
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.django_db(transaction=True)
AGENTS, INBOX, ROOM = streams.agents(1), streams.inbox(1, 3), streams.room(1, 5)
NOW = "2026-01-01T00:00:00Z"


def deleted(message_id: int) -> Event:
    return MessageDeleted(message_id=message_id, conversation_id=1, deleted_by=None)


@transaction.atomic
def written(*letters: Letter) -> None:
    publish(*letters)


async def say(*numbers: int, stream: str = AGENTS) -> None:
    """Commit events from a thread, as an action would."""
    await working.run(written, *(Letter(stream, deleted(number)) for number in numbers))


class Screen:
    """A member that remembers what it was shown."""

    user_id: int | None = None
    family = "native"

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.gaps: list[str] = []

    def show(self, texts: list[str]) -> None:
        self.frames += map(json.loads, texts)

    def gap(self, stream: str) -> None:
        self.gaps.append(stream)

    @property
    def numbers(self) -> list[Any]:
        return [frame["seq"] for frame in self.frames]

    async def is_told_of_a_gap(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not self.gaps:  # noqa: ASYNC110 - what is awaited is a plain callback
                await asyncio.sleep(0.01)

    async def sees(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.frames) < count:  # noqa: ASYNC110 - what is awaited is a plain callback
                await asyncio.sleep(0.005)


@pytest.fixture
async def hall(monkeypatch):
    running = fanout.fanout()
    yield running
    await fanout.stop()


async def watching(hall: fanout.Fanout, *names: str, groups: tuple[str, ...] = ()) -> Screen:
    screen = Screen()
    for lane in await hall.follow(names, groups):
        lane.join(screen, wire.texts, screen.show)
    return screen


def deaf(monkeypatch) -> None:
    """The layer takes everything and delivers nothing."""
    monkeypatch.setattr(type(get_channel_layer()), "post", lambda self, parcels: None)


def never_polling(monkeypatch) -> None:
    """What is heard now was announced."""
    monkeypatch.setattr(fanout, "POLL_S", 300)
    monkeypatch.setattr(fanout, "POLL_ALONE_S", 300)


async def test_a_committed_event_is_written_to_every_member_at_once(hall, monkeypatch):
    never_polling(monkeypatch)
    one, two = await watching(hall, AGENTS), await watching(hall, AGENTS, INBOX)

    await say(1)
    await say(2, stream=INBOX)
    await two.sees(2)

    assert [frame["data"]["message_id"] for frame in two.frames] == [1, 2]
    assert [frame["stream"] for frame in one.frames] == [AGENTS]


async def test_a_burst_arrives_in_order_and_once(hall):
    screen = await watching(hall, AGENTS)

    for number in range(30):
        await say(number, number)
    await screen.sees(60)

    assert screen.numbers == list(range(1, 61))


def slowly_read(monkeypatch, meanwhile: Callable[[], None]) -> None:
    """Heads are read, and while their reader comes back with them something happens."""
    standing = fanout.standing

    def read(names: list[str]) -> fanout.Standing:
        heads = standing(names)
        meanwhile()
        return heads

    monkeypatch.setattr(fanout, "standing", read)


async def test_what_comes_while_the_heads_are_read_has_moved_the_lane(hall, monkeypatch):
    """Nobody could hear it: whoever has read their rights before must see that they are to be read again."""

    def meanwhile() -> None:
        written(Letter(AGENTS, deleted(1)))
        for _ in range(6000):
            if hall.lanes[AGENTS].early:
                break
            time.sleep(0.01)

    slowly_read(monkeypatch, meanwhile)
    asked_at = hall.loop.time()

    (lane,) = await hall.follow([AGENTS])

    assert lane.cursor == 1
    assert lane.moved_at >= asked_at


async def test_a_poll_while_the_heads_are_read_hides_nothing(hall, monkeypatch):
    await watching(hall, INBOX)
    deaf(monkeypatch)

    def meanwhile() -> None:
        written(Letter(AGENTS, deleted(1)))
        asyncio.run_coroutine_threadsafe(hall.poll(), hall.loop).result(PATIENCE_S)

    slowly_read(monkeypatch, meanwhile)

    screen = await watching(hall, AGENTS)

    await screen.sees(1)


async def test_what_was_rolled_back_is_never_shown(hall):
    screen = await watching(hall, AGENTS)

    @transaction.atomic
    def rolled_back() -> None:
        publish(Letter(AGENTS, deleted(1)))
        transaction.set_rollback(True)

    await working.run(rolled_back)
    await say(2)
    await screen.sees(1)

    assert [frame["data"]["message_id"] for frame in screen.frames] == [2]


async def test_a_transient_frame_has_no_number_and_no_row(hall):
    screen = await watching(hall, AGENTS, groups=(ROOM,))

    await asyncio.to_thread(transient, ROOM, Pong(timestamp=NOW, cursors={}))
    transient(AGENTS, Pong(timestamp=NOW, cursors={}))
    await screen.sees(2)

    assert screen.frames == [{"type": "pong", "data": {"timestamp": "2026-01-01T00:00:00.000000Z", "cursors": {}}}] * 2
    assert await reading.run(StreamEvent.objects.count) == 0


async def test_a_frame_that_the_layer_lost_is_read_from_the_log_when_the_next_one_comes(hall, monkeypatch):
    never_polling(monkeypatch)
    screen = await watching(hall, AGENTS)
    with monkeypatch.context() as patch:
        deaf(patch)
        await say(1)
    await say(2)

    await screen.sees(2)

    assert screen.numbers == [1, 2]


async def test_a_lost_last_frame_is_found_by_the_poll(hall, monkeypatch):
    screen = await watching(hall, AGENTS, INBOX)
    deaf(monkeypatch)

    await say(*range(5))
    await say(1, stream=INBOX)
    await screen.sees(6)

    assert sorted(screen.numbers) == [1, 1, 2, 3, 4, 5]


async def test_frames_that_overtake_each_other_are_put_in_order_without_asking_the_log(hall, monkeypatch):
    screen = await watching(hall, AGENTS)
    monkeypatch.setattr("realtime.sync.page", None)
    parcels = [(AGENTS, wire.kept_parcel(seq, json.dumps({"seq": seq}))) for seq in (3, 2, 1, 2, 5, 4, 1)]

    for parcel in parcels:
        doorbell.ring([parcel])
    await screen.sees(5)

    assert screen.numbers == [1, 2, 3, 4, 5]


async def test_an_announcement_of_what_nobody_wrote_harms_nobody(hall):
    screen = await watching(hall, AGENTS)

    doorbell.ring([(AGENTS, b"K99 {}"), (AGENTS, b"?what"), (AGENTS, b"Knonsense"), (AGENTS, b"")])
    await asyncio.sleep(0.1)
    await say(1)
    await screen.sees(1)

    assert screen.numbers == [1]
    assert screen.gaps == []


async def test_who_comes_later_starts_after_what_has_been(hall):
    await say(1, 2, 3)
    early = await watching(hall, AGENTS)
    await say(4)
    await early.sees(1)
    late = await watching(hall, AGENTS)
    await say(5)
    await late.sees(1)

    assert (early.numbers, late.numbers) == ([4, 5], [5])


async def test_many_that_come_at_once_open_a_stream_once(hall):
    screens = await asyncio.gather(*(watching(hall, AGENTS) for _ in range(20)))

    await say(1)
    await asyncio.gather(*(screen.sees(1) for screen in screens))

    assert list(hall.lanes) == [AGENTS]


async def test_a_new_epoch_tells_everyone_that_what_follows_does_not_continue_what_was(hall):
    screen = await watching(hall, AGENTS)
    await say(1, 2, 3)
    await screen.sees(3)

    def restored() -> None:
        StreamEvent.objects.all().delete()
        Stream.objects.update(head=1, floor=0)
        Epoch.renew()

    await working.run(restored)
    await screen.is_told_of_a_gap()
    await say(4)
    await screen.sees(4)

    assert screen.gaps == [AGENTS]
    assert screen.numbers == [1, 2, 3, 2]


async def test_who_begins_in_a_new_epoch_is_told_of_no_gap_and_who_began_before_is_told_at_once(hall, monkeypatch):
    before = await watching(hall, AGENTS)
    await say(1, 2)
    await before.sees(2)
    first = hall.epoch

    def restored() -> None:
        StreamEvent.objects.all().delete()
        Stream.objects.update(head=1, floor=0)
        Epoch.renew()

    monkeypatch.setattr(fanout, "POLL_S", 60)  # The next look is far away, but for the one who comes.
    await working.run(restored)
    after = await watching(hall, INBOX)
    assert hall.epoch != first
    await before.is_told_of_a_gap()
    await say(3, stream=INBOX)
    await after.sees(1)

    assert (before.gaps, after.gaps) == ([AGENTS], [])


async def test_events_pruned_before_they_were_seen_are_a_gap(hall, monkeypatch):
    screen = await watching(hall, AGENTS)
    with monkeypatch.context() as patch:
        deaf(patch)
        await say(1, 2)
        await reading.run(forget, AGENTS)
    await say(3)
    await screen.is_told_of_a_gap()
    await say(4)
    await screen.sees(1)

    assert screen.gaps == [AGENTS]
    assert screen.numbers == [4]


async def test_a_stream_that_nobody_follows_is_closed_after_a_while(hall, monkeypatch):
    screen = await watching(hall, AGENTS)
    lane = hall.lanes[AGENTS]
    lane.leave(screen)
    hall.tidy()
    assert list(hall.lanes) == [AGENTS]

    monkeypatch.setattr(fanout, "LINGER_S", -1)
    hall.tidy()

    assert hall.lanes == {}


async def test_sixteen_writers_at_once_reach_a_follower_in_order(hall):
    screen = await watching(hall, AGENTS, INBOX)

    def write() -> None:
        for number in range(8):
            written(Letter(INBOX, deleted(number)), Letter(AGENTS, deleted(number)))

    writers = Threads("writer", 16)
    await asyncio.gather(*(writers.run(write) for _ in range(16)))
    writers.executor.shutdown()
    await screen.sees(256)

    for stream in (AGENTS, INBOX):
        assert [frame["seq"] for frame in screen.frames if frame["stream"] == stream] == list(range(1, 129))


@pytest.mark.redis
async def test_nothing_is_lost_when_every_connection_to_redis_is_cut(hall):
    screen = await watching(hall, AGENTS)

    for number in range(20):
        if number % 5 == 2:
            await hall.layer.station.line.ask("CLIENT", "KILL", "TYPE", "pubsub")
            await hall.layer.station.line.ask("FLUSHALL")
        await say(number)
    await screen.sees(20)

    assert screen.numbers == list(range(1, 21))


async def test_those_who_ask_together_share_an_answer_but_none_that_was_begun_before():
    shared, began, may_end = Shared(), threading.Event(), threading.Event()
    numbers = iter(range(10))

    def look_up() -> int:
        number = next(numbers)
        began.set()
        assert may_end.wait(PATIENCE_S)
        return number

    first = asyncio.ensure_future(shared.answer("t1", look_up))
    await asyncio.to_thread(began.wait, PATIENCE_S)
    late = [asyncio.ensure_future(shared.answer("t1", look_up)) for _ in range(3)]
    await asyncio.sleep(0)
    may_end.set()

    assert await first == 0
    assert await asyncio.gather(*late) == [1, 1, 1]
    assert not shared.running
    assert not shared.next


async def test_a_look_up_that_fails_fails_for_those_who_share_it_and_for_nobody_after():
    shared = Shared()
    answers: Iterator[int | Exception] = iter([ValueError("no"), 7])

    def look_up() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    asked = [asyncio.ensure_future(shared.answer("t1", look_up)) for _ in range(2)]
    failed = await asyncio.gather(*asked, return_exceptions=True)

    assert [str(problem) for problem in failed] == ["no", "no"]
    assert await shared.answer("t1", look_up) == 7
