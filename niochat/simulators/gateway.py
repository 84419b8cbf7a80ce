"""A gateway of our own: phones' sessions with codes that rotate and expire, and the customers who write to them.

`Gateway` is the world; `speech` puts its news into the words of Evolution API or WAHA, `gateway_http` answers calls.
"""

from __future__ import annotations

import base64
import json
import random
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

Item = dict[str, Any]
RETRY_S = 0.5


@dataclass
class Moods:
    """How the gateway behaves. `answers` (`trouble`, `throttled`, `timeout`, `taken_but_silent`) are taken one by one
    by the next calls that send; while `never_scanned`, no phone can connect.
    """

    answers: deque[str] = field(default_factory=deque)
    duplicates: float = 0.0
    shuffled: bool = False
    delay_s: float = 0.0
    never_scanned: bool = False
    wrong_secret: bool = False
    statuses: bool = True
    photos: bool = True
    echoes: bool = False


@dataclass
class Session:
    """One phone's session."""

    name: str
    webhook: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    state: str = "close"
    code: str = ""
    count: int = 0
    expires: float = 0.0


class Gateway:
    """Sessions by name, what was sent, files, moods, and the post. `speech` is the dialect's module."""

    def __init__(self, speech: Any, *, api_key: str, qr_s: float = 20.0, qr_most: int = 6) -> None:
        self.speech, self.api_key, self.qr_s, self.qr_most = speech, api_key, qr_s, qr_most
        self.moods = Moods()
        self.sessions: dict[str, Session] = {}
        self.sent: list[Item] = []
        self.calls: list[str] = []
        self.media: dict[str, tuple[str, bytes]] = {}
        self.photos: dict[str, bytes] = {}
        self.answers: list[int] = []
        self.chance = random.Random(1)  # noqa: S311 - which delivery comes twice is no secret
        self.changed = threading.Condition()
        self.outbox: deque[tuple[float, str, dict[str, str], bytes]] = deque()
        self.busy = False
        self.stopping = False
        self.threads = [self.began(self.post_all), self.began(self.rotate_all)]

    def began(self, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work, name="simulated-gateway", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        with self.changed:
            self.stopping = True
            self.changed.notify_all()
        for thread in self.threads:
            thread.join(5)

    # --- sessions

    def start(self, name: str, webhook: str = "", headers: dict[str, str] | None = None) -> Session:
        """Begin to connect: from now on codes come, until one is scanned or nobody was there for too long."""
        with self.changed:
            session = self.sessions.setdefault(name, Session(name))
            session.webhook, session.headers = webhook or session.webhook, headers or session.headers
            if session.state != "open":
                session.state, session.count = "connecting", 0
                self.tell(session, self.speech.connection(session))
                self.next_code(session)
            return session

    def next_code(self, session: Session) -> None:
        session.count += 1
        session.state = "qr"
        session.code = f"2@{secrets.token_urlsafe(96)}"
        session.expires = time.monotonic() + self.qr_s
        self.tell(session, self.speech.qr(session))
        self.changed.notify_all()

    def rotate_all(self) -> None:
        with self.changed:
            while not self.stopping:
                for session in list(self.sessions.values()):
                    if session.state == "qr" and time.monotonic() >= session.expires:
                        self.expire(session)
                self.changed.wait(0.05)

    def expire(self, session: Session) -> None:
        if session.count < self.qr_most:
            return self.next_code(session)
        session.state, session.code = "close", ""
        self.tell(session, self.speech.given_up(session))
        return None

    def scan(self, name: str) -> bool:
        """A phone scans the current code; False where there is none, and in the mood in which nobody does."""
        with self.changed:
            session = self.sessions[name]
            if session.state != "qr" or self.moods.never_scanned:
                return False
            session.state, session.code = "open", ""
            self.tell(session, self.speech.connection(session))
            return True

    def drop(self, name: str, state: str = "close") -> None:
        """The phone went away, or the gateway looks for it again."""
        with self.changed:
            session = self.sessions[name]
            session.state, session.code = state, ""
            self.tell(session, self.speech.connection(session))

    # --- what our product sends

    def take(self, name: str, to: str, kind: str, content: Item) -> str:
        """A message for a customer: noted, and reported on; returns its id."""
        message_id = f"3EB0{secrets.token_hex(8).upper()}"
        self.sent.append({"id": message_id, "session": name, "to": to, "kind": kind, **content})
        session = self.sessions[name]
        if self.moods.echoes:
            self.tell(session, self.speech.message(session, to, message_id, content.get("text", ""), ours=True))
        if self.moods.statuses:
            for number, state in enumerate(("sent", "delivered"), 1):
                self.report(name, to, message_id, state, after=0.1 * number)
        return message_id

    # --- what happens on phones

    def say(self, name: str, phone: str, text: str = "", *, who: str = "", message_id: str = "", **more: Any) -> str:
        """A customer writes; or, with `ours`, somebody of the team on the phone itself."""
        message_id = message_id or f"3A{secrets.token_hex(9).upper()}"
        if data := more.pop("data", ""):
            self.media[message_id] = (more.get("mime_type", "image/png"), base64.b64decode(data))
        session = self.sessions[name]
        self.tell(session, self.speech.message(session, phone, message_id, text, who=who, **more))
        return message_id

    def report(self, name: str, phone: str, message_id: str, status: str, *, after: float = 0.0) -> None:
        self.tell(self.sessions[name], self.speech.status(self.sessions[name], phone, message_id, status), after=after)

    def react(self, name: str, phone: str, message_id: str, emoji: str, *, ours: bool = True) -> None:
        """A customer reacts to a message (`ours`: the business wrote it)."""
        session = self.sessions[name]
        self.tell(session, self.speech.reaction(session, phone, message_id, emoji, ours=ours))

    def revoke(self, name: str, phone: str, message_id: str) -> None:
        session = self.sessions[name]
        self.tell(session, self.speech.revoked(session, phone, message_id))

    # --- the post

    def tell(self, session: Session, body: Item, *, after: float = 0.0) -> None:
        """Put a delivery into the post, once or, in that mood, twice."""
        raw = json.dumps(body).encode()
        secret = dict.fromkeys(session.headers, "wrong") if self.moods.wrong_secret else session.headers
        due = time.monotonic() + after + self.moods.delay_s
        with self.changed:
            self.outbox.append((due, session.webhook, dict(secret), raw))
            if self.chance.random() < self.moods.duplicates:
                self.outbox.append((due, session.webhook, dict(secret), raw + b" "))
            self.changed.notify_all()

    def post_all(self) -> None:
        with httpx.Client(timeout=10, trust_env=False) as client:
            while delivery := self.next_delivery():
                _due, url, headers, raw = delivery
                status = posted(client, url, headers, raw)
                with self.changed:
                    self.answers.append(status)
                    if status in (0, 500, 502, 503) and not self.stopping:
                        self.outbox.append((time.monotonic() + RETRY_S, url, headers, raw))
                    self.busy = False
                    self.changed.notify_all()

    def next_delivery(self) -> tuple[float, str, dict[str, str], bytes] | None:
        """The next delivery that is due, or any of them in a shuffled mood; None at the end."""
        with self.changed:
            while not self.stopping:
                due = [one for one in self.outbox if one[0] <= time.monotonic()]
                if due:
                    chosen = self.chance.choice(due) if self.moods.shuffled else min(due, key=lambda one: one[0])
                    self.outbox.remove(chosen)
                    self.busy = True
                    return chosen
                self.changed.wait(0.05 if self.outbox else 1.0)
        return None

    def quiet(self, timeout: float = 10.0) -> bool:
        """Wait until everything has been posted."""
        with self.changed:
            return self.changed.wait_for(lambda: not self.outbox and not self.busy, timeout)


def posted(client: httpx.Client, url: str, headers: dict[str, str], raw: bytes) -> int:
    """The status of the answer, 0 for none."""
    try:
        return client.post(url, content=raw, headers={"Content-Type": "application/json", **headers}).status_code
    except httpx.HTTPError:
        return 0
