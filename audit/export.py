"""The book as a file, sent while it is read: CSV for spreadsheets, JSON lines for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, NamedTuple

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from rest_framework.request import Request

from accounts.clock import now
from audit import names
from audit.models import AuditRecord
from audit.records import record_data

PAGE = 500
COLUMNS = (
    "number",
    "timestamp",
    "action",
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
    "previous_hash",
    "hash",
)
# With these a spreadsheet takes a cell for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

Records = QuerySet[AuditRecord]


def csv_chunks(records: Records) -> Iterator[str]:
    """RFC 4180, every cell quoted; what a spreadsheet would run begins with an apostrophe."""
    buffer = io.StringIO()
    write = csv.writer(buffer, quoting=csv.QUOTE_ALL).writerow
    write(COLUMNS)
    for page in pages(records):
        for written in page:
            row = record_data(written) | {"user_id": written.user_id, "username": written.username}
            write([cell(row[column]) for column in COLUMNS])
        yield taken(buffer)
    yield taken(buffer)


def jsonl_chunks(records: Records) -> Iterator[str]:
    """One JSON object a line, as the list has it."""
    for page in pages(records):
        yield "".join(json.dumps(record_data(written), ensure_ascii=False) + "\n" for written in page)


class Format(NamedTuple):
    content_type: str
    chunks: Callable[[Records], Iterator[str]]


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", csv_chunks),
    "jsonl": Format("application/x-ndjson; charset=utf-8", jsonl_chunks),
}


def streamed(request: Request, records: Records, kind: str) -> StreamingHttpResponse:
    """The records as a download; never more than a page of them is in memory."""
    chunks = FORMATS[kind].chunks(records)
    by_asgi = hasattr(request, "scope")
    return StreamingHttpResponse(
        without_blocking(chunks) if by_asgi else chunks,
        content_type=FORMATS[kind].content_type,
        headers={"Content-Disposition": f'attachment; filename="audit-{now():%Y-%m-%d}.{kind}"'},
    )


async def without_blocking(chunks: Iterator[str]) -> AsyncIterator[str]:
    """Each chunk made in a thread: under ASGI Django would gather a plain iterator whole before it sends anything."""

    @sync_to_async
    def following() -> str | None:
        return next(chunks, None)

    while (chunk := await following()) is not None:
        yield chunk


def pages(records: Records) -> Iterator[list[AuditRecord]]:
    """The records by number, a page at a time. No cursor stays open while a slow client reads."""
    ordered = records.order_by("number")
    page = list(ordered[:PAGE])
    while page:
        yield names.attach(page)
        page = list(ordered.filter(number__gt=page[-1].number)[:PAGE])


def cell(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def taken(buffer: io.StringIO) -> str:
    """What has been written, and the buffer empty again."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
