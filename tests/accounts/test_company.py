"""The first step in production: a company and its first admin."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts.models import Membership, Tenant
from audit.models import AuditRecord

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_company_is_made_with_an_invitation_for_its_first_admin() -> None:
    said = StringIO()

    call_command("company", "Loja Aurora", "aurora", "davi@aurora.example", stdout=said)

    place = Membership.objects.get()
    assert (place.tenant.slug, place.role, place.user.email) == ("aurora", "admin", "davi@aurora.example")
    assert list(AuditRecord.objects.order_by("number").values_list("verb", flat=True)) == [
        "tenant_created",
        "member_added",
    ]
    path = said.getvalue().split()[-1].split("localhost:8010")[-1]
    assert APIClient().get(path).status_code == 200


@pytest.mark.parametrize(
    ("slug", "email"), [("aurora", "x@example.com"), ("not a slug", "x@example.com"), ("new", "no-address")]
)
def test_what_cannot_be_made_is_said_in_a_sentence_and_leaves_nothing(slug: str, email: str) -> None:
    Tenant.objects.create(name="Loja Aurora", slug="aurora")

    with pytest.raises(CommandError, match=r"\w"):
        call_command("company", "Nova", slug, email)

    assert Tenant.objects.count() == 1
