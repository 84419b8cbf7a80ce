"""What every list of the API has in common: its page, its headers, and the strict reading of its query.

A parameter that nobody reads is ignored; one that is read and makes no sense is refused, and so is one that is written
like a query language's (`contact__name`): there is none, and nobody should think that it had narrowed the list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_noop as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import Refused

LIMIT = 50
MOST = 200
FARTHEST = 1_000_000
LARGEST_ID = 2**53 - 1
LONGEST_ATTR = 60
# Digits as such: int() would also take signs, spaces, underscores and every script's digits.
DIGITS = re.compile(r"[0-9]{1,16}", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def bounded(default: int, least: int, most: int) -> dict[str, Any]:
    """A whole number of the query, as OpenAPI describes it."""
    return {"type": "integer", "minimum": least, "maximum": most, "default": default}


AN_ID = {"type": "integer", "minimum": 0, "maximum": LARGEST_ID}
PAGE_PARAMETERS = [
    OpenApiParameter("limit", bounded(LIMIT, 1, MOST), description="How many rows."),
    OpenApiParameter("offset", bounded(0, 0, FARTHEST), description="How many rows to leave out first."),
]

Row = TypeVar("Row", bound=Model)


def paged(
    request: Request,
    rows: QuerySet[Row, Any],
    shape: Callable[[Any], dict[str, Any]],
    *,
    default: int = LIMIT,
    prepare: Callable[[Any], Iterable[Any]] = iter,
) -> Response:
    """The page of `rows` that the query asks for, each shaped, with `X-Total-Count` and `Link` (next, prev).

    `prepare` may look up for the whole page what its rows lack. `rows` must be in a total order, or a row may be on two
    pages. Raises Refused (bad_page).
    """
    limit, offset = page_of(request, default=default)
    page, total = page_and_total(rows, limit, offset)
    shown = [shape(row) for row in prepare(page)]
    return Response(shown, headers=page_headers(request, limit=limit, offset=offset, total=total))


def page_and_total(rows: QuerySet[Row, Any], limit: int, offset: int) -> tuple[list[Any], int]:
    """The rows of a page, and how many there are in all: asked only where the page is full or past the end."""
    page = list(rows[offset : offset + limit])
    is_last = len(page) < limit and (page or not offset)
    return page, offset + len(page) if is_last else rows.count()


def page_of(request: Request, *, default: int = LIMIT) -> tuple[int, int]:
    """`limit` (1 to 200) and `offset` as the query has them; raises Refused (bad_page)."""
    limit = _bounded(request, "limit", default, 1, MOST)
    return limit, _bounded(request, "offset", 0, 0, FARTHEST)


def _bounded(request: Request, name: str, default: int, least: int, most: int) -> int:
    text = asked(request).get(name)
    if text is None:
        return default
    if not DIGITS.fullmatch(text) or not least <= int(text) <= most:
        raise Refused(
            _("Give a whole number from %(least)s to %(most)s."),
            {"least": least, "most": most},
            code="bad_page",
            attr=name,
        )
    return int(text)


def page_headers(request: Request, *, limit: int, offset: int, total: int) -> dict[str, str]:
    """`X-Total-Count`, and `Link` where there is a next or a previous page."""
    links = []
    if offset + limit < total:
        links.append(_link(request, limit, offset + limit, "next"))
    if offset > 0:
        links.append(_link(request, limit, max(0, offset - limit), "prev"))
    return {"X-Total-Count": str(total)} | ({"Link": ", ".join(links)} if links else {})


def _link(request: Request, limit: int, offset: int, relation: str) -> str:
    query = request.query_params.copy()
    query["limit"], query["offset"] = str(limit), str(offset)
    return f'<{request.build_absolute_uri(request.path)}?{query.urlencode()}>; rel="{relation}"'


def asked(request: Request) -> QueryDict:
    """The query; raises Refused (bad_filter) where it asks across relations."""
    for name in request.query_params:
        if "__" in name:
            raise Refused(_("There is no such filter."), code="bad_filter", attr=name[:LONGEST_ATTR])
    return request.query_params


def id_in(request: Request, name: str) -> int | None:
    """An id of the query, or None where it is not asked for; raises Refused (bad_filter)."""
    text = asked(request).get(name, "")
    if not text:
        return None
    if not DIGITS.fullmatch(text) or int(text) > LARGEST_ID:
        raise Refused(_("Give an id: a whole number."), code="bad_filter", attr=name)
    return int(text)


def choice_in(request: Request, name: str, choices: Collection[str]) -> str:
    """One of `choices`, or "" where it is not asked for; raises Refused (bad_filter)."""
    text = asked(request).get(name, "")
    if text and text not in choices:
        raise Refused(
            _("Give one of: %(choices)s."), {"choices": ", ".join(sorted(choices))}, code="bad_filter", attr=name
        )
    return text


def text_in(request: Request, name: str, *, longest: int = 200) -> str:
    """Free text of the query, stripped; raises Refused (bad_text, bad_filter)."""
    text = asked(request).get(name, "").strip()
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Refused(_("The text holds characters that can't be searched for."), code="bad_text", attr=name)
    if len(text) > longest:
        raise Refused(_("Give at most %(longest)s characters."), {"longest": longest}, code="bad_filter", attr=name)
    return text


def moment_in(request: Request, name: str) -> datetime | None:
    """A time of the query, or None where it is not asked for; raises Refused (bad_datetime)."""
    text = asked(request).get(name, "")
    return moment(text, name) if text else None


def moment(text: str, attr: str | None = None) -> datetime:
    """`2026-11-21T09:30:00-03:00` or `…Z` in UTC: the offset is required, since a bare time means another moment to
    each reader. A space where the offset's sign stands is a `+` that its sender forgot to escape.

    Raises Refused (bad_datetime).
    """
    text = text.replace(" ", "+")
    try:
        found = datetime.fromisoformat(text).astimezone(UTC) if MOMENT.fullmatch(text) else None
    except (ValueError, OverflowError):
        found = None
    if found is None or not EARLIEST <= found < LATEST:
        raise Refused(_("Give a time with its offset, like 2026-11-21T09:30:00-03:00."), code="bad_datetime", attr=attr)
    return found
