"""How one record is tied to the one before it.

`digest` is SHA-256 over the record's content as canonical JSON: all fields of `CONTENT`, keys sorted, no spaces, UTF-8,
times in UTC to the microsecond with `Z`, whole numbers without a fraction. `hash` is SHA-256 over the text
`<previous hash>:<number>:<digest>`; before the first record stand 64 zeros. So a changed field changes the hash, and a
record can't move, go or come without breaking the chain behind it.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import connection
from django.utils.functional import Promise

from accounts.compiled_writes import Columns
from audit.models import AuditRecord
from realtime.events import iso

BEGINNING = "0" * 64
CONTENT = (
    "tenant_id",
    "verb",
    "user_id",
    "username",
    "contact_id",
    "origin",
    "ip",
    "session_id",
    "key_id",
    "target_type",
    "target_id",
    "conversation_id",
    "details",
    "at",
)


def canonical(value: Any) -> str:
    """The one way to write a value as JSON."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def plain(value: Any) -> Any:
    """The value in JSON's own kinds, as it will read after a trip through either database.

    Raises ValueError or TypeError for what JSON does not have.
    """
    return json.loads(json.dumps(value, default=worded, allow_nan=False), parse_float=number)


def number(text: str) -> float:
    """PostgreSQL gives 1e3 back as 1000, so a whole number is never written with a fraction or an exponent."""
    value = float(text)
    return int(value) if value.is_integer() else value


def worded(value: Any) -> Any:
    """How the book writes what JSON has no word for."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date | Promise):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} can't be written in the book.")


def digest(record: AuditRecord) -> str:
    """What the record says, as a hash."""
    return hashed(canonical({field: getattr(record, field) for field in CONTENT}))


def link(previous: str, number: int, content: str) -> str:
    """The hash of a record with this digest at this place."""
    return hashed(f"{previous}:{number}:{content}")


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


# Django gives SQLite a function SHA256 that answers in hexadecimal; PostgreSQL's own takes and gives bytes.
ADVANCE = {
    "sqlite": """
        INSERT INTO audit_auditchain AS chain (tenant_id, number, previous, head, anchored) VALUES (%s, 1, %s, %s, 0)
        ON CONFLICT (tenant_id) DO UPDATE SET number = chain.number + 1, previous = chain.head,
        head = SHA256(chain.head || ':' || (chain.number + 1) || ':' || %s)
        RETURNING number, previous, head
    """,
    "postgresql": """
        INSERT INTO audit_auditchain AS chain (tenant_id, number, previous, head, anchored) VALUES (%s, 1, %s, %s, 0)
        ON CONFLICT (tenant_id) DO UPDATE SET number = chain.number + 1, previous = chain.head,
        head = encode(sha256(convert_to(chain.head || ':' || (chain.number + 1) || ':' || %s, 'UTF8')), 'hex')
        RETURNING number, previous, head
    """,
}


# PostgreSQL takes the place and writes the record there in one go: the chain is what a tenant's actions wait for.
APPEND = """
    WITH place AS ({advance})
    INSERT INTO audit_auditrecord ({columns}, number, previous_hash, hash)
    SELECT {marks}, place.number, place.previous, place.head FROM place
    RETURNING id, number, previous_hash, hash
"""
MARKS = ", ".join(["%s"] * len(CONTENT))
AT_ONCE = APPEND.format(advance=ADVANCE["postgresql"], columns=", ".join(CONTENT), marks=MARKS)
COLUMNS = Columns(AuditRecord, CONTENT)


def append(record: AuditRecord) -> None:
    """Write the record at the end of its tenant's chain, which stays locked until commit."""
    content = digest(record)
    taken: list[Any] = [record.tenant_id, BEGINNING, link(BEGINNING, 1, content), content]
    if connection.vendor == "postgresql":
        record.pk, record.number, record.previous_hash, record.hash = append_at_once(record, taken)
        record._state.adding = False
        return
    with connection.cursor() as cursor:
        cursor.execute(ADVANCE[connection.vendor], taken)
        record.number, record.previous_hash, record.hash = cursor.fetchone()
    record.save(force_insert=True)


def append_at_once(record: AuditRecord, taken: list[Any]) -> tuple[int, int, str, str]:
    """Both steps in one statement; returns what the record did not know yet."""
    with connection.cursor() as cursor:
        cursor.execute(AT_ONCE, [*taken, *COLUMNS.values(record)])
        number, place, previous, own = cursor.fetchone()
    return number, place, previous, own
