"""What every list of the API does with its query."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from accounts.errors import Refused
from accounts.listing import choice_in, id_in, moment_in, paged, text_in
from accounts.models import Tenant


def asked(query: str) -> Request:
    return Request(APIRequestFactory().get(f"/api/v1/tenants?{query}"))


def page(query: str) -> Response:
    return paged(asked(query), Tenant.objects.order_by("name"), lambda tenant: {"name": tenant.name})


@pytest.fixture
def seven_tenants(db: None) -> None:
    Tenant.objects.bulk_create(Tenant(name=f"T{number}", slug=f"t{number}") for number in range(7))


def names(response: Response) -> list[str]:
    return [row["name"] for row in response.data]


@pytest.mark.usefixtures("seven_tenants")
def test_a_page_says_how_many_there_are_and_where_the_next_and_the_previous_is() -> None:
    response = page("limit=2&offset=4&search=a%26b")

    assert names(response) == ["T4", "T5"]
    assert response.headers["X-Total-Count"] == "7"
    base = "http://testserver/api/v1/tenants?limit=2&offset={}&search=a%26b"
    assert response.headers["Link"] == (f'<{base.format(6)}>; rel="next", <{base.format(2)}>; rel="prev"')


@pytest.mark.usefixtures("seven_tenants")
def test_the_ends_have_no_link_beyond_them() -> None:
    assert "Link" not in page("")
    assert page("limit=5").headers["Link"].count("rel=") == 1
    assert "offset=0" in page("limit=5&offset=2").headers["Link"]
    assert names(page("offset=900")) == []


@pytest.mark.usefixtures("seven_tenants")
def test_a_page_costs_two_queries_and_the_last_one_tells_the_total_by_itself(django_assert_num_queries: Any) -> None:
    for query, costs in (("limit=3&offset=1", 2), ("limit=3&offset=6", 1), ("limit=8", 1), ("limit=3&offset=7", 2)):
        with django_assert_num_queries(costs):
            assert page(query).headers["X-Total-Count"] == "7", query


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=4000",
        "limit=-1",
        "limit=x",
        "limit=",
        "limit=1.0",
        "limit=+5",
        "limit=1_0",
        "limit=%D9%A1",
        "offset=-1",
        "offset=1000000000",
        "offset=99999999999999999999",
        "offset=abc",
        "limit=%201",
    ],
)
def test_a_page_out_of_range_is_refused(query: str) -> None:
    with pytest.raises(Refused) as refused:
        page(query)
    assert (refused.value.code, refused.value.attr) == ("bad_page", query.partition("=")[0])


@pytest.mark.parametrize("text", ["x", "-1", "1e3", "9007199254740992", "99999999999999999999", "1,2", "٣"])
def test_an_id_is_a_whole_number(text: str) -> None:
    with pytest.raises(Refused, match="bad_filter"):
        id_in(Request(APIRequestFactory().get("/", {"user": text})), "user")
    assert id_in(asked("user=9007199254740991"), "user") == 2**53 - 1
    assert id_in(asked("user="), "user") is None


def test_a_choice_is_one_of_those_offered() -> None:
    assert choice_in(asked("status=open"), "status", ["open", "closed"]) == "open"
    assert choice_in(asked(""), "status", ["open"]) == ""
    with pytest.raises(Refused, match="bad_filter"):
        choice_in(asked("status=Open"), "status", ["open"])


@pytest.mark.parametrize(("query", "code"), [("q=a%00b", "bad_text"), ("q=" + "a" * 201, "bad_filter")])
def test_text_that_no_database_could_search_for_is_refused(query: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        text_in(asked(query), "q")
    assert text_in(asked("q=%20ol%C3%A1%20"), "q") == "olá"


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-11-21T09:30:00Z", 9),
        ("2026-11-21T09:30:00-03:00", 12),
        ("2026-11-21T09:30:00.000%2B02:00", 7),
        ("2026-11-21T09:30+02:00", 7),
    ],
)
def test_a_time_has_its_offset(text: str, hour: int) -> None:
    assert moment_in(asked(f"from={text}"), "from") == datetime(2026, 11, 21, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T09:30:00",
        "2026-11-21",
        "yesterday",
        "2026-11-21T24:61:00Z",
        "9999-12-31T23:59:59-12:00",
        "20261121T093000Z",
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00%2B14:00",
        "2026-W01-1T00:00:00Z",
        "1763717400",
        "2026-11-21T09:30:00+99:00",
    ],
)
def test_any_other_time_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        moment_in(asked(f"from={text}"), "from")
    assert (refused.value.code, refused.value.attr) == ("bad_datetime", "from")
