"""Reading at one moment: what others commit meanwhile is not seen, and nobody waits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import InternalError, connection, transaction

from accounts.models import Tenant
from realtime.moment import one_moment
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.django_db(transaction=True)


def renamed_elsewhere(name: str) -> None:
    """Somebody else's commit, in a thread of its own."""

    def rename() -> None:
        try:
            with transaction.atomic():
                Tenant.objects.update(name=name)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(rename).result(timeout=PATIENCE_S)


def name() -> str:
    return Tenant.objects.get().name


def test_others_write_on_and_are_seen_afterwards(aurora: Tenant) -> None:
    with one_moment():
        before = name()
        renamed_elsewhere("Aurora Nova")
        assert name() == before

    assert name() == "Aurora Nova"


def test_a_writer_is_exclusive_again_afterwards(aurora: Tenant) -> None:
    with pytest.raises(Tenant.DoesNotExist), one_moment():
        Tenant.objects.get(pk=0)

    with transaction.atomic():
        Tenant.objects.update(name="Outra")
    assert (name(), getattr(connection, "transaction_mode", "IMMEDIATE")) == ("Outra", "IMMEDIATE")


def test_inside_a_transaction_it_is_part_of_it(aurora: Tenant) -> None:
    with transaction.atomic():
        Tenant.objects.update(name="Agora")
        with one_moment():
            assert name() == "Agora"


@pytest.mark.postgres
def test_postgresql_refuses_to_write_in_it(aurora: Tenant) -> None:
    with pytest.raises(InternalError), one_moment():
        Tenant.objects.update(name="Não")
