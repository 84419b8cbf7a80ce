"""Whom a record is about, by name: looked up when it is read, never written in the book.

A record is for ever, a customer's name is theirs to have erased. The book keeps the contact's id; who knows names
registers here, since below the trade nobody does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

from audit.models import AuditRecord

# A tenant's id and contacts' ids -> what each is called.
Names = Callable[[int, Collection[int]], dict[int, str]]
_known: list[Names] = []


def named_by(names: Names) -> None:
    """Have contacts' names looked up by this function."""
    _known.append(names)


def attach(records: Iterable[AuditRecord]) -> list[AuditRecord]:
    """The records, each with the present name of its contact: one query for each tenant among them."""
    found = list(records)
    wanted: defaultdict[int, set[int]] = defaultdict(set)
    for record in found:
        if about := record.details.get("contact_id"):
            wanted[record.tenant_id].add(about)
    called = {tenant_id: names(tenant_id, ids) for names in _known for tenant_id, ids in wanted.items()}
    for record in found:
        if about := record.details.get("contact_id"):
            record.contact_name = called.get(record.tenant_id, {}).get(about, f"#{about}")
    return found
