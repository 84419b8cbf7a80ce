"""One run: so many cuts of so many clients' connections, and the comparison at the end."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Protocol, TypeVar

from django.db import connection

from accounts.actor import Actor
from accounts.models import Membership
from bench import world
from bench.cuts.fold import State, differences, truth
from bench.cuts.hose import Hose
from bench.cuts.people import NodeClients, Person, PythonClients, Told
from bench.cuts.powers import Power
from bench.cuts.stream import Company, Stream
from conversations.models import Message

# A server's fan-out looks at the log each second, and whoever waits comes back within half of one.
SETTLED_WITHIN_S = 120.0

T = TypeVar("T")


class Crowd(Protocol):
    """Clients of one library."""

    async def open(self) -> None: ...
    def hush(self) -> None: ...
    async def tell(self) -> list[Told]: ...
    async def close(self) -> None: ...


@dataclass
class Plan:
    """What is done. Faults of servers and Redis happen every so many seconds of peace, by turns."""

    servers: list[Power]
    folder: Path
    seed: int
    cuts: int
    redis: Power | None = None
    python: int = 4
    node: int = 4
    customers: int = 4
    events_per_s: float = 8.0
    cuts_per_s: float = 30.0
    kill_every_s: float = 12.0
    at_most_s: float = 1200.0


@dataclass
class Report:
    """What came of it; `broken` is empty where every client ended with exactly the server's state."""

    cuts: Counter[str] = field(default_factory=Counter)
    restarts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    settled_s: float = 0.0
    happened: int = 0
    sent: int = 0
    heard: int = 0
    opened: int = 0
    clients: int = 0
    broken: list[str] = field(default_factory=list)


class Run:
    """Everything that one run needs, in the order in which it is needed."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.random, self.report = plan, Random(plan.seed), Report()
        self.down: set[int] = set()
        self.whole_since = 0.0
        self.hose = Hose(self.alive, Random(plan.seed + 1))
        self.repairs: set[asyncio.Task[None]] = set()

    def alive(self) -> list[int]:
        return [server.port for server in self.plan.servers if server.port not in self.down]

    async def done(self) -> Report:
        company = await away(Company.founded)
        stream = Stream(company, Random(self.plan.seed + 2), customers=self.plan.customers, rate=self.plan.events_per_s)
        url = f"http://127.0.0.1:{await self.hose.open()}"
        crowds = await self.crowds(url, company)
        try:
            for crowd in crowds:
                await crowd.open()
            await self.gathered(crowds)
            await away(stream.begin)
            await self.cut()
        finally:
            self.down.clear()
            await asyncio.gather(*self.repairs)
            await away(stream.stop)
        self.report.happened = stream.count
        try:
            await self.judge(crowds, company.boss)
        finally:
            for crowd in crowds:
                await crowd.close()
            await self.hose.shut()
        return self.report

    async def crowds(self, url: str, company: Company) -> list[Crowd]:
        """As many people as there are clients, each with a customer of their own."""
        plan = self.plan
        self.people = await away(partial(hired, company, plan.python + plan.node))
        found: list[Crowd] = []
        if plan.python:
            found.append(PythonClients(url, self.people[: plan.python], Random(plan.seed + 3)))
        if plan.node:
            found.append(NodeClients(url, self.people[plan.python :], plan.folder / "node.log"))
        return found

    # --- cutting -----------------------------------------------------------------------------------------------------

    async def gathered(self, crowds: list[Crowd]) -> None:
        """Until every client has drawn its first state."""
        until = time.monotonic() + SETTLED_WITHIN_S
        while time.monotonic() < until:
            told = [one for crowd in crowds for one in await crowd.tell()]
            if all(one.state["conversations"] for one in told):
                return
            await asyncio.sleep(0.2)
        raise TimeoutError("Some clients drew no state.")

    async def cut(self) -> None:
        """Until there have been enough."""
        began = time.monotonic()
        self.whole_since = began
        while self.count() < self.plan.cuts and time.monotonic() - began < self.plan.at_most_s:
            await asyncio.sleep(self.random.expovariate(self.plan.cuts_per_s))
            self.hose.fault()
            if self.random.random() < 0.002:
                self.hose.refuse_for(0.5)
            if not self.repairs and self.whole_for() > self.plan.kill_every_s:
                self.break_something()
        self.report.cuts = self.hose.cut
        self.report.seconds = time.monotonic() - began

    def whole_for(self) -> float:
        """Seconds since everything was there."""
        return time.monotonic() - self.whole_since

    def count(self) -> int:
        return sum(self.hose.cut.values())

    def break_something(self) -> None:
        """Kill or stop one of the servers, or kill Redis; it is back after a while."""
        kinds = ["server killed", "server restarted", *(["Redis killed"] if self.plan.redis else [])]
        kind = kinds[sum(self.report.restarts.values()) % len(kinds)]
        self.report.restarts[kind] += 1
        task = asyncio.create_task(self.redis_back() if kind == "Redis killed" else self.server_back(kind))
        self.repairs.add(task)
        task.add_done_callback(self.mended)

    def mended(self, task: asyncio.Task[None]) -> None:
        self.repairs.discard(task)
        self.whole_since = time.monotonic()

    async def server_back(self, kind: str) -> None:
        server = self.random.choice(self.plan.servers)
        self.down.add(server.port)
        self.hose.cut[kind] += sum(line.is_live and line.target == server.port for line in self.hose.lines)
        await asyncio.to_thread(server.kill if kind == "server killed" else server.stop)
        await asyncio.to_thread(server.start)
        self.down.discard(server.port)

    async def redis_back(self) -> None:
        if self.plan.redis:
            await asyncio.to_thread(self.plan.redis.kill)
            await asyncio.sleep(self.random.uniform(0.2, 3.0))
            await asyncio.to_thread(self.plan.redis.start)

    # --- judging -----------------------------------------------------------------------------------------------------

    async def judge(self, crowds: list[Crowd], boss: Actor) -> None:
        """Let everything come to rest, then look at each client, and at what it sent."""
        for crowd in crowds:
            crowd.hush()
        began = time.monotonic()
        while True:
            told = [one for crowd in crowds for one in await crowd.tell()]
            wanted = await away(partial(self.truths, boss))
            broken = self.compared(told, wanted)
            if not broken or time.monotonic() - began > SETTLED_WITHIN_S:
                break
            await asyncio.sleep(0.5)
        self.report.settled_s = time.monotonic() - began
        self.report.broken = broken
        self.report.clients = len(told)
        self.report.sent = sum(len(one.sent) for one in told)
        self.report.heard = sum(one.heard for one in told)
        self.report.opened = sum(one.opened for one in told)

    def truths(self, boss: Actor) -> tuple[State, dict[str, list[str]]]:
        """The server's state, and what it has stored of each person's lines, in order."""
        lines = {
            person.name: list(
                Message.objects.filter(conversation_id=person.conversation, sender_user_id=person.member.user_id)
                .order_by("pk")
                .values_list("content", flat=True)
            )
            for person in self.people
        }
        return truth(boss), lines

    def compared(self, told: list[Told], wanted: tuple[State, dict[str, list[str]]]) -> list[str]:
        state, lines = wanted
        found: list[str] = []
        for one in told:
            said = [*one.wrong, *one.problems, *differences(one.state, state)]
            if lines[one.name] != one.sent or one.waiting:
                said.append(f"sent {one.sent}, {one.waiting} unanswered; stored are {lines[one.name]}")
            found += [f"{one.name}: {line}" for line in said[:5]]
        return found


def hired(company: Company, count: int) -> list[Person]:
    members = [company.agent() for _ in range(count)]
    return [employed(company, f"agent {number}", member) for number, member in enumerate(members)]


def employed(company: Company, name: str, member: Membership) -> Person:
    """Somebody with a customer who has written to them."""
    conversation = company.customer_writes(f"of {name}", "Oi!").conversation_id
    return Person(name, member, world.token(member), conversation)


async def away(function: Callable[[], T]) -> T:
    """Run what touches the database in a thread."""

    def work() -> T:
        try:
            return function()
        finally:
            connection.close()

    return await asyncio.to_thread(work)
