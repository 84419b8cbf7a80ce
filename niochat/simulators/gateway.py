"""A gateway of our own: phones' sessions with codes that rotate and expire, and the customers who write to them.

`Gateway` is the world; `speech` puts its news into the words of Evolution API or WAHA, `gateway_http` answers calls.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from niochat.simulators import world

Item = dict[str, Any]


@dataclass
class Moods(world.Moods):
    """While `never_scanned`, no phone can connect. `statuses`: whether it reports on what was sent, with `auto_read` up
    to read; `photos`: whether customers show theirs; `echoes`: whether it tells of what we sent ourselves.
    """

    never_scanned: bool = False
    statuses: bool = True
    auto_read: bool = False
    photos: bool = True
    echoes: bool = False


@dataclass
class Session:
    """One phone's session."""

    name: str
    webhook: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    state: str = "close"
    code: str = ""
    count: int = 0
    expires: float = 0.0
    # Of whose writing it tells, while it is connected.
    heard: set[str] = field(default_factory=set)


class Gateway(world.World):
    """Sessions by name, what was sent, and files. `speech` is the dialect's module."""

    moods_type = Moods
    moods: Moods

    def __init__(self, speech: Any, *, api_key: str, qr_s: float = 20.0, qr_most: int = 6, posts_to: str = "") -> None:
        """`posts_to`: the product's root, where that is another than it says (a port of its own, in the demo)."""
        super().__init__()
        self.posts_to = posts_to
        self.speech, self.api_key, self.qr_s, self.qr_most = speech, api_key, qr_s, qr_most
        self.sessions: dict[str, Session] = {}
        self.calls: list[str] = []
        self.media: dict[str, tuple[str, bytes]] = {}
        self.photos: dict[str, bytes] = {}

    def works(self) -> list[Any]:
        return [*super().works(), self.rotate_all]

    def address(self, parcel: world.Parcel) -> str:
        return self.posts_to + urlsplit(parcel.url).path if self.posts_to else parcel.url

    # --- sessions

    def turn(self, session: Session, state: str) -> None:
        """A session comes into a state; whoever holds the phone sees it."""
        session.state = state
        session.code = session.code if state == "qr" else ""
        if state != "open":
            session.heard.clear()
        self.show({"event": "session", "session": session.name, "state": state})

    def resume(self, name: str, *hook: Any) -> None:
        """Have a session as if its phone had been connected all the time."""
        session = self.sessions.setdefault(name, Session(name))
        self.hook(session, *hook)
        self.turn(session, "open")

    def hook(self, session: Session, webhook: str, headers: dict[str, str], events: list[str]) -> None:
        session.webhook, session.headers, session.events = webhook, headers, events

    def start(self, name: str, *hook: Any) -> Session:
        """Begin to connect: codes come, until one is scanned or nobody was there for too long. `hook` is where to post,
        with which headers, and what.
        """
        with self.changed:
            session = self.sessions.setdefault(name, Session(name))
            if hook:
                self.hook(session, *hook)
            if session.state != "open":
                session.state, session.count = "connecting", 0
                self.tell(session, self.speech.connection(session))
                self.next_code(session)
            return session

    def next_code(self, session: Session) -> None:
        session.count += 1
        session.code = f"2@{secrets.token_urlsafe(96)}"
        session.expires = time.monotonic() + self.qr_s
        self.turn(session, "qr")
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
        self.turn(session, "close")
        for told in self.speech.given_up(session):
            self.tell(session, told)
        return None

    def scan(self, name: str) -> bool:
        """A phone scans the current code; False where there is none, and in the mood in which nobody does."""
        with self.changed:
            session = self.sessions[name]
            if session.state != "qr" or self.moods.never_scanned:
                return False
            self.turn(session, "open")
            self.tell(session, self.speech.connection(session))
            return True

    def drop(self, name: str, state: str = "close") -> None:
        """The phone went away, or the gateway looks for it again."""
        with self.changed:
            session = self.sessions[name]
            self.turn(session, state)
            self.tell(session, self.speech.connection(session))

    def restart(self, name: str) -> None:
        """The same phone, connected anew; where there is none, codes come."""
        with self.changed:
            had_phone = self.sessions[name].state == "open"
            for state in (self.speech.ENDED, "connecting"):
                self.drop(name, state)
            if had_phone:
                self.drop(name, "open")
            else:
                self.start(name)

    # --- what our product sends

    def take(self, name: str, to: str, kind: str, content: Item) -> str:
        """A message for a customer: noted, and reported on; returns its id."""
        message_id = f"3EB0{secrets.token_hex(8).upper()}"
        self.sent.append({"id": message_id, "session": name, "to": to, "kind": kind, **content})
        self.show_message("message", to, message_id, content.get("text", ""), content.get("file"))
        session = self.sessions[name]
        if self.moods.echoes:
            self.tell(session, self.speech.message(session, to, message_id, content.get("text", ""), ours=True))
        if self.moods.statuses:
            states = ("sent", "delivered", *(["read"] if self.moods.auto_read else []))
            for number, state in enumerate(states, 1):
                self.report(name, to, message_id, state, after=0.1 * number)
        return message_id

    # --- what happens on phones

    def say(self, name: str, phone: str, text: str = "", *, who: str = "", message_id: str = "", **more: Any) -> str:
        """A customer writes; or, with `ours`, somebody of the team on the phone itself."""
        message_id = message_id or f"3A{secrets.token_hex(9).upper()}"
        if data := more.pop("data", ""):
            self.media[message_id] = (more.get("mime_type", "image/png"), base64.b64decode(data))
        event = "message" if more.get("ours") else "said"
        self.show_message(event, phone, message_id, text, self.media.get(message_id))
        session = self.sessions[name]
        self.tell(session, self.speech.message(session, phone, message_id, text, who=who, **more))
        return message_id

    def show_message(
        self, event: str, phone: str, message_id: str, text: str, file: tuple[str, bytes] | None = None
    ) -> None:
        """Show a message on the customer's phone: theirs (`said`), or the team's."""
        told: Item = {"event": event, "to": phone, "id": message_id, "type": "text", "text": text}
        if file:
            self.media[message_id] = file
            family = file[0].partition("/")[0]
            told |= {"type": "image" if family == "image" else "document", "media": f"/_media/{message_id}"}
        self.show(told)

    def report(self, name: str, phone: str, message_id: str, status: str, *, after: float = 0.0) -> None:
        self.show({"event": "status", "id": message_id, "status": status, "to": phone})
        self.tell(self.sessions[name], self.speech.status(self.sessions[name], phone, message_id, status), after=after)

    def react(
        self, name: str, phone: str, message_id: str, emoji: str, *, ours: bool = True, by_us: bool = False
    ) -> None:
        """A customer, or `by_us` the team on the phone, reacts to a message (`ours`: the business wrote it)."""
        session = self.sessions[name]
        self.tell(session, self.speech.reaction(session, phone, message_id, emoji, ours=ours, by_us=by_us))

    def edit(self, name: str, phone: str, message_id: str, text: str, *, ours: bool = False) -> None:
        """Whoever wrote a message makes something else of it."""
        session = self.sessions[name]
        self.tell(session, self.speech.edited(session, phone, message_id, text, ours=ours))

    def picture(self, name: str, phone: str, content: bytes) -> None:
        """A customer shows another photo, of which not every gateway tells."""
        session = self.sessions[name]
        self.photos[phone] = content
        for told in self.speech.pictured(session, phone, hashlib.sha256(content).hexdigest()[:12]):
            self.tell(session, told)

    def write(self, name: str, phone: str, *, is_typing: bool = True) -> None:
        """A customer is writing, or stops; the gateway tells of it where it was asked to, also of this customer."""
        session = self.sessions[name]
        if self.speech.TYPING in session.events and phone in session.heard:
            self.tell(session, self.speech.presence(session, phone, is_typing=is_typing))

    def ring(self, name: str, phone: str, *, video: bool = False) -> None:
        """A customer calls."""
        session = self.sessions[name]
        self.tell(session, self.speech.call(session, phone, f"CALL{secrets.token_hex(6).upper()}", video=video))

    def reset(self) -> None:
        """The gateway loses all of its sessions, and tells nobody."""
        with self.changed:
            for session in self.sessions.values():
                self.turn(session, "close")
            self.sessions.clear()

    def revoke(self, name: str, phone: str, message_id: str) -> None:
        session = self.sessions[name]
        for told in self.speech.revoked(session, phone, message_id):
            self.tell(session, told)

    # --- the post

    def tell(self, session: Session, body: Item, *, after: float = 0.0) -> None:
        """Post it to the session's webhook, if it has one."""
        if session.webhook:
            self.dispatch(session.webhook, json.dumps(body).encode(), headers=dict(session.headers), after=after)
