"""The clients under test: each follows everything, and writes to a conversation of its own."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

from accounts.models import Membership
from bench.cuts.fold import Fold, State
from bench.processes import ROOT
from niochat_client import ApiError, Backoff, ClientClosed, NioChatClient, Snapshot

JS_LIBRARY = ROOT / "clients" / "js" / "src" / "index.js"
# Nobody else comes back at the same moment here: half a minute becomes half a second.
SOON = Backoff(first_s=0.05, most_s=0.4, crowd_s=0.4, steady_s=1.0)
PAGE = 200
LONGEST_LINE = 2**27


@dataclass
class Person:
    """A member of the team, with a token that lasts and the conversation that they write to."""

    name: str
    member: Membership
    token: str
    conversation: int


@dataclass
class Told:
    """What one client says of itself."""

    name: str
    state: State
    sent: list[str]
    waiting: int
    wrong: list[str]
    heard: int
    opened: int
    problems: list[str] = field(default_factory=list)


class PythonClients:
    """Clients of clients/python, in this loop."""

    def __init__(self, url: str, people: list[Person], random: Random) -> None:
        self.url, self.random = url, random
        self.members = [PythonMember(self, person) for person in people]
        self.tasks: list[asyncio.Task[None]] = []
        self.quiet = False

    async def open(self) -> None:
        self.tasks = [asyncio.create_task(work) for member in self.members for work in (member.follow(), member.talk())]

    def hush(self) -> None:
        self.quiet = True

    async def tell(self) -> list[Told]:
        for task in self.tasks:
            if task.done() and not task.cancelled():
                task.result()
        return [member.told() for member in self.members]

    async def close(self) -> None:
        for member in self.members:
            await member.client.aclose()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


class PythonMember:
    """One of them."""

    def __init__(self, crowd: PythonClients, person: Person) -> None:
        self.crowd, self.person = crowd, person
        self.client = NioChatClient(
            crowd.url, token=person.token, backoff=SOON, begin_with_snapshot=True, on_state=self.note
        )
        self.fold = Fold()
        self.sent: list[str] = []
        self.waiting = self.opened = 0

    def note(self, state: str, _reason: str) -> None:
        self.opened += state == "connected"

    async def follow(self) -> None:
        async with self.client:
            async for event in self.client:
                if isinstance(event, Snapshot):
                    await self.begin_anew(event)
                else:
                    self.fold.apply(event.raw)

    async def begin_anew(self, snapshot: Snapshot) -> None:
        messages = [row for shown in snapshot.conversations for row in await self.history(shown.id)]
        self.fold.replace(snapshot.data["cursors"], snapshot.data["conversations"], messages)

    async def history(self, conversation_id: int) -> list[Any]:
        rows: list[Any] = []
        while True:
            params = {"limit": PAGE, "offset": len(rows)}
            with suppress(httpx.TransportError, ApiError):  # The server is down just now: asked again.
                page = await self.client.rest.call("GET", f"conversations/{conversation_id}/messages", params=params)
                rows += page
                if len(page) < PAGE:
                    return rows
                continue
            await asyncio.sleep(0.2)

    async def talk(self) -> None:
        while True:
            await asyncio.sleep(self.crowd.random.uniform(0.5, 6.5))
            if self.crowd.quiet:
                continue
            lines = [
                f"{self.person.name} {len(self.sent) + number}" for number in range(self.crowd.random.randint(1, 4))
            ]
            self.sent += lines
            self.waiting += len(lines)
            with suppress(ClientClosed):  # The run is over; what was not confirmed stays in `waiting`.
                await asyncio.gather(*(self.client.send_message(self.person.conversation, line) for line in lines))
                self.waiting -= len(lines)

    def told(self) -> Told:
        fold = self.fold
        state = json.loads(json.dumps(fold.state()))
        return Told(self.person.name, state, self.sent, self.waiting, fold.wrong, fold.heard, self.opened)


class NodeClients:
    """Clients of clients/js, in one process of Node."""

    def __init__(self, url: str, people: list[Person], log: Path) -> None:
        self.url, self.people, self.log = url, people, log

    async def open(self) -> None:
        with self.log.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                "node",
                "bench/cuts/node_clients.mjs",
                self.url,
                JS_LIBRARY,
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=output,
                limit=LONGEST_LINE,
            )
        people = [{"name": one.name, "token": one.token, "conversation": one.conversation} for one in self.people]
        self.say(open=people)

    def say(self, **words: Any) -> None:
        if self.process.stdin is None:
            raise RuntimeError("Node was started with a pipe.")
        self.process.stdin.write(json.dumps(words).encode() + b"\n")

    def hush(self) -> None:
        self.say(quiet=True)

    async def tell(self) -> list[Told]:
        if self.process.stdout is None:
            raise RuntimeError("Node was started with a pipe.")
        self.say(tell=True)
        line = await self.process.stdout.readline()
        if not line:
            raise AssertionError(f"Node ended:\n{self.log.read_text()[-3000:]}")
        return [told_by_node(row) for row in json.loads(line)["clients"]]

    async def close(self) -> None:
        if self.process.stdin and self.process.returncode is None:
            self.process.stdin.close()
            await self.process.wait()


def told_by_node(row: dict[str, Any]) -> Told:
    conversations = {key: without_previous(value) for key, value in row["conversations"].items()}
    state = {"conversations": conversations, "messages": row["messages"]}
    rest = {name: row[name] for name in ("name", "sent", "waiting", "wrong", "heard", "opened", "problems")}
    return Told(state=state, **rest)


def without_previous(conversation: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in conversation.items() if name not in ("previous", "type")}
