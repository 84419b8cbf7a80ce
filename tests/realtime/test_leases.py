"""Who is here: what is written down of it, and told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from realtime import fanout, leases
from realtime.models import Connection, Visit
from tests.realtime.clients import away
from tests.world import Person


@pytest.fixture(autouse=True)
def nobody_is_here(db: None) -> None:
    """The server of a test before may have written down who came when that test's rows were gone already."""
    Connection.objects.all().delete()
    Visit.objects.all().delete()


def row_of(person: Person, name: str) -> Connection:
    return Connection(
        id=name, process="p", tenant_id=person.tenant_id, user_id=person.user_id, expires_at=Now() + leases.LASTS
    )


@pytest.mark.django_db
def test_news_of_one_user_that_can_not_be_told_keep_nobody_else_out(
    ana: Person, bruno: Person, monkeypatch: pytest.MonkeyPatch
):
    told: list[int] = []

    def hear(_tenant_id: int, user_id: int) -> None:
        if user_id == ana.user_id:
            raise ValueError("This one has just been deleted.")
        told.append(user_id)

    monkeypatch.setattr(leases, "when_somebody_comes", [hear])

    refused = leases.write_leases([row_of(ana, "a"), row_of(bruno, "b")], [])

    assert (refused, told) == (set(), [bruno.user_id])
    assert set(Connection.objects.values_list("id", flat=True)) == {"a", "b"}


@pytest.mark.django_db
def test_a_first_lease_is_news_and_a_second_one_is_not(ana: Person, bruno: Person, monkeypatch: pytest.MonkeyPatch):
    told: list[int] = []
    monkeypatch.setattr(leases, "when_somebody_comes", [lambda _tenant_id, user_id: told.append(user_id)])

    leases.write_leases([row_of(ana, "a1")], [])
    leases.write_leases([row_of(ana, "a2"), row_of(bruno, "b1"), row_of(bruno, "b2")], [])
    leases.write_leases([row_of(ana, "a3")], ["a1", "a2"])  # Both linger: Ana has only changed her page.

    assert told == [ana.user_id, bruno.user_id]


@pytest.mark.django_db
def test_one_socket_too_many_is_refused_and_those_that_leave_make_room(ana: Person):
    held = [f"a{number:02}" for number in range(leases.SOCKETS_PER_USER)]

    assert leases.write_leases([row_of(ana, name) for name in held], []) == set()
    assert leases.write_leases([row_of(ana, "b")], []) == {"b"}
    assert leases.write_leases([row_of(ana, "c")], held[:1]) == set()


@pytest.mark.django_db
def test_leases_that_ran_out_together_are_swept_together_and_each_user_has_gone_once(
    ana: Person, bruno: Person, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
):
    gone: list[int] = []
    monkeypatch.setattr(leases, "when_somebody_comes", [])
    monkeypatch.setattr(leases, "when_somebody_goes", [lambda _tenant_id, user_id: gone.append(user_id)])
    rows = [row_of(ana, f"a{number}") for number in range(15)] + [row_of(bruno, f"b{number}") for number in range(15)]
    leases.write_leases(rows, [])
    Connection.objects.exclude(id="b7").update(expires_at=Now() - timedelta(seconds=1))

    # A look, the rows, their end, and who is still there, between the two ends of a savepoint; and a look at customers.
    with django_assert_max_num_queries(7):
        leases.sweep()
    leases.sweep()

    assert gone == [ana.user_id]
    assert list(Connection.objects.values_list("id", flat=True)) == ["b7"]


@pytest.mark.django_db
def test_a_customer_is_here_from_the_first_widget_to_the_last(ana: Person, monkeypatch: pytest.MonkeyPatch):
    told: list[str] = []
    monkeypatch.setattr(leases, "when_a_customer_comes", [lambda _tenant, contact: told.append(f"{contact} came")])
    monkeypatch.setattr(leases, "when_a_customer_goes", [lambda _tenant, contact: told.append(f"{contact} went")])

    leases.write_leases([visit_of(ana, 7, "a")], [], Visit)
    leases.write_leases([visit_of(ana, 7, "b"), visit_of(ana, 8, "c")], [], Visit)
    assert told == ["7 came", "8 came"]
    assert Visit.contact_ids(ana.tenant_id) == {7, 8}
    assert not Connection.user_ids(ana.tenant_id), "a customer is nobody of the team"

    leases.shorten(["a"], timedelta(seconds=-1), Visit)
    leases.sweep()
    assert told == ["7 came", "8 came"], "the other widget is open"
    leases.shorten(["b"], timedelta(seconds=-1), Visit)
    leases.sweep()
    assert told == ["7 came", "8 came", "7 went"]
    assert Visit.contact_ids(ana.tenant_id) == {8}


@pytest.mark.django_db(transaction=True)
async def test_a_socket_that_ends_with_its_server_is_written_down_and_begins_nothing_anew(ana: Person):
    actor = await away(lambda: ana.actor)()
    lease = await leases.leases().take(actor, "last")
    assert lease is not None
    lease.end()
    await fanout.stop()
    await asyncio.sleep(10 * leases.BATCH_S)

    assert asyncio.get_running_loop() not in fanout.FANOUTS
    assert await away(lambda: Connection.objects.get(id="last").leaving)()


def visit_of(person: Person, contact_id: int, name: str) -> Visit:
    """A widget of a customer of this person's company."""
    expires_at = Now() + leases.LASTS
    return Visit(id=name, process="p", tenant_id=person.tenant_id, contact_id=contact_id, expires_at=expires_at)
