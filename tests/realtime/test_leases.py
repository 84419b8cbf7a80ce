"""Who is here: what is written down of it, and told."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now

from realtime import leases
from realtime.models import Connection
from tests.world import Person


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
