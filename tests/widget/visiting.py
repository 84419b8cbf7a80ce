"""A visitor's browser on a customer's site."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.timezone import now
from rest_framework.test import APIClient

from conversations.models import Inbox
from conversations.visitors import Visitor, mint, stranger
from realtime.models import Connection
from tests.world import Person

SHOP = "https://loja.example"


class Browser:
    """Sends the widget's requests from one site, with the token that it was given."""

    def __init__(self, inbox: Inbox, *, site: str = SHOP, token: str = "") -> None:
        self.base = f"/api/v1/widget/{inbox.token}"
        self.headers: dict[str, Any] = {"HTTP_ORIGIN": site}
        self.client = APIClient()
        self.token = token

    def get(self, path: str = "", **query: Any) -> Any:
        return self.client.get(f"{self.base}{path}", query, **self.sent())

    def post(self, path: str, body: dict[str, Any] | None = None, **more: Any) -> Any:
        return self.client.post(f"{self.base}{path}", body or {}, **{"format": "json", **self.sent(), **more})

    def preflight(self, path: str, method: str = "POST") -> Any:
        asked: dict[str, Any] = {
            "HTTP_ACCESS_CONTROL_REQUEST_METHOD": method,
            "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "authorization",
        }
        return self.client.options(f"{self.base}{path}", **self.headers, **asked)

    def begin(self, **who: str) -> dict[str, Any]:
        """Get a token, and keep it."""
        answer = self.post("/sessions", who).json()
        self.token = answer["token"]
        return dict(answer)

    def sent(self) -> dict[str, Any]:
        return self.headers | ({"HTTP_AUTHORIZATION": f"Bearer {self.token}"} if self.token else {})


def browser_of(inbox: Inbox, identifier: str) -> Browser:
    """The browser of somebody whom the inbox knows by this name."""
    return Browser(inbox, token=mint(Visitor(inbox=inbox, identifier=identifier)))


def browser_of_stranger(inbox: Inbox) -> Browser:
    return Browser(inbox, token=mint(stranger(inbox)))


def there(person: Person) -> None:
    """The person holds a socket."""
    Connection.objects.create(
        id=f"c{person.user_id}",
        process="p",
        tenant_id=person.tenant_id,
        user_id=person.user_id,
        expires_at=now() + timedelta(seconds=45),
    )
