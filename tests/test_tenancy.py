"""A tenant sees only its own: every route and every command with an id, tried with another company's.

Another company's id must be answered exactly as one that does not exist. The routes are enumerated from the URL map:
one with an id that `things` (tests/trade.py) does not know fails until it is covered.
"""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist

from accounts.errors import NotFound, UnknownReference
from conversations.models import Conversation, Inbox
from dashboard import commands as execute
from realtime import commands
from tests.routes import API, Route, api_routes
from tests.trade import written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
MISSING = 987_654_321
# Reached by a random or signed name, or by the inbox's own secret: there is no id of a member's to try.
BY_SECRET = ("widget/", "surveys/", "inboxes/{inbox_id}/inbound")
BODIES: dict[str, Any] = {
    "assign": {"user_id": None},
    "transfer": {"user_id": 1},
    "snooze": {"until": "2199-01-01T00:00:00Z"},
    "messages": {"content": "Oi"},
    "reactions": {"reaction": "👍"},
}


def with_ids() -> list[Route]:
    return [route for route in api_routes() if "{" in route.path and not route.path.startswith(BY_SECRET)]


def asked(person: Person, method: str, route: Route, number: int) -> tuple[int, Any]:
    """What a route answers for this number in the place of its id."""
    path = "/" + API + re.sub(r"{\w+}", str(number), route.path)
    body = BODIES.get(route.path.rsplit("/", 1)[-1], {})
    if route.path.endswith("/attachments"):
        answer = person.client().post(path, {"file": io.BytesIO(b"oi")}, format="multipart")
    else:
        answer = getattr(person.client(), method.lower())(path, body, format="json")
    return answer.status_code, answer.data


def test_another_companys_id_in_a_path_is_answered_as_a_missing_one(things: dict[str, int], fabio: Person) -> None:
    tried = 0
    for route in with_ids():
        cache.clear()  # So many requests a second are refused as too many.
        (name,) = re.findall(r"{(\w+)}", route.path)
        for method in route.permissions:
            theirs = asked(fabio, method, route, things[name])
            missing = asked(fabio, method, route, MISSING)
            assert theirs == missing, f"{method} {route.path}"
            assert theirs[0] == 404, f"{method} {route.path}: {theirs}"
            tried += 1
    assert tried > 30


@pytest.mark.parametrize(
    ("path", "body", "attr"),
    [
        ("conversations", {"contact_id": "contact_id", "inbox_id": "own"}, "contact_id"),
        ("conversations", {"contact_id": "own", "inbox_id": "inbox_id"}, "inbox_id"),
        ("conversations/{own}/assign", {"user_id": "user_id"}, "user_id"),
        ("conversations/{own}/transfer", {"user_id": "user_id"}, "user_id"),
        ("conversations/{own}/transfer", {"team_id": "team_id"}, "team_id"),
        ("conversations/{own}/messages", {"content": "Oi", "reply_to": "message_id"}, "reply_to"),
        ("conversations/{own}/messages", {"content": "Oi", "attachments": ["attachment_id"]}, "attachments"),
        ("teams", {"name": "Forno", "user_ids": ["user_id"]}, "user_ids"),
    ],
)
def test_another_companys_id_in_a_body_is_an_unknown_reference(
    things: dict[str, int], fabio: Person, foreign: Conversation, *, path: str, body: dict[str, Any], attr: str
) -> None:
    own = {"contact_id": foreign.contact_id, "inbox_id": foreign.inbox_id}

    def answer(swap: dict[str, int]) -> tuple[int, Any]:
        def value(name: str, given: Any) -> Any:
            if given == "own":
                return own[name]
            if isinstance(given, list):
                return [swap.get(one, one) for one in given]
            return swap.get(given, given)

        filled = {name: value(name, given) for name, given in body.items()}
        reply = fabio.client().post(f"/{API}{path.replace('{own}', str(foreign.pk))}", filled, format="json")
        return reply.status_code, reply.data

    theirs, missing = answer(things), answer(dict.fromkeys(things, MISSING))

    assert theirs == missing
    assert theirs[0] == 400
    assert (theirs[1]["errors"][0]["code"], theirs[1]["errors"][0]["attr"]) == ("does_not_exist", attr)


@pytest.mark.parametrize("name", ["inbox", "team", "contact", "assignee"])
def test_a_filter_by_another_companys_id_finds_nothing(
    things: dict[str, int], fabio: Person, foreign: Conversation, name: str
) -> None:
    number = things["user_id" if name == "assignee" else f"{name}_id"]
    answer = fabio.client().get(f"/{API}conversations?{name}={number}")

    assert (answer.status_code, answer.data) == (200, [])


def test_lists_hold_nothing_of_another_company(things: dict[str, int], fabio: Person) -> None:
    for route in api_routes():
        if "GET" not in route.permissions or "{" in route.path or route.permissions["GET"] == "public":
            continue
        found = fabio.client().get(f"/{API}{route.path}?metric=messages&interval=day")
        assert "Joana" not in str(getattr(found, "data", found)), route.path


COMMANDS: dict[str, dict[str, Any]] = {
    "message": {"content": "Oi"},
    "typing": {"is_typing": True},
    "read": {},
    "sync": {"last_message_id": 1},
    "react": {"reaction": "👍"},
    "delete": {},
}


@pytest.mark.parametrize("name", sorted(execute.HANDLERS))
def test_a_command_with_another_companys_id_is_answered_as_with_a_missing_one(
    things: dict[str, int], fabio: Person, name: str
) -> None:
    model = commands.DASHBOARD[name]
    field = "message_id" if name in ("react", "delete") else "conversation_id"

    def refusal(number: int) -> tuple[type, str]:
        command = model.model_validate({"type": name, field: number, **COMMANDS[name]})
        with pytest.raises((ObjectDoesNotExist, NotFound, UnknownReference)) as refused:
            execute.HANDLERS[name](fabio.actor, command)
        return type(refused.value), str(refused.value)

    assert refusal(things[field]) == refusal(MISSING)


def test_no_room_of_another_company_can_be_entered(things: dict[str, int], fabio: Person) -> None:
    with pytest.raises(Conversation.DoesNotExist):
        execute.may_join(fabio.actor, things["conversation_id"])


def test_a_message_of_another_company_shows_in_no_search(things: dict[str, int], fabio: Person, site: Inbox) -> None:
    written(site, "palavra-rara-xyz", identifier="v:2")

    assert fabio.client().get(f"/{API}conversations?search=palavra-rara").data == []
