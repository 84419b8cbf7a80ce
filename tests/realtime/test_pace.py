"""How fast a socket may send, on a clock that a test turns."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from realtime import pace


class Clock:
    """Time that goes on while somebody waits, and then `late` seconds more."""

    def __init__(self, late: float = 0.0) -> None:
        self.now, self.late = 1000.0, late

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds + self.late


@pytest.fixture
def clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock(getattr(request, "param", 0.0))
    monkeypatch.setattr(pace, "time", turned)
    monkeypatch.setattr(pace, "asyncio", SimpleNamespace(sleep=turned.sleep))
    return turned


async def frames(kept: pace.Pace, clock: Clock, count: int, every: float = 0.0) -> list[bool]:
    """Which of them had to wait for the first time."""
    first = []
    for _ in range(count):
        clock.now += every
        first.append(await kept.turn())
        if kept.is_exhausted:
            break
    return first


@pytest.mark.parametrize("clock", [0.0, 0.2], indirect=True, ids=["on time", "late itself"])
async def test_a_flood_is_told_once_and_ended_after_five_seconds(clock: Clock):
    kept = pace.Pace()

    told = await frames(kept, clock, 1000)

    assert kept.is_exhausted
    assert sum(told) == 1
    assert pace.PATIENCE_S <= clock.now - 1000 < pace.PATIENCE_S + 1


async def test_a_queue_at_once_and_then_a_bearable_pace_is_no_flood(clock: Clock):
    kept = pace.Pace()

    await frames(kept, clock, 130)
    await frames(kept, clock, 400, every=1 / (pace.FRAMES_PER_S - 1))

    assert not kept.is_exhausted


async def test_whoever_was_calm_meanwhile_is_told_again(clock: Clock):
    kept = pace.Pace()
    await frames(kept, clock, 130)
    clock.now += 10

    assert sum(await frames(kept, clock, 130)) == 1
