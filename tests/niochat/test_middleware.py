"""What wraps every request."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = [pytest.mark.urls("tests.niochat.routes"), pytest.mark.django_db]

FORWARDED = {
    "no-proxy-trusted": (0, "6.6.6.6", "127.0.0.1"),
    "one": (1, "203.0.113.9", "203.0.113.9"),
    "one-and-a-forged-one": (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
    "two": (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
    "fewer-than-promised": (2, "6.6.6.6", "127.0.0.1"),
    "absent": (1, "", "127.0.0.1"),
}


@pytest.mark.parametrize(("hops", "header", "seen"), FORWARDED.values(), ids=FORWARDED.keys())
def test_the_address_is_what_the_trusted_proxies_saw_37(
    client: Client, settings: Settings, hops: int, header: str, seen: str
) -> None:
    settings.TRUSTED_PROXIES = hops

    assert client.get("/test/address", headers={"X-Forwarded-For": header}).content.decode() == seen


def test_a_foreign_host_is_refused_37(client: Client) -> None:
    assert client.get("/api/v1/nothing", headers={"Host": "evil.example"}).status_code == 400


def test_every_answer_has_an_id_and_a_given_one_is_kept_behind_a_proxy(client: Client, settings: Settings) -> None:
    given = {"X-Request-ID": "0123456789abcdef"}

    assert client.get("/health").headers["X-Request-ID"] != client.get("/health").headers["X-Request-ID"]
    assert client.get("/health", headers=given).headers["X-Request-ID"] != given["X-Request-ID"]
    settings.TRUSTED_PROXIES = 1
    assert client.get("/health", headers=given).headers["X-Request-ID"] == given["X-Request-ID"]
    assert client.get("/health", headers={"X-Request-ID": "a\x1b[31m"}).headers["X-Request-ID"].isalnum()


@pytest.mark.parametrize("path", ["/health", "/metrics", "/api/v1/test/throttled"])
def test_the_slash_is_optional_for_programs(client: Client, path: str) -> None:
    assert client.get(path).status_code == client.get(f"{path}/").status_code == 200


def test_a_second_slash_is_not_taken_off(client: Client) -> None:
    assert client.get("/health//").status_code == 404
