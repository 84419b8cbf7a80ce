"""The book holds no customer's name, and its readers see it all the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditRecord
from audit.verification import verify
from conversations import actions
from conversations.models import Contact, Conversation, Inbox
from tests.trade import published, reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
ABOUT_JOANA = ("Joana", "98888-7777", "joana@correio.example")


@pytest.fixture
def busy(ana: Person, site: Inbox, conversation: Conversation) -> Conversation:
    """Joana's conversation, after everything by which her name might have got into the book."""
    changes = {"phone": "+55 91 98888-7777", "email": "joana@correio.example", "name": "Joana Silva e Souza"}
    actions.update_contact(ana.actor, conversation.contact_id, **changes)
    written(site, "sou eu", phone="+55 91 98888-7770", email="joana@correio.example")
    reply(ana, conversation)
    actions.close_conversation(ana.actor, conversation.pk)
    return conversation


def test_no_name_number_or_address_of_a_customer_is_in_the_book(busy: Conversation) -> None:
    kept = json.dumps([record.details for record in AuditRecord.objects.all()], ensure_ascii=False)

    assert [word for word in ABOUT_JOANA if word in kept] == []
    assert verify(busy.tenant_id) == []


def test_readers_see_the_name_that_the_contact_has_now(busy: Conversation, carla: Person) -> None:
    Contact.objects.filter(pk=busy.contact_id).update(name="Joana Souza")

    rows = carla.client().get(f"/api/v1/audit?conversation={busy.pk}").json()
    answer: Any = carla.client().get("/api/v1/audit/export?export=jsonl")
    export = b"".join(answer.streaming_content).decode()

    assert {row["details"]["contact_name"] for row in rows} == {"Joana Souza"}
    assert '"contact_name": "Joana Souza"' in export
    assert "Joana Silva" not in export
    assert verify(busy.tenant_id) == []


def test_the_live_frame_says_the_name(ana: Person, conversation: Conversation) -> None:
    with published(audited=1) as frames:
        reply(ana, conversation)

    (told,) = frames.to("supervisors")
    assert told["data"]["details"]["contact_name"] == "Joana Silva"
    assert told["data"]["details"]["contact_id"] == conversation.contact_id


def test_a_pages_names_cost_one_query(ana: Person, carla: Person, site: Inbox) -> None:
    client = carla.client()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/api/v1/audit")
        return len(captured)

    written(site)
    few = queries()
    for number in range(5):
        written(site, identifier=f"v:{number}", name=f"Pessoa {number}")

    assert queries() == few
