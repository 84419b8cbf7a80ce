"""What every simulated provider has: moods, a post that delivers to the product, and a list of what its people see."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import httpx

Item = dict[str, Any]
RETRY_S = 0.5
POST_TIMEOUT_S = 10.0
TRIED_AGAIN = frozenset({0, 429, 500, 502, 503, 504})


@dataclass
class Moods:
    """How a provider behaves. `answers` are taken one by one by the next calls that send (`Handler.refusals`, besides
    `timeout` and `taken_but_silent`); the rest is true until it is changed.
    """

    answers: deque[str] = field(default_factory=deque)
    # Of what it posts: the share that comes twice, any order instead of the right one, how late, and badly signed.
    duplicates: float = 0.0
    shuffled: bool = False
    delay_ms: int = 0
    wrong_signature: bool = False
    # Of what it answers: how long a time-out takes, when to come back after a 429, and whether its files are gone.
    timeout_s: float = 30.0
    retry_after_s: int = 3
    media_expired: bool = False

    def __post_init__(self) -> None:
        self.answers = deque(self.answers)


class Parcel(NamedTuple):
    """Something to post: when (by the monotonic clock), where to, with which headers."""

    due: float
    url: str
    headers: Mapping[str, str]
    raw: bytes


class World:
    """A provider without its words. `changed` is notified of all that happens; `answers` are the posts' statuses."""

    moods_type: type[Moods] = Moods

    def __init__(self) -> None:
        self.moods = self.moods_type()
        self.sent: list[Item] = []
        self.shown: list[Item] = []
        self.answers: list[int] = []
        self.outbox: list[Parcel] = []
        self.chance = random.Random(1)  # noqa: S311 - which delivery comes twice is no secret
        self.changed = threading.Condition()
        self.busy = self.stopping = False
        self.threads: list[threading.Thread] = []

    def begin(self) -> None:
        """Start what goes on by itself."""
        for work in self.works():
            thread = threading.Thread(target=work, name=f"simulated-{work.__name__}", daemon=True)
            self.threads.append(thread)
            thread.start()

    def works(self) -> list[Any]:
        return [self.post_all]

    def stop(self) -> None:
        with self.changed:
            self.stopping = True
            self.changed.notify_all()
        for thread in self.threads:
            thread.join(POST_TIMEOUT_S)

    def behave(self, given: Mapping[str, Any]) -> None:
        """Take on these moods; all others are good again. Raises TypeError for one that this provider does not have."""
        with self.changed:
            self.moods = self.moods_type(**given)
            self.changed.notify_all()

    def mood(self) -> str:
        """What becomes of the next call that sends; "" for what should."""
        with self.changed:
            return self.moods.answers.popleft() if self.moods.answers else ""

    def idle(self, seconds: float) -> None:
        """Let so much time go by, or all that is left of the simulator's life."""
        with self.changed:
            self.changed.wait_for(lambda: self.stopping, seconds)

    # --- what it posts

    def dispatch(self, url: str, raw: bytes, *, headers: Mapping[str, str] | None = None, after: float = 0.0) -> None:
        """Put something into the post, once or, in that mood, twice and not with the same bytes; `after` in seconds."""
        parcel = Parcel(time.monotonic() + after + self.moods.delay_ms / 1000, url, headers or {}, raw)
        with self.changed:
            self.outbox.append(parcel)
            if self.chance.random() < self.moods.duplicates:
                self.outbox.append(parcel._replace(raw=raw + b" "))
            self.changed.notify_all()

    def address(self, parcel: Parcel) -> str:
        """Where a parcel goes to; "" keeps it until somebody has said."""
        return parcel.url

    def proof(self, parcel: Parcel) -> Mapping[str, str]:
        """The headers by which the product knows that it was us."""
        return parcel.headers

    def heard(self, answer: httpx.Response) -> None:
        """The product has answered."""

    def post_all(self) -> None:
        with httpx.Client(timeout=POST_TIMEOUT_S, trust_env=False) as client:
            while parcel := self.next_parcel():
                status = self.posted(client, parcel)
                with self.changed:
                    self.answers.append(status)
                    if status in TRIED_AGAIN:
                        self.outbox.append(parcel._replace(due=time.monotonic() + RETRY_S))
                    self.busy = False
                    self.changed.notify_all()

    def next_parcel(self) -> Parcel | None:
        """The next that is due, or any of them in a shuffled mood; None at the end."""
        with self.changed:
            while not self.stopping:
                moment = time.monotonic()
                if due := [one for one in self.outbox if one.due <= moment and self.address(one)]:
                    chosen = self.chance.choice(due) if self.moods.shuffled else min(due, key=lambda one: one.due)
                    self.outbox.remove(chosen)
                    self.busy = True
                    return chosen
                self.changed.wait(0.05 if self.outbox else 1.0)
        return None

    def posted(self, client: httpx.Client, parcel: Parcel) -> int:
        """The status of the answer, 0 for none."""
        proof = self.proof(parcel)
        if self.moods.wrong_signature:
            proof = {name: spoilt(value) for name, value in proof.items()}
        headers = {"Content-Type": "application/json", **proof}
        try:
            answer = client.post(self.address(parcel), content=parcel.raw, headers=headers)
        except httpx.HTTPError:
            return 0
        self.heard(answer)
        return answer.status_code

    def quiet(self, timeout: float = 60.0) -> bool:
        """Wait until everything has been posted."""
        with self.changed:
            return self.changed.wait_for(lambda: not self.outbox and not self.busy, timeout)

    def answered(self, count: int, timeout: float = 60.0) -> list[int]:
        """The statuses of the first so many posts, as soon as they have been answered."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.answers) >= count, timeout)
            return list(self.answers)

    # --- what its people see

    def show(self, event: Item) -> None:
        with self.changed:
            self.shown.append({"number": len(self.shown) + 1, "at": time.time(), **event})
            self.changed.notify_all()

    def shown_after(self, number: int, wait_s: float) -> list[Item]:
        """What is shown beyond this number; waits for the next if there is nothing yet."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.shown) > number or self.stopping, wait_s)
            return self.shown[number:]


def spoilt(value: str) -> str:
    """As well formed as the right one, and wrong."""
    return f"{value[:-1]}{'1' if value.endswith('0') else '0'}"


def told(moods: Moods) -> Item:
    """Moods as JSON."""
    return {one.name: getattr(moods, one.name) for one in fields(moods)} | {"answers": list(moods.answers)}
