"""A search finds what people mean: by names and by what was said, whatever the accents and capitals."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.models import Conversation, Inbox, Message
from tests.trade import written
from tests.world import Person

API = "/api/v1/"
EXPLAINED = {"postgresql": "EXPLAIN", "sqlite": "EXPLAIN QUERY PLAN"}


@pytest.fixture
def spoken(site: Inbox) -> Conversation:
    for content in ("Quero a orquídea São João", "E o vaso?", "Achei: ORQUIDEA branca, 100% viva"):
        message = written(site, content, external_id=content)
    conversation = message.conversation
    contact = conversation.contact
    contact.name, contact.email = "José Conceição", "JOSE@correio.example"
    contact.save()
    return conversation


@pytest.mark.parametrize("text", ["orquidea", "ORQUÍDEA", "orquídea", "sao joao", "jose conceicao", "CONCEIÇÃO", "0%"])
def test_accents_and_capitals_do_not_matter(ana: Person, spoken: Conversation, text: str) -> None:
    written(spoken.inbox, "Outra pessoa, 100 vasos", identifier="v:outra")
    found = ana.client().get(f"{API}conversations", {"search": text}).json()

    # Two characters are looked for in names only.
    assert [one["id"] for one in found] == ([] if text == "0%" else [spoken.pk])


@pytest.mark.parametrize("text", ["jose", "Conceicao", "jose@correio"])
def test_contacts_are_found_in_the_same_way(ana: Person, spoken: Conversation, text: str) -> None:
    found = ana.client().get(f"{API}contacts", {"search": text}).json()

    assert [one["id"] for one in found] == [spoken.contact_id]


def test_a_conversation_tells_which_of_its_messages_say_it(ana: Person, spoken: Conversation) -> None:
    answer = ana.client().get(f"{API}conversations/{spoken.pk}/messages", {"search": "orquidea"})
    assert [one["content"][:5] for one in answer.json()] == ["Quero", "Achei"]
    assert answer["X-Total-Count"] == "2"

    escaped = ana.client().get(f"{API}conversations/{spoken.pk}/messages", {"search": "100%"})
    assert [one["content"][:5] for one in escaped.json()] == ["Achei"]


def test_the_messages_are_looked_through_once(ana: Person, spoken: Conversation) -> None:
    """A search of each conversation by itself took seconds in a company with some thousand messages."""
    with CaptureQueriesContext(connection) as asked:
        ana.client().get(f"{API}conversations", {"search": "orquidea"})
    listing = next(query["sql"] for query in asked if "LIMIT 50" in query["sql"])

    with connection.cursor() as cursor:
        cursor.execute(f"{EXPLAINED[connection.vendor]} {listing}")
        plan = str(cursor.fetchall())
    # What either database says of a search that is made anew for each row.
    assert "CORRELATED" not in plan
    assert "(SubPlan" not in plan.replace("hashed SubPlan", "")


def test_what_is_looked_for_is_what_the_index_holds(spoken: Conversation) -> None:
    rows = Message.objects.filter(content__plain__contains="orquidea")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "message_search" in rows.order_by().explain()
    assert rows.count() == 2
