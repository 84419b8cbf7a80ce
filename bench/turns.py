"""Servers side by side, one event at a time: what a delivery costs, however busy the machine is meanwhile.

An event is published when the one before has arrived everywhere, so none shares a write with another: a server that is
kept waiting for its core would else be measured at bursts, which are cheaper. The servers take short turns, and the
median of these leaves out what a server does now and then (heartbeats, leases).
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from bench.clients import Crowd, percentile
from bench.fanout import publisher
from bench.processes import Server

TURNS, EVENTS_A_TURN = 15, 20
ARRIVED_WITHIN_S = 30.0


class Weight(NamedTuple):
    """What one delivery costs a server, in microseconds of its CPU, and takes on the wire, in bytes."""

    name: str
    cpu_us: float
    size: float
    p50_ms: float
    p99_ms: float


class Contestant:
    """A server, its sockets, and the process that publishes to them."""

    def __init__(self, name: str, server: Server, crowd: Crowd, feed: subprocess.Popen[str]) -> None:
        self.name, self.server, self.crowd, self.feed = name, server, crowd, feed
        # Seconds of CPU and seconds, of each turn and of each pause between two.
        self.turns: list[tuple[float, float]] = []
        self.pauses: list[tuple[float, float]] = []
        self.ended = self.now()

    def turn(self) -> None:
        """Publish a few events, one after the other, and weigh the server over them."""
        began = self.now()
        if self.turns:
            self.pauses.append(since(self.ended, began))
        for _ in range(EVENTS_A_TURN):
            self.publish()
        self.ended = self.now()
        self.turns.append(since(began, self.ended))

    def publish(self) -> None:
        """One event, until it has arrived everywhere."""
        due = self.crowd.frames + len(self.crowd.sockets)
        if self.feed.stdin:
            self.feed.stdin.write("\n")
            self.feed.stdin.flush()
        self.crowd.hear(due, ARRIVED_WITHIN_S)

    def now(self) -> tuple[float, float]:
        return self.server.cpu_seconds(), time.monotonic()

    def weight(self) -> Weight:
        """Of the median turn; the first is for warming up."""
        idle = statistics.median(cpu / seconds for cpu, seconds in self.pauses)
        busy = statistics.median(cpu - idle * seconds for cpu, seconds in self.turns[1:])
        deliveries = EVENTS_A_TURN * len(self.crowd.sockets)
        late = self.crowd.latencies
        size = self.crowd.bytes / (deliveries * len(self.turns))
        return Weight(self.name, 1e6 * busy / deliveries, size, percentile(late, 0.5), percentile(late, 0.99))


def since(earlier: tuple[float, float], later: tuple[float, float]) -> tuple[float, float]:
    return later[0] - earlier[0], later[1] - earlier[1]


@contextmanager
def contestant(
    name: str, server: Server, crowd: Crowd, env: dict[str, str], *, kind: str, group: str, marker: bytes
) -> Iterator[Contestant]:
    """Ready to publish; every event holds `marker`."""
    try:
        with publisher(env, kind, [group], (TURNS + 1) * EVENTS_A_TURN, 0) as feed:
            crowd.expect(marker)
            yield Contestant(name, server, crowd, feed)
    finally:
        crowd.close()


def weighed(contestants: Sequence[Contestant]) -> list[Weight]:
    """All of them, in turns."""
    for each in contestants:
        each.server.settled()
    for each in contestants:
        each.crowd.bytes = 0
    for _ in range(TURNS + 1):
        for each in contestants:
            each.turn()
    return [each.weight() for each in contestants]
