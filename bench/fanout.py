"""Fan-out: what one delivery costs the server, and how old a frame is when it arrives."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from bench.clients import Crowd, percentile
from bench.processes import ROOT, Server

ROUNDS = 3


class Cost(NamedTuple):
    """One measurement of one server."""

    name: str
    expected: int
    delivered: int
    cpu_us: float
    seconds: float
    p50_ms: float
    p99_ms: float
    client_cpu_us: float

    @property
    def per_cpu_second(self) -> float:
        return 1e6 / self.cpu_us

    @property
    def lost(self) -> float:
        return 1 - self.delivered / self.expected


@contextmanager
def publisher(
    env: dict[str, str], kind: str, groups: list[str], events: int, rate: float
) -> Iterator[subprocess.Popen[str]]:
    """A process that is ready to publish, and begins when it is told to."""
    command = [
        "taskset",
        "-c",
        "1",
        sys.executable,
        "-m",
        "bench.publisher",
        kind,
        ",".join(groups),
        str(events),
        str(rate),
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if line.strip() != "ready":
            raise SystemExit(f"The publisher `{kind}` did not start.")
        yield process
    finally:
        process.kill()
        process.wait()


def crowd_of(
    server: Server, addresses: list[str], *, greetings: Sequence[str] = (), kind: Callable[[], Crowd] = Crowd
) -> Crowd:
    """Open all sockets; `greetings` are sent by each after its handshake. On a slow machine that takes a while, during
    which those that are open must be heard and show life.
    """
    crowd = kind()
    crowd.start()
    for address in addresses:
        crowd.join(server.port, address, greetings)
    server.settled()
    return crowd


def measured(
    name: str,
    server: Server,
    crowd: Crowd,
    env: dict[str, str],
    *,
    kind: str,
    groups: list[str],
    events: int,
    rate: float,
    each: int,
    marker: bytes = b'"typing"',
) -> Cost:
    """Publish `events`, each to one group of `each` sockets, and weigh the server over it; `marker` is in each."""
    crowd.expect(marker)
    expected = events * each
    with publisher(env, kind, groups, events, rate) as process:
        server.settled()
        idle = server.load(2.0)
        began, cpu, own = time.monotonic(), server.cpu_seconds(), time.thread_time()
        if process.stdin:
            process.stdin.write("go\n")
            process.stdin.flush()
        delivered = crowd.settle(expected, within_s=events / rate + 30)
        seconds = time.monotonic() - began
    used = server.cpu_seconds() - cpu - idle * seconds
    return Cost(
        name,
        expected,
        delivered,
        1e6 * used / max(1, delivered),
        seconds,
        percentile(crowd.latencies, 0.5),
        percentile(crowd.latencies, 0.99),
        1e6 * (time.thread_time() - own) / max(1, delivered),
    )


def in_turns(*measures: Callable[[], Cost]) -> list[Cost]:
    """Each measurement's median round by cost; what else the machine does meanwhile hits all of them alike."""
    rounds = [[measure() for measure in measures] for _ in range(ROUNDS)]
    return [sorted(found, key=lambda cost: cost.cpu_us)[ROUNDS // 2] for found in zip(*rounds, strict=True)]
