"""Push against polling: the same messages reach the same agents by socket, and by asking REST every five seconds."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bench import world
from bench.clients import Crowd
from bench.processes import Server, product
from bench.writes import conversations_of, post

AGENTS, EVERY_S, WINDOW_S, PER_S = 20, 5.0, 30.0, 1.0


class Watched(NamedTuple):
    """What it took to show the messages of one window to every agent."""

    requests: int
    cpu_s: float
    latency_ms: float


class Poller(threading.Thread):
    """An agent's page that asks for the newest messages of each conversation list every five seconds."""

    def __init__(self, port: int, token: str, first_in_s: float) -> None:
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.headers = {"Authorization": f"Bearer {token}"}
        self.first_in_s = first_in_s
        self.requests = 0
        self.began_at_ns = time.monotonic_ns()
        self.latencies: list[float] = []
        self.seen: set[str] = set()

    def run(self) -> None:
        began = time.monotonic()
        time.sleep(self.first_in_s)
        while time.monotonic() - began < WINDOW_S + EVERY_S:
            asked = time.monotonic()
            self.connection.request("GET", "/api/v1/conversations?status=open", headers=self.headers)
            shown = json.loads(self.connection.getresponse().read())
            self.requests += 1
            self.note([one["last_message"] for one in shown])
            time.sleep(max(0.0, EVERY_S - (time.monotonic() - asked)))

    def note(self, texts: list[str]) -> None:
        """How old each message of this window is that the page shows for the first time."""
        for text in {text for text in texts if "xat:" in text} - self.seen:
            self.seen.add(text)
            written_at_ns = int(text.rsplit("xat:", 1)[1])
            if written_at_ns > self.began_at_ns:
                self.latencies.append((time.monotonic_ns() - written_at_ns) / 1e6)


def compared(env: dict[str, str], *, quick: bool) -> Iterator[str]:
    """One window of each, on a server of its own."""
    yield (
        f"push against polling: {AGENTS} agents, {PER_S:.0f} message a second for {WINDOW_S:.0f} s, "
        f"polling every {EVERY_S:.0f} s"
    )
    results = {"polling": window(env, push=False), "push": window(env, push=True)}
    for name, found in results.items():
        yield (
            f"  {name:8} {found.requests:5} requests by agents   server {found.cpu_s:6.2f} s of CPU"
            f"   mean latency {found.latency_ms:8.1f} ms"
        )
    poll, push = results["polling"], results["push"]
    yield (
        f"  saved    {1 - push.requests / poll.requests:5.0%} of requests, {1 - push.cpu_s / poll.cpu_s:.0%} of CPU"
        f" (what the window costs with nobody watching taken out),"
        f" {1 - push.latency_ms / poll.latency_ms:.1%} of the latency"
    )


def window(env: dict[str, str], *, push: bool) -> Watched:
    """Post messages for one window while every agent watches in one of the two ways."""
    tenant = world.company()
    conversations = conversations_of(tenant, AGENTS)
    writer, *watchers = [world.token(member) for member in world.agents(tenant, AGENTS + 1)]
    with product(env, core=None) as running:
        post(running.port, writer, conversations, 20, 20)  # what only a first request costs
        running.settled()
        bare = used(running, lambda: write(running, writer, conversations))
        way = pushed if push else polled
        return way(running, watchers, lambda: write(running, writer, conversations), bare)


def write(running: Server, writer: str, conversations: list[int]) -> None:
    """What happens in a window: a message on each beat, and the time that a poll may come late."""
    post(running.port, writer, conversations, PER_S, int(WINDOW_S * PER_S))
    time.sleep(EVERY_S)


def used(running: Server, work: Callable[[], None]) -> float:
    """CPU seconds of the server meanwhile."""
    cpu = running.cpu_seconds()
    work()
    return running.cpu_seconds() - cpu


def polled(running: Server, watchers: list[str], work: Callable[[], None], bare: float) -> Watched:
    pages = [Poller(running.port, token, EVERY_S * at / len(watchers)) for at, token in enumerate(watchers)]
    cpu = running.cpu_seconds()
    for page in pages:
        page.start()
    work()
    for page in pages:
        page.join()
    latencies = [one for page in pages for one in page.latencies]
    requests = sum(page.requests for page in pages)
    return Watched(requests, running.cpu_seconds() - cpu - bare, sum(latencies) / len(latencies))


def pushed(running: Server, watchers: list[str], work: Callable[[], None], bare: float) -> Watched:
    cpu = running.cpu_seconds()
    crowd = Crowd(sampled=1)
    for token in watchers:
        crowd.join(running.port, f"/ws/dashboard/?token={token}")
    crowd.start()
    crowd.expect(b'"chat_message"')
    work()
    crowd.settle(int(WINDOW_S * PER_S) * len(watchers), within_s=10)
    crowd.close()
    mean = sum(crowd.latencies) / len(crowd.latencies)
    return Watched(len(watchers), running.cpu_seconds() - cpu - bare, mean)
