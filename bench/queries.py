"""How many queries a hot request makes; the tests hold the same requests to a fixed number."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from bench import world
from bench.writes import conversations_of


def counted() -> Iterator[str]:
    """One line for each request."""
    tenant = world.company()
    client = APIClient(headers={"authorization": f"Bearer {world.token(world.agents(tenant, 1)[0])}"})
    number = conversations_of(tenant, 30)[0]
    one = f"/api/v1/conversations/{number}"
    for name, method, path, body in (
        ("list of conversations", "get", "/api/v1/conversations", None),
        ("list of messages", "get", f"{one}/messages", None),
        ("send a message", "post", f"{one}/messages", {"content": "Olá"}),
        ("send another", "post", f"{one}/messages", {"content": "Olá", "client_message_id": "q1"}),
        ("snapshot", "get", "/api/v1/snapshot", None),
    ):
        with CaptureQueriesContext(connection) as queries:
            answer = getattr(client, method)(path, body, format="json") if body else getattr(client, method)(path)
        yield f"  {name:28} {len(queries):3}   ({answer.status_code})"
