"""The rows of the table of bad input that a request's body can break."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

pytestmark = [pytest.mark.urls("tests.niochat.routes"), pytest.mark.django_db]

REFUSED = {
    "5-cut-off": (b'{"name": ', 400, "bad_json"),
    "5-blank": (b" ", 400, "bad_json"),
    "6-array": (b"[]", 400, "bad_message"),
    "6-null": (b"null", 400, "bad_message"),
    "9-key-twice": (b'{"name": "a", "name": "b"}', 400, "bad_json"),
    "10-deep": (b"[" * 20_000, 400, "too_deep"),
    "11-5000-digits": (b'{"age": ' + b"9" * 5000 + b"}", 400, "bad_number"),
    "12-nan": (b'{"age": NaN}', 400, "bad_number"),
    "13-nul": (b'{"name": "\\u0000"}', 400, "bad_text"),
    "14-surrogate": (b'{"name": "\\ud800"}', 400, "bad_text"),
    "94-too-large": (b'{"name": "' + b"a" * 2**20 + b'"}', 413, "payload_too_large"),
}


@pytest.mark.parametrize(("body", "status", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_body_is_refused_before_any_view_sees_it(body: bytes, status: int, code: str) -> None:
    response = APIClient().post("/api/v1/test/echo", body, content_type="application/json")

    assert response.status_code == status
    assert [error["code"] for error in response.json()["errors"]] == [code]


def test_a_body_of_another_kind_is_refused_94() -> None:
    response = APIClient().post("/api/v1/test/echo", b"name=a", content_type="application/x-www-form-urlencoded")

    assert response.status_code == 415


def test_a_sound_body_arrives_as_it_was_sent() -> None:
    response = APIClient().post("/api/v1/test/echo", '{"name": "Zoë😀"}', content_type="application/json")

    assert response.json() == {"name": "Zoë😀"}
