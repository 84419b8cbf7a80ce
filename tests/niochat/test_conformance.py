"""The API does what its document says: requests made up from the document, the answers held against it.

The same requests each time; sound ones and broken ones, with ids that exist and ids that do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from conversations import actions
from conversations.models import Conversation, Inbox
from conversations.visitors import mint, stranger
from tests.routes import api_routes
from tests.world import Person

pytestmark = pytest.mark.django_db
SOUND, BROKEN, READING = 5, 4, 2
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
DOCUMENT: Any = Client().get("/api/v1/schema/", headers={"Accept": "application/json"}).json()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
READ = [made.ok() for made in SCHEMA.get_all_operations() if isinstance(made, Ok)]
OPERATIONS = {f"{made.method.upper()} {made.path}": made for made in READ}
READS = [name for name in OPERATIONS if name.startswith("GET ")]
# Those in which something can be wrong: a body, a query, or an id in the path.
BREAKABLE = [
    name
    for name, made in OPERATIONS.items()
    if made.body
    or made.query
    or any(part.definition["schema"].get("type") == "integer" for part in made.path_parameters)
]
# Served without credentials, or asked for others than a bearer.
OPEN = {name for name, made in OPERATIONS.items() if not made.definition.raw.get("security", [{}])[0]}


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """A request ends, the test's transaction does not."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def ids(things: dict[str, int], site: Inbox, conversation: Conversation, ana: Person) -> dict[str, Any]:
    """One thing of each kind that a path can name, by its number or its secret."""
    return things | {"token": actions.send_survey(ana.actor, conversation.pk).token, "key": site.token}


def tried(name: str, mode: GenerationMode, examples: int, ask: Any) -> None:
    """Make up requests for an operation, the same each time, and ask each."""
    strategy = OPERATIONS[name].as_strategy(generation_mode=mode)

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy, real=st.booleans())
    def run(case: Case[Any], *, real: bool) -> None:
        cache.clear()  # So many requests a second are refused as too many.
        ask(case, real)

    run()


def answered(case: Case[Any], credential: str) -> Any:
    """Send it, and hold the answer against the document."""
    case.headers.pop("Authorization", None)
    case.headers["Accept-Encoding"] = "identity"  # The caller reads a body as it comes.
    if credential:
        case.headers["Authorization"] = f"Bearer {credential}"
    response = case.call(app=WSGIHandler(), base_url="http://testserver")
    case.validate_response(response, checks=CHECKS)
    return response


def with_ids(case: Case[Any], ids: dict[str, Any]) -> None:
    """Let it name things that exist."""
    case.path_parameters = {name: ids.get(name, value) for name, value in (case.path_parameters or {}).items()}


@pytest.mark.parametrize(
    ("name", "mode"),
    [(name, GenerationMode.POSITIVE) for name in OPERATIONS] + [(name, GenerationMode.NEGATIVE) for name in BREAKABLE],
    ids=[f"{name} sound" for name in OPERATIONS] + [f"{name} broken" for name in BREAKABLE],
)
def test_an_admin_is_answered_as_the_document_says(
    davi: Person, ids: dict[str, Any], site: Inbox, name: str, mode: GenerationMode
) -> None:
    def ask(case: Case[Any], real: bool) -> None:
        if real:
            with_ids(case, ids)
        answered(case, mint(stranger(site)) if "/widget/" in name else davi.token())

    tried(name, mode, SOUND if mode is GenerationMode.POSITIVE else BROKEN, ask)


@pytest.mark.parametrize("who", ["ana", "carla"])
@pytest.mark.parametrize("name", READS)
def test_an_agent_and_a_supervisor_read_what_the_document_says(
    request: pytest.FixtureRequest, ids: dict[str, Any], name: str, who: str
) -> None:
    person: Person = request.getfixturevalue(who)

    def ask(case: Case[Any], real: bool) -> None:
        with_ids(case, ids)
        answered(case, person.token())

    tried(name, GenerationMode.POSITIVE, READING, ask)


@pytest.mark.parametrize("name", OPERATIONS)
def test_without_credentials_it_is_401_as_the_document_says(ids: dict[str, Any], name: str) -> None:
    def ask(case: Case[Any], real: bool) -> None:
        with_ids(case, ids)
        response = answered(case, "")
        assert name in OPEN or response.status_code == 401

    tried(name, GenerationMode.POSITIVE, 1, ask)


def test_every_operation_of_the_url_map_is_in_the_document() -> None:
    # What describes the API is no part of it.
    described = {f"{method} /api/v1/{route.path}" for route in api_routes() for method in route.permissions}

    assert described == set(OPERATIONS)
