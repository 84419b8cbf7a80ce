"""The book over HTTP."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import connections
from django.test import AsyncClient

from accounts import clock
from accounts.actor import Actor
from audit.models import AuditRecord, Verb
from audit.records import RecordData, record
from tests.world import Person

URL = "/api/v1/audit"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def book(ana: Person, eva: Person) -> None:
    """Five records of Aurora, an hour apart, and one of Sol."""
    for hour, (who, verb) in enumerate(
        [
            (ana.actor, Verb.CONVERSATION_CREATED),
            (ana.actor, Verb.MESSAGE_SENT),
            (Actor.system(ana.tenant_id), Verb.CONVERSATION_WOKEN),
            (Actor.contact(ana.tenant_id, 91), Verb.MESSAGE_RECEIVED),
            (ana.actor, Verb.CONVERSATION_CLOSED),
        ]
    ):
        with clock.at(NOON + timedelta(hours=hour)):
            record(who, verb, ana.membership if hour == 1 else None, conversation_id=55 + hour % 2)
    record(eva.actor, Verb.MESSAGE_SENT, conversation_id=55)


def numbers(response: Any) -> list[int]:
    assert response.status_code == 200, response.content
    return [row["number"] for row in response.json()]


@pytest.mark.usefixtures("book")
def test_a_supervisor_reads_the_companys_book_newest_first(carla: Person) -> None:
    response = carla.client().get(URL, {"limit": 2, "offset": 1})

    assert numbers(response) == [4, 3]
    assert response.headers["X-Total-Count"] == "5"
    for row in response.json():
        RecordData.model_validate(row)


@pytest.mark.usefixtures("book")
def test_agents_do_not_read_it(ana: Person) -> None:
    assert ana.client().get(URL).status_code == 403
    assert ana.client().get(f"{URL}/export").status_code == 403


@pytest.mark.usefixtures("book")
def test_another_company_sees_its_own_only(fabio: Person, ana: Person) -> None:
    client = fabio.client()
    assert len(client.get(URL).json()) == 1
    assert client.get(URL, {"user": ana.user_id}).json() == []
    exported = b"".join(client.get(f"{URL}/export?export=jsonl")).decode()
    assert ana.username not in exported


@pytest.mark.usefixtures("book")
def test_it_is_filtered_by_user_action_target_conversation_and_period(carla: Person, ana: Person) -> None:
    def found(**query: Any) -> list[int]:
        return numbers(carla.client().get(URL, query))

    assert found(user=ana.user_id) == [5, 2, 1]
    assert found(action="message_sent") == [2]
    assert found(target_type="membership", target_id=ana.membership_id) == [2]
    assert found(target_type="membership", target_id=ana.membership_id + 1) == []
    assert found(conversation=56) == [4, 2]
    period = {"from": "2026-11-21T10:00:00-03:00", "to": "2026-11-21T15:00:00Z"}
    assert found(**period) == [3, 2]
    assert found(user=ana.user_id, **period) == [2]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from=2026-11-21T10:00:00", "bad_datetime"),
        ("to=9999-12-31T23:59:59Z", "bad_datetime"),
        ("action=made_tea", "bad_filter"),
        ("user=ana", "bad_filter"),
        ("user=9223372036854775808", "bad_filter"),
        ("target_id=3", "bad_filter"),
        ("target_type=%00", "bad_text"),
        ("limit=4000", "bad_page"),
        ("offset=-1", "bad_page"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(carla: Person, query: str, code: str) -> None:
    response = carla.client().get(f"{URL}?{query}")

    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert (error["code"], error["attr"]) == (code, query.partition("=")[0])


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_book_takes_no_changes(davi: Person, method: str) -> None:
    assert getattr(davi.client(), method)(URL).status_code == 405


@pytest.mark.usefixtures("book")
def test_a_page_costs_a_fixed_number_of_queries(carla: Person, django_assert_num_queries: Any) -> None:
    client = carla.client()
    for query, costs in (("", 2), ("?limit=1", 3)):
        with django_assert_num_queries(costs):
            client.get(f"{URL}{query}")


@pytest.mark.usefixtures("book")
def test_an_export_holds_what_was_asked_for_oldest_first_and_is_on_record(carla: Person) -> None:
    response = carla.client().get(f"{URL}/export?export=jsonl&conversation=55")
    rows = [json.loads(line) for line in b"".join(response).decode().splitlines()]

    assert [row["number"] for row in rows] == [1, 3, 5]
    assert response.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    logged = AuditRecord.objects.get(verb=Verb.AUDIT_EXPORTED)
    assert logged.username == "carla"
    assert logged.details == {"export": "jsonl", "conditions": {"conversation_id": 55}}


@pytest.mark.usefixtures("book")
def test_a_csv_export_is_read_by_any_spreadsheet_and_run_by_none(carla: Person, ana: Person) -> None:
    formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", 'a "quoted", word\r\nand a line']
    for text in formulas:
        AuditRecord.objects.bulk_create([forged(ana.tenant_id, text)])
    response = carla.client().get(f"{URL}/export")
    body = b"".join(response).decode()
    rows = list(csv.DictReader(io.StringIO(body, newline="")))

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert body.split("\r\n")[0].startswith('"number","timestamp","action"')
    told = [row["username"] for row in rows if row["origin"] == "forged"]
    assert told == [f"'{text}" for text in formulas[:-1]] + formulas[-1:]
    assert {json.loads(row["details"])["conversation_id"] for row in rows if row["conversation_id"]} == {55, 56}
    assert "audit_exported" in {row["action"] for row in rows}


def forged(tenant_id: int, username: str) -> AuditRecord:
    """A record with an odd name in it. What its hash is does not matter here."""
    number = 100 + AuditRecord.objects.count()
    return AuditRecord(
        tenant_id=tenant_id, number=number, verb=Verb.USER_LOGGED_IN, username=username, origin="forged", at=NOON
    )


def test_an_export_of_many_records_reads_them_by_pages(carla: Person, django_assert_num_queries: Any) -> None:
    AuditRecord.objects.bulk_create(
        AuditRecord(tenant_id=carla.tenant_id, number=number, verb=Verb.MESSAGE_SENT, origin="api", at=NOON)
        for number in range(2, 1203)
    )
    client = carla.client()
    response = client.get(f"{URL}/export?export=jsonl")
    with django_assert_num_queries(4):
        lines = b"".join(response).decode().splitlines()

    assert len({json.loads(line)["number"] for line in lines}) == 1202


def test_an_unknown_format_is_refused_and_not_on_record(carla: Person) -> None:
    response = carla.client().get(f"{URL}/export?export=xlsx")

    assert response.status_code == 400
    assert not AuditRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
async def test_under_asgi_the_export_is_streamed_as_well(carla: Person) -> None:
    token = await database_sync_to_async(carla.token)()
    response: Any = await AsyncClient().get(f"{URL}/export", headers={"Authorization": f"Bearer {token}"})

    assert response.is_async
    assert b"audit_exported" in b"".join([chunk async for chunk in response])
    await database_sync_to_async(connections.close_all)()
