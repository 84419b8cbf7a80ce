"""How many queries a hot request makes; the tests hold the same requests to a fixed number."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from bench import world
from bench.writes import conversations_of

# The transaction's own beginning and end, and the ring at the worker's door after it.
APART = ("BEGIN", "SET TRANSACTION", "COMMIT", "SAVEPOINT", "RELEASE", "NOTIFY")


def counted() -> Iterator[str]:
    """One line for each request, the second of its kind: the first of a process looks up what is kept from then on."""
    tenant = world.company()
    # Nothing is drawn here, so nobody has collected what browsers fetch.
    warnings.filterwarnings("ignore", message="No directory at")
    client = APIClient(headers={"authorization": f"Bearer {world.token(world.agents(tenant, 1)[0])}"})
    number = conversations_of(tenant, 30)[0]
    one = f"/api/v1/conversations/{number}"
    for name, method, path, body in (
        ("list of conversations", "get", "/api/v1/conversations", None),
        ("list of messages", "get", f"{one}/messages", None),
        ("send a message", "post", f"{one}/messages", {"content": "Olá"}),
        ("send one again", "post", f"{one}/messages", {"content": "Olá", "client_message_id": "q1"}),
        ("snapshot", "get", "/api/v1/snapshot", None),
    ):
        ask = partial(getattr(client, method), path, body, format="json")
        ask()
        with CaptureQueriesContext(connection) as queries:
            answer = ask()
        asked = [query for query in queries if not str(query["sql"]).startswith(APART)]
        yield f"  {name:28} {len(asked):3}   ({answer.status_code})"
