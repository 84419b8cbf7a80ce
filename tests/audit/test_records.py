"""What is written in the book, and that it stays written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import clock
from accounts.actor import Actor, Origin, Role
from accounts.models import Tenant
from audit.chain import canonical
from audit.models import AuditRecord, Closed, Verb
from audit.records import record, record_data
from audit.verification import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Actor:
    return Actor(
        tenant_id=7,
        role=Role.AGENT,
        origin=Origin.API,
        user_id=12,
        name="Ana Lima",
        username="ana",
        session_id=4,
        ip="203.0.113.9",
    )


def test_a_record_says_who_did_what_to_what_from_where(ana: Actor) -> None:
    tenant = Tenant.objects.create(name="Loja", slug="loja")
    with clock.at(datetime(2026, 11, 21, 9, 30, tzinfo=UTC)):
        letter = record(ana, Verb.TENANT_UPDATED, tenant, before={"name": "Lojinha"}, after={"name": "Loja"})

    written = AuditRecord.objects.get()
    assert record_data(written) == {
        "id": written.pk,
        "number": 1,
        "action": "tenant_updated",
        "user": {"id": 12, "username": "ana"},
        "contact_id": None,
        "origin": "api",
        "ip": "203.0.113.9",
        "session_id": 4,
        "key_id": None,
        "target_type": "tenant",
        "target_id": tenant.pk,
        "conversation_id": None,
        "details": {"before": {"name": "Lojinha"}, "after": {"name": "Loja"}},
        "timestamp": "2026-11-21T09:30:00.000000Z",
        "previous_hash": "0" * 64,
        "hash": written.hash,
    }
    assert letter.stream == "t7.supervisors"
    assert letter.event.data() == {
        "id": written.pk,
        "action": "tenant_updated",
        "details": {"before": {"name": "Lojinha"}, "after": {"name": "Loja"}},
        "user": {"id": 12, "username": "ana"},
        "timestamp": "2026-11-21T09:30:00.000000Z",
    }


def test_a_customers_deed_names_the_contact_and_no_user() -> None:
    letter = record(Actor.contact(7, 91, name="Maria"), Verb.SURVEY_ANSWERED, conversation_id=55, rating=5)

    written = AuditRecord.objects.get()
    assert (written.contact_id, written.user_id, written.username) == (91, None, "")
    assert letter.event.data()["user"] is None
    assert letter.event.data()["details"] == {"conversation_id": 55, "rating": 5}


def test_writing_costs_one_query_on_postgresql(ana: Actor, django_assert_num_queries: Any) -> None:
    record(ana, Verb.MESSAGE_SENT)
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 2):
        record(ana, Verb.MESSAGE_SENT)


def test_each_tenant_has_a_chain_of_its_own(ana: Actor) -> None:
    for tenant_id in (7, 8, 7):
        record(Actor.system(tenant_id), Verb.CONVERSATION_WOKEN)

    assert list(AuditRecord.visible_to(ana).values_list("number", flat=True)) == [2, 1]
    first, second = AuditRecord.objects.filter(tenant_id=7).order_by("number")
    assert second.previous_hash == first.hash
    assert verify(7) == verify(8) == []


def test_an_action_that_is_rolled_back_leaves_no_gap(ana: Actor) -> None:
    record(ana, Verb.MESSAGE_SENT)
    with transaction.atomic():
        record(ana, Verb.MESSAGE_SENT)
        transaction.set_rollback(True)
    record(ana, Verb.MESSAGE_SENT)

    assert verify(7) == []


def test_what_a_record_holds_reads_the_same_after_a_trip_through_the_database(ana: Actor) -> None:
    odd: dict[str, Any] = {
        "ação": "olá 👋\u2028",
        "whole": 1e3,
        "tiny": 1e-7,
        "third": 1 / 3,
        "huge": 1e22,
        "big": 2**60,
        "none": None,
        "yes": True,
        "when": datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
        "labels": {"b", "a"},
        "nested": [{"z": 1, "a": (1, 2)}],
    }
    record(ana, Verb.CONTACT_UPDATED, **odd)

    assert verify(7) == []
    assert AuditRecord.objects.get().details["labels"] == ["a", "b"]


def test_what_json_does_not_have_is_refused(ana: Actor) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical({"rate": float("nan")})
    with pytest.raises(TypeError, match="object"):
        record(ana, Verb.CONTACT_UPDATED, odd=object())


def test_nothing_written_can_be_changed_or_removed_through_the_model(ana: Actor) -> None:
    record(ana, Verb.MESSAGE_SENT)
    written = AuditRecord.objects.get()

    for attempt in (
        written.save,
        written.delete,
        AuditRecord.objects.all().delete,
        lambda: AuditRecord.objects.update(verb="x"),
        lambda: AuditRecord._base_manager.all().delete(),
        lambda: AuditRecord.visible_to(ana).update(verb="x"),
        lambda: AuditRecord.objects.bulk_update([written], ["verb"]),
        lambda: AuditRecord.objects.update_or_create({"verb": "x"}, pk=written.pk),
    ):
        with pytest.raises(Closed):
            attempt()
    assert verify(7) == []


@pytest.mark.postgres
@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_auditrecord SET verb = 'x'", "DELETE FROM audit_auditrecord", "TRUNCATE audit_auditrecord"],
)
def test_postgresql_refuses_what_gets_past_the_model(ana: Actor, statement: str) -> None:
    record(ana, Verb.MESSAGE_SENT)
    with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert AuditRecord.objects.count() == 1
