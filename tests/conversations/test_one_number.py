"""However a phone number is written, by a provider or by a colleague, it is one customer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from conversations import actions
from conversations.models import Contact, Conversation, Inbox
from conversations.phones import canonical
from jobs.worker import drain
from tests.trade import written
from tests.whatsapp.lines import delivery, post, said, whatsapp_inbox
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "+5591988887777"
# With and without the country, the plus sign, Brazil's ninth digit, the trunk's and a carrier's code, and punctuation.
SPELLINGS = [
    "+55 91 98888-7777", "+5591988887777", "5591988887777", "+55 (91) 8888-7777", "559188887777", "(91) 98888-7777",
    "91 98888 7777", "91 8888-7777", "091 98888-7777", "0055 91 98888-7777", "55.91.98888.7777", "0 15 91 98888-7777",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_spelling_is_one_number(spelling: str):
    assert canonical(spelling) == NUMBER


@pytest.mark.parametrize(
    "other", ["+55 91 3222-7777", "9132227777", "+1 650 253 0000", "+351 912 345 678", "+5491123456789"]
)
def test_no_other_number_is_taken_for_it_or_given_a_ninth_digit(other: str):
    assert canonical(other) not in ("", NUMBER)
    assert "9" not in canonical("+55 91 3222-7777")[5:6]


@pytest.fixture
def line(site: Inbox) -> Inbox:
    return whatsapp_inbox(site.tenant)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_whom_a_colleague_entered_is_who_writes(line: Inbox, ana: Person, spelling: str):
    made = ana.client().post("/api/v1/contacts", {"name": "Joana", "phone": spelling}, format="json")
    for phone in ("559188887777", "5591988887777"):
        post(line, delivery(said(phone=phone, name="")))
    drain()

    assert made.status_code == 201
    assert Contact.objects.count() == Conversation.objects.count() == 1
    assert Conversation.objects.get().contact_id == made.json()["id"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_search_by_any_spelling_finds_who_wrote(line: Inbox, ana: Person, spelling: str):
    post(line, delivery(said(phone="559188887777")))
    drain()

    for route in ("contacts", "conversations"):
        found = ana.client().get(f"/api/v1/{route}", {"search": spelling}).json()
        assert len(found) == 1, route


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_program_that_writes_it_so_has_written_of_the_same_number(
    erp: Inbox, line: Inbox, ana: Person, spelling: str
):
    """An `api` inbox's customers are its own, by its own identifier; the number is known all the same."""
    body: dict[str, Any] = {
        "contact": {"identifier": "c-7", "phone": spelling}, "content": "Oi", "external_id": "x-1",
    }  # fmt: skip
    key = erp.new_secret()
    erp.save()
    answer = APIClient().post(
        f"/api/v1/inboxes/{erp.pk}/inbound", body, format="json", headers={"Authorization": f"Bearer {key}"}
    )

    assert answer.status_code == 200
    assert Contact.objects.get().phone_key == NUMBER


def test_whoever_enters_a_known_number_gets_who_has_it_and_changes_nothing(site: Inbox, ana: Person):
    made = [
        ana.client().post("/api/v1/contacts", {"name": f"Joana {n}", "phone": spelling}, format="json")
        for n, spelling in enumerate(SPELLINGS)
    ]

    assert [answer.status_code for answer in made] == [201, *[200] * (len(SPELLINGS) - 1)]
    assert len({answer.json()["id"] for answer in made}) == Contact.objects.count() == 1
    assert Contact.objects.get().name == "Joana 0"


def entered(person: Person, spelling: str) -> int:
    try:
        return actions.create_contact(person.actor, name="Joana", phone=spelling)[0].pk
    finally:
        connection.close()


def test_five_who_enter_it_at_once_are_one_contact(site: Inbox, ana: Person):
    with ThreadPoolExecutor(5) as pool:
        found = set(pool.map(lambda spelling: entered(ana, spelling), SPELLINGS[:5]))

    assert len(found) == Contact.objects.count() == 1


def test_a_visitors_own_word_takes_the_number_from_nobody(site: Inbox, ana: Person):
    visitor = written(site, phone="+55 91 98888-7777").conversation.contact
    made = ana.client().post("/api/v1/contacts", {"name": "Joana", "phone": "91 8888-7777"}, format="json")

    assert (made.status_code, made.json()["id"] == visitor.pk) == (201, False)


def test_another_contact_can_not_be_given_a_number_that_somebody_has(site: Inbox, ana: Person, fabio: Person):
    joana, _ = actions.create_contact(ana.actor, name="Joana", phone="91 8888-7777")
    pedro, _ = actions.create_contact(ana.actor, name="Pedro")
    theirs, _ = actions.create_contact(fabio.actor, name="Joana", phone="91 8888-7777")
    refused = ana.client().patch(f"/api/v1/contacts/{pedro.pk}", {"phone": NUMBER}, format="json")
    rewritten = ana.client().patch(f"/api/v1/contacts/{joana.pk}", {"phone": NUMBER}, format="json")

    assert (refused.status_code, refused.json()["errors"][0]["code"], refused.json()["errors"][0]["attr"]) == (
        422, "not_unique", "phone",
    )  # fmt: skip
    assert rewritten.status_code == 200
    assert theirs.pk not in (joana.pk, pedro.pk)


@pytest.mark.parametrize(("part", "finds"), [("8888-7777", True), ("98888", True), ("7778", False), ("88-77 77", True)])
def test_a_part_of_it_finds_it_however_it_is_parted(line: Inbox, ana: Person, part: str, *, finds: bool):
    post(line, delivery(said(phone="559188887777")))
    drain()

    assert len(ana.client().get("/api/v1/contacts", {"search": part}).json()) == int(finds)


def test_ten_spellings_by_ten_colleagues_of_two_customers_are_told_apart(line: Inbox, ana: Person):
    actions.create_contact(ana.actor, name="Pedro", phone="+55 91 98888-7778")
    post(line, delivery(said(phone="5591988887777")))
    drain()

    assert Contact.objects.count() == 2
