"""Numbers in addresses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter

from accounts.converters import IdConverter
from tests.routes import api_routes, filled
from tests.world import Person

TOO_LONG = "9" * 30


def converters(patterns: list[URLPattern | URLResolver]) -> Iterator[object]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                yield from converters(pattern.url_patterns)
        else:
            yield from pattern.pattern.converters.values()


def test_every_number_in_an_address_fits_the_database() -> None:
    numbers = [found for found in converters(get_resolver().url_patterns) if isinstance(found, IntConverter)]

    assert numbers
    assert all(isinstance(found, IdConverter) for found in numbers)


@pytest.mark.parametrize("wrong", [TOO_LONG, "-1", "1.0", "%D9%A1", "+1", "0x1"])
def test_what_is_no_number_of_ours_is_not_found(wrong: str, davi: Person) -> None:
    client = davi.client()

    for route in api_routes():
        if "_id}" in route.path and "{key}" not in route.path:
            answer = client.generic(route.methods[0], "/api/v1" + filled(route.path, wrong))
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found"), route.path
