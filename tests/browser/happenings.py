"""Something of everything that a dashboard is told about, made to happen by REST in the demo's company."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from websockets.sync.client import ClientConnection, connect

Token = Callable[[str], str]
# Of whatever is waited for: far longer than it takes on a machine that has much else to do.
PATIENCE_S = 60


class Colleague:
    """One who talks to the socket in plain frames."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, type: str, **fields: Any) -> None:  # noqa: A002 - the frame's own word
        self.socket.send(json.dumps({"type": type, **fields}))

    def hears(self, type: str, **fields: Any) -> Any:  # noqa: A002
        """The data of the next frame of this type that has these fields."""
        until = monotonic() + PATIENCE_S
        while (left := until - monotonic()) > 0:
            frame = json.loads(self.socket.recv(left))
            if frame["type"] == type and fields.items() <= frame["data"].items():
                return frame["data"]
        raise TimeoutError(f"{type} {fields} was not said.")


class Company:
    """The demo's company: what its people and its customers do."""

    def __init__(self, server: str, token: Token) -> None:
        self.server, self.token = server, token
        self.api = self.of("supervisor")
        self.agents = self.of("agent")
        self.inbox = self.made_inbox()

    def of(self, username: str) -> httpx.Client:
        bearer = {"Authorization": f"Bearer {self.token(username)}"}
        return httpx.Client(base_url=f"{self.server}/api/v1", headers=bearer, timeout=PATIENCE_S)

    def made_inbox(self) -> Any:
        """An inbox into which a program writes customers' messages."""
        with self.of("admin") as admin:
            return done(admin.post("/inboxes", json={"name": f"Loja {uuid4().hex[:6]}", "channel": "api"}))

    def customer_writes(self, content: str, name: str = "João Silva", identifier: str = "") -> Any:
        """A customer's message; the same identifier is the same customer."""
        contact = {"identifier": identifier or uuid4().hex, "name": name, "phone": "+5511999999999"}
        body = {"contact": contact, "content": content, "external_id": uuid4().hex}
        headers = {"Authorization": f"Bearer {self.inbox['key']}"}
        return done(self.api.post(f"/inboxes/{self.inbox['id']}/inbound", json=body, headers=headers))

    def everything(self, mark: str) -> None:
        """A conversation from its beginning to its rating, and a colleague who comes."""
        message = self.customer_writes(f"Oi {mark}")
        other = done(self.api.post("/contacts", json={"name": f"Ana {mark}"}))
        done(self.api.post("/conversations", json={"contact_id": other["id"], "inbox_id": self.inbox["id"]}))
        done(self.agents.put(f"/messages/{message['id']}/reactions", json={"reaction": "👍"}))
        path = f"/conversations/{message['conversation_id']}"
        wrong = done(self.agents.post(f"{path}/messages", json={"content": f"errado {mark}"}))
        done(self.agents.delete(f"/messages/{wrong['id']}"))
        self.rated(path, mark)
        self.comes_and_goes("agent2")

    def rated(self, path: str, mark: str) -> None:
        done(self.agents.post(f"{path}/close"))
        survey = done(self.agents.post(f"{path}/survey"))
        rating = {"rating": 5, "feedback": f"Excelente atendimento {mark}"}
        httpx.post(
            f"{self.server}/api/v1/surveys/{survey['token']}", json=rating, timeout=PATIENCE_S
        ).raise_for_status()

    def messages(self, conversation: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = done(self.agents.get(f"/conversations/{conversation}/messages"))
        return found

    def closes(self, conversation: int) -> None:
        done(self.agents.post(f"/conversations/{conversation}/close"))

    def user(self, username: str) -> Any:
        with self.of(username) as person:
            return done(person.get("/auth/me"))

    def comes_and_goes(self, username: str) -> None:
        with self.colleague(username):
            pass

    @contextmanager
    def colleague(self, username: str) -> Iterator[Colleague]:
        """Somebody of the team, connected."""
        address = f"{self.socket}/ws/dashboard/?token={self.token(username)}"
        with connect(address, compression=None, open_timeout=PATIENCE_S) as socket:
            colleague = Colleague(socket)
            colleague.hears("connected")
            yield colleague

    @property
    def socket(self) -> str:
        return f"ws://127.0.0.1:{urlsplit(self.server).port}"

    def close(self) -> None:
        self.api.close()
        self.agents.close()


def done(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None
