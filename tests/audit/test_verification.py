"""Whatever is done to the book behind the product's back is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.actor import Actor
from accounts.models import Tenant
from audit.anchors import anchor_file, anchor_heads, read_anchors
from audit.chain import digest, link
from audit.models import AuditChain, AuditRecord, Verb
from audit.records import record
from audit.verification import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    """A tenant with a book of six records."""
    tenant = Tenant.objects.create(name="Loja", slug="loja")
    for number in range(1, 7):
        record(Actor.system(tenant.pk), Verb.MESSAGE_SENT, message=number)
    return tenant


@pytest.fixture(autouse=True)
def fresh_anchors() -> Iterator[None]:
    anchor_file().unlink(missing_ok=True)
    yield
    anchor_file().unlink(missing_ok=True)


def tamper(sql: str, *values: Any) -> None:
    """What somebody with the database's password could do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL niochat.maintenance = 'on'")
        cursor.execute(sql, values)


def change(tenant: Tenant) -> None:
    tamper("UPDATE audit_auditrecord SET details = '{\"message\": 33}' WHERE number = 3")


def forge(tenant: Tenant) -> None:
    """Change a record and give it the hash that fits."""
    change(tenant)
    row = AuditRecord.objects.get(number=3)
    tamper("UPDATE audit_auditrecord SET hash = %s WHERE number = 3", link(row.previous_hash, 3, digest(row)))


def remove(tenant: Tenant) -> None:
    tamper("DELETE FROM audit_auditrecord WHERE number = 3")


def remove_and_close_up(tenant: Tenant) -> None:
    remove(tenant)
    for number in (4, 5, 6):
        tamper("UPDATE audit_auditrecord SET number = %s WHERE number = %s", number - 1, number)
    tamper("UPDATE audit_auditchain SET number = 5")


def swap(tenant: Tenant) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        tamper("UPDATE audit_auditrecord SET number = %s WHERE number = %s", new, old)


def cut_off(tenant: Tenant) -> None:
    tamper("DELETE FROM audit_auditrecord WHERE number > 4")


def cut_off_and_turn_back(tenant: Tenant) -> None:
    """The end is gone, and the head is one that a shorter book never had."""
    tamper("DELETE FROM audit_auditrecord WHERE number > 4")
    tamper("UPDATE audit_auditchain SET number = 4")


def turn_back(tenant: Tenant) -> None:
    row = AuditRecord.objects.get(number=4)
    tamper("UPDATE audit_auditchain SET number = 4, head = %s", row.hash)


def insert(tenant: Tenant) -> None:
    tamper(
        "INSERT INTO audit_auditrecord (tenant_id, number, verb, username, origin, ip, target_type, details, at, "
        "previous_hash, hash) SELECT tenant_id, 7, verb, username, origin, ip, target_type, details, at, hash, hash "
        "FROM audit_auditrecord WHERE number = 6"
    )


def empty(tenant: Tenant) -> None:
    tamper("DELETE FROM audit_auditrecord")


TAMPERINGS: list[tuple[Callable[[Tenant], None], set[int]]] = [
    (change, {3}),
    (forge, {4}),
    (remove, {3}),
    (remove_and_close_up, {3, 4, 5}),
    (swap, {3, 4, 5}),
    (cut_off, {5}),
    (cut_off_and_turn_back, {4}),
    (turn_back, {5, 6}),
    (insert, {7}),
    (empty, {1}),
]


@pytest.mark.parametrize(("tampering", "where"), TAMPERINGS, ids=lambda value: getattr(value, "__name__", ""))
def test_tampering_is_found_where_it_happened(
    tenant: Tenant, tampering: Callable[[Tenant], None], where: set[int]
) -> None:
    assert verify(tenant.pk) == []
    tampering(tenant)
    assert {finding.number for finding in verify(tenant.pk)} == where


def test_a_record_moved_to_another_tenant_is_found(tenant: Tenant) -> None:
    record(Actor.system(tenant.pk + 1), Verb.MESSAGE_SENT)
    tamper("DELETE FROM audit_auditrecord WHERE tenant_id = %s", tenant.pk + 1)
    tamper("UPDATE audit_auditrecord SET tenant_id = %s WHERE number = 1", tenant.pk + 1)

    assert verify(tenant.pk)
    assert verify(tenant.pk + 1)


def rewrite_all(tenant: Tenant) -> None:
    """Change a record and give the whole chain behind it fresh hashes, its head too."""
    change(tenant)
    previous = "0" * 64
    for row in AuditRecord.objects.order_by("number"):
        fresh = link(previous, row.number, digest(row))
        tamper("UPDATE audit_auditrecord SET previous_hash = %s, hash = %s WHERE id = %s", previous, fresh, row.pk)
        previous = fresh
    tamper("UPDATE audit_auditchain SET head = %s", previous)


def test_a_chain_that_was_rewritten_whole_differs_from_its_anchor(tenant: Tenant) -> None:
    assert anchor_heads() == 1
    record(Actor.system(tenant.pk), Verb.MESSAGE_SENT)
    assert verify(tenant.pk, read_anchors()[tenant.pk]) == []

    rewrite_all(tenant)
    assert verify(tenant.pk) == []
    assert [finding.number for finding in verify(tenant.pk, read_anchors()[tenant.pk])] == [6]


def test_a_book_that_was_thrown_away_is_missed_by_its_anchor(tenant: Tenant) -> None:
    anchor_heads()
    empty(tenant)
    tamper("DELETE FROM audit_auditchain")

    assert verify(tenant.pk) == []
    assert [finding.number for finding in verify(tenant.pk, read_anchors()[tenant.pk])] == [6]


def test_a_head_is_anchored_once_and_the_file_only_grows(tenant: Tenant) -> None:
    assert (anchor_heads(), anchor_heads()) == (1, 0)
    record(Actor.system(tenant.pk), Verb.MESSAGE_SENT)
    assert anchor_heads() == 1

    lines = [json.loads(line) for line in anchor_file().read_text().splitlines()]
    assert [(line["tenant"], line["number"]) for line in lines] == [(tenant.pk, 6), (tenant.pk, 7)]
    assert lines[1]["hash"] == AuditChain.objects.get().head
    assert anchor_file().stat().st_mode & 0o077 == 0


def test_the_command_ends_with_1_and_says_what_is_wrong(tenant: Tenant) -> None:
    out, err = StringIO(), StringIO()
    call_command("verify_audit", stdout=out, stderr=err)
    assert (out.getvalue().strip(), err.getvalue()) == (f"tenant {tenant.pk}: in order", "")

    remove(tenant)
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", tenant="loja", stdout=out, stderr=err)
    assert ended.value.code == 1
    assert err.getvalue().strip() == f"tenant {tenant.pk}: record 3 is missing"


def test_the_command_knows_no_other_tenants() -> None:
    with pytest.raises(CommandError, match="no tenant 'nobody'"):
        call_command("verify_audit", tenant="nobody")


def test_verifying_does_not_load_the_book_at_once(tenant: Tenant, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):
        assert verify(tenant.pk) == []
