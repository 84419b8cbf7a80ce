"""Reading the whole book and saying where somebody has been at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from audit.chain import BEGINNING, digest, link
from audit.models import AuditChain, AuditRecord


class Finding(NamedTuple):
    """Something in a tenant's chain that can't have come about by writing."""

    tenant_id: int
    number: int
    what: str


def verify(tenant_id: int, anchors: Mapping[int, str] | None = None) -> list[Finding]:
    """Everything that is wrong with the tenant's chain; empty when it is as it was written.

    `anchors` are hashes by number that were kept outside the database: the one thing that tells when somebody rewrote
    the chain with all its hashes.
    """
    anchored = anchors or {}
    end = AuditChain.objects.filter(tenant_id=tenant_id).first()
    head_number, head = (end.number, end.head) if end else (0, BEGINNING)
    findings = [Finding(tenant_id, *found) for found in _walk(tenant_id, head_number, head, anchored)]
    if anchored and max(anchored) > head_number:
        findings.append(Finding(tenant_id, max(anchored), "was anchored, but the chain ends before it"))
    return findings


def tenants_on_record() -> set[int]:
    """Every tenant that has, or by its chain once had, a record."""
    chained = AuditChain.objects.values_list("tenant_id", flat=True)
    written = AuditRecord.objects.order_by().values_list("tenant_id", flat=True).distinct()
    return {*chained, *written}


def _walk(tenant_id: int, head_number: int, head: str, anchors: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """Follow the chain from its beginning to the head as it was when we began; others may go on writing."""
    rows = AuditRecord.objects.filter(tenant_id=tenant_id).order_by("number")
    number, previous = 0, BEGINNING
    for row in rows.filter(number__lte=head_number).iterator(chunk_size=1000):
        if row.number != number + 1:
            yield number + 1, "is missing" if row.number == number + 2 else f"to {row.number - 1} are missing"
        elif row.previous_hash != previous:
            yield row.number, "does not follow the record before it: moved, or one was taken out between"
        if row.hash != link(row.previous_hash, row.number, digest(row)):
            yield row.number, "was changed or moved"
        if anchors.get(row.number, row.hash) != row.hash:
            yield row.number, "is not the record that was anchored"
        number, previous = row.number, row.hash
    if number != head_number:
        yield number + 1, f"to {head_number} are missing: the end was cut off"
    elif previous != head:
        yield number, "is not what the chain's head says"
    yield from _unchained(tenant_id)


def _unchained(tenant_id: int) -> Iterator[tuple[int, str]]:
    """Records beyond the head, as it is by now: the chain was turned back, or they were slipped in."""
    end = AuditChain.objects.filter(tenant_id=tenant_id).values_list("number", flat=True).first() or 0
    beyond = AuditRecord.objects.filter(tenant_id=tenant_id, number__gt=end).order_by("number")
    for number in beyond.values_list("number", flat=True)[:100]:
        yield number, "lies beyond the chain's head"
