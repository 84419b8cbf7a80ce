"""Many actions at once write one chain."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from accounts.actor import Actor
from audit.models import AuditRecord, Verb
from audit.records import record
from audit.verification import verify

WRITERS, EACH = 6, 15


def write(writer: int) -> None:
    """Fifteen actions in two tenants, every third of which is rolled back."""
    for number in range(EACH):
        with transaction.atomic():
            record(Actor.system(7 + number % 2), Verb.MESSAGE_SENT, writer=writer, number=number)
            transaction.set_rollback(number % 3 == 0)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_records_written_at_once_stand_in_one_unbroken_chain_each() -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))

    assert AuditRecord.objects.count() == WRITERS * EACH * 2 // 3
    assert verify(7) == verify(8) == []
    assert verify(9) == []
