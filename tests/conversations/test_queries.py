"""What the hot requests ask of the database: a number that does not grow with what is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Tenant
from conversations import actions
from conversations.models import Attachment, Conversation, Delivery, Inbox, Message
from jobs.worker import drain
from realtime.models import Epoch
from tests.trade import reply, written
from tests.whatsapp.lines import delivery, post, said, whatsapp_inbox
from tests.world import Person

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
# The transaction's own beginning and end, and the ring at the worker's door after it.
APART = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "NOTIFY")


class Statements(list[str]):
    """What was asked in a block."""


@contextmanager
def asked() -> Iterator[Statements]:
    statements = Statements()
    with CaptureQueriesContext(connection) as captured:
        yield statements
    said = [str(query["sql"]).strip() for query in captured]
    statements += [sql for sql in said if not sql.startswith(APART)]


@pytest.fixture
def busy(ana: Person, carla: Person, site: Inbox, conversation: Conversation) -> Conversation:
    """Thirty conversations with labels, and one with forty messages, files apart of every kind."""
    Epoch.current()
    for name in ("vip", "atraso"):
        actions.create_label(carla.actor, name=name)
    for number in range(29):
        other = written(site, "oi", identifier=f"v:{number}").conversation
        actions.update_conversation(ana.actor, other.pk, labels=["vip", "atraso"])
    for number in range(20):
        message = written(site, f"pergunta {number}")
        reply(ana, conversation, "resposta", reply_to=message.pk)
        actions.react(ana.actor, message.pk, "👍")
    return conversation


@pytest.fixture
def api(ana: Person) -> APIClient:
    return ana.client()


def ok(answer: Any) -> Any:
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_page_of_conversations_costs_three_and_one_more_where_others_follow(busy: Conversation, api: APIClient):
    with asked() as statements:
        assert len(ok(api.get("/api/v1/conversations"))) == 30
    with asked() as of_several:
        assert len(ok(api.get("/api/v1/conversations?limit=10"))) == 10

    assert (len(statements), len(of_several)) == (3, 4), statements


def test_a_page_of_messages_costs_four_and_one_more_where_others_follow(busy: Conversation, api: APIClient):
    path = f"/api/v1/conversations/{busy.pk}/messages"
    with asked() as statements:
        assert len(ok(api.get(path))) == 41
    with asked() as of_several:
        assert len(ok(api.get(f"{path}?limit=10"))) == 10

    assert (len(statements), len(of_several)) == (4, 5), statements


def test_sending_costs_nine_and_ending_somebodys_wait_one_more(busy: Conversation, api: APIClient, site: Inbox):
    path = f"/api/v1/conversations/{busy.pk}/messages"
    with asked() as plain:
        ok(api.post(path, {"content": "Olá!"}))
    written(site, "pergunta")
    with asked() as whole:
        ok(api.post(path, {"content": "Olá!", "client_message_id": "c1"}))
    with asked() as again:
        ok(api.post(path, {"content": "Olá!", "client_message_id": "c1"}))

    assert (len(plain), len(whole), len(again)) == (9, 11, 7), whole


def test_what_a_known_customer_writes_costs_nine(busy: Conversation, site: Inbox):
    with asked() as statements:
        written(site, "mais uma coisa", client_message_id="w1")

    assert len(statements) == 9, statements


def test_the_door_of_an_api_inbox_costs_one_more_and_a_repeat_little(erp: Inbox):
    _inbox, key = erp, erp.new_secret()
    erp.save()
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    body = {"contact": {"identifier": "cliente-7"}, "content": "pedido"}
    path = f"/api/v1/inboxes/{erp.pk}/inbound"
    ok(program.post(path, body | {"external_id": "x0"}))

    with asked() as first:
        ok(program.post(path, body | {"external_id": "x1"}))
    with asked() as again:
        ok(program.post(path, body | {"external_id": "x1"}))

    assert (len(first), len(again)) == (9, 8), first


def test_a_first_message_of_somebody_new_costs_thirteen(busy: Conversation, site: Inbox):
    with asked() as statements:
        written(site, "oi", identifier="v:nova")

    assert len(statements) == 13, statements


@pytest.mark.django_db(transaction=True)
def test_the_door_for_providers_costs_three_and_wakes_its_reader_once(aurora: Tenant):
    line = whatsapp_inbox(aurora)
    post(line, delivery(said("um")))

    with CaptureQueriesContext(connection) as whole:
        assert post(line, delivery(said("dois"))).status_code == 200

    statements = [str(query["sql"]).split()[0] for query in whole]
    assert statements == ["SELECT", "BEGIN", "INSERT", "COMMIT", "INSERT"]


@pytest.mark.django_db(transaction=True)
def test_reading_what_a_known_customer_wrote_costs_seven_and_the_delivery_itself_nothing(aurora: Tenant):
    Epoch.current()
    line = whatsapp_inbox(aurora)
    costs = []
    for number in (1, 2, 5):
        for _ in range(number):
            post(line, delivery(said("Oi")))
        with asked() as statements:
            drain()
        costs.append(len(statements))

    assert (costs[2] - costs[1]) / 3 == 7, statements


def test_what_a_customer_has_not_read_and_what_a_company_stores_are_found_by_an_index(busy: Conversation, ana: Person):
    """However long the conversation, and however many files there are."""
    for number in range(300):
        reply(ana, busy, f"resposta {number}")
    Message.objects.filter(conversation=busy).update(status=Delivery.READ)
    newest = reply(ana, busy, "a última")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE conversations_message")
        cursor.execute("SET LOCAL enable_seqscan = off")  # The tables are too small for the planner to bother.
        unread = Message.unread_by_contact(busy, newest.pk).exclude(status=Delivery.DELIVERED).explain()
        files = Attachment.objects.filter(tenant_id=busy.tenant_id, deleted_at__isnull=True).order_by()
        stored = files.values("size").explain()

    assert "message_unread_by_contact" in unread
    assert "Index Only Scan using attachment_in_use" in stored
