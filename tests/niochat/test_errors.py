"""Every refusal leaves in one shape, whichever framework noticed it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.errors import STATUS, Refused
from niochat.codes import OURS, code_of, status_of

pytestmark = [pytest.mark.urls("tests.niochat.routes"), pytest.mark.django_db]


@pytest.fixture
def web() -> APIClient:
    return APIClient(raise_request_exception=False)


def only(response: Any) -> dict[str, Any]:
    (error,) = response.json()["errors"]
    assert set(error) == {"code", "detail", "attr"}
    assert STATUS[error["code"]] == response.status_code
    return dict(error)


BODIES = {
    "missing": ({}, 400, "required", "name"),
    "null": ({"name": None}, 400, "null", "name"),
    "22-empty": ({"name": ""}, 422, "empty", "name"),
    "22-whitespace": ({"name": "   "}, 422, "empty", "name"),
    "16-too-long": ({"name": "abcdef"}, 422, "too_long", "name"),
    "too-large": ({"name": "a", "age": 151}, 422, "out_of_range", "age"),
    "too-small": ({"name": "a", "age": -1}, 422, "out_of_range", "age"),
    "not-a-number": ({"name": "a", "age": "x"}, 400, "invalid", "age"),
    "unknown-choice": ({"name": "a", "colour": "green"}, 422, "invalid_choice", "colour"),
    "65-unknown-id": ({"name": "a", "tenant": 4711}, 400, "does_not_exist", "tenant"),
    "65-id-of-wrong-type": ({"name": "a", "tenant": {}}, 400, "does_not_exist", "tenant"),
    "87-no-such-moment": ({"name": "a", "at": "2026-02-30T24:61:00Z"}, 400, "invalid", "at"),
}


@pytest.mark.parametrize(("body", "status", "code", "attr"), BODIES.values(), ids=BODIES.keys())
def test_a_refused_value_names_its_field(web: APIClient, body: Any, status: int, code: str, attr: str) -> None:
    response = web.post("/api/v1/test/echo", body)

    assert response.status_code == status
    assert response.json()["type"] == "validation_error"
    error = only(response)
    assert (error["code"], error["attr"]) == (code, attr)


def test_where_one_of_several_cannot_be_parsed_the_answer_is_400(web: APIClient) -> None:
    response = web.post("/api/v1/test/echo", {"name": "abcdef", "age": "x"})

    assert response.status_code == 400
    assert {error["code"] for error in response.json()["errors"]} == {"too_long", "invalid"}


def test_a_refused_value_in_a_query_is_a_bad_query(web: APIClient) -> None:
    response = web.get("/api/v1/test/echo", {"name": "abcdef", "age": "999"})

    assert response.status_code == 400
    assert {error["code"] for error in response.json()["errors"]} == {"bad_filter"}


RAISED = {
    "refused": (409, "conflict", "client_error"),
    "reference": (400, "does_not_exist", "validation_error"),
    "rate": (429, "rate_limited", "client_error"),
    "gone": (404, "not_found", "client_error"),
    "http404": (404, "not_found", "client_error"),
    "authentication": (401, "not_authenticated", "client_error"),
    "permission": (403, "forbidden", "client_error"),
    "suspicious": (400, "invalid", "client_error"),
    "database": (503, "unavailable", "server_error"),
    "fault": (500, "internal", "server_error"),
}


@pytest.mark.parametrize("prefix", ["/api/v1/test/raises/", "/test/raises/"], ids=["rest", "page"])
@pytest.mark.parametrize(("what", "expected"), RAISED.items(), ids=RAISED.keys())
def test_an_exception_becomes_its_status(
    web: APIClient, what: str, expected: tuple[int, str, str], prefix: str
) -> None:
    status, code, kind = expected
    response = web.get(prefix + what)

    if prefix.startswith("/api/"):
        assert response.status_code == status
        assert response.json()["type"] == kind
        assert only(response)["code"] == code
    else:
        assert response.headers["Content-Type"].startswith("text/html")
    for secret in (b"hunter2", b"db.internal", b"which says too much", b"etc"):
        assert secret not in response.content


def test_a_page_without_a_database_says_503_and_when_to_come_back(web: APIClient) -> None:
    response = web.get("/test/raises/database")

    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")


@pytest.mark.parametrize(("what", "seconds"), [("rate", "3"), ("database", "2")])
def test_a_refusal_that_passes_says_when(web: APIClient, what: str, seconds: str) -> None:
    assert web.get(f"/api/v1/test/raises/{what}").headers["Retry-After"] == seconds


def test_a_fault_is_found_by_the_id_that_its_answer_names(web: APIClient) -> None:
    response = web.get("/api/v1/test/raises/fault")

    assert response.headers["X-Request-ID"] in only(response)["detail"]


def test_an_unauthenticated_program_is_told_the_scheme(web: APIClient) -> None:
    assert web.get("/api/v1/test/raises/authentication").status_code == 401
    assert web.get("/api/v1/auth/me").headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing/", "/webhooks/nothing", "/metrics/x"])
def test_an_unknown_address_of_the_api_answers_json(web: APIClient, path: str) -> None:
    response = web.get(path)

    assert response.status_code == 404
    assert only(response)["code"] == "not_found"


def test_an_unknown_page_answers_html(web: APIClient) -> None:
    response = web.get("/nothing")

    assert response.status_code == 404
    assert b"<h1>" in response.content


def test_a_wrong_method_and_a_wrong_type_have_their_codes(web: APIClient) -> None:
    assert only(web.delete("/api/v1/test/echo"))["code"] == "method_not_allowed"
    assert only(web.post("/api/v1/test/echo", "a=1", content_type="text/plain"))["code"] == "unsupported_media_type"
    assert only(web.get("/api/v1/test/echo", headers={"Accept": "image/png"}))["code"] == "not_acceptable"


def test_a_foreign_form_post_is_refused_60() -> None:
    response = Client(enforce_csrf_checks=True).post("/test/address")

    assert response.status_code == 403


def test_every_code_that_we_translate_to_is_in_the_table() -> None:
    assert set(OURS.values()) <= set(STATUS)
    assert code_of("never heard of") == "invalid"
    assert status_of(["too_long", "bad_text"]) == 400


@pytest.mark.parametrize("debug", [False, True], ids=["production", "developer"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "TRACE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1/nothing", "/api/v2/conversations", "/webhooks/nobody"])
def test_a_program_that_asks_for_nothing_of_ours_gets_the_same_answer_everywhere(
    settings: Any, path: str, method: str, *, debug: bool
) -> None:
    settings.DEBUG = debug
    strict = Client(enforce_csrf_checks=True)

    response = strict.generic(method, path)

    assert (response.status_code, only(response)["code"]) == (404, "not_found")


def refusals() -> list[type[Refused]]:
    """Every kind of refusal that the product knows by a class of its own."""
    found, kinds = [Refused], []
    while found:
        kind = found.pop()
        kinds.append(kind)
        found += kind.__subclasses__()
    return kinds


def is_english(text: str) -> bool:
    """As far as a test can tell: no letter that English does not write, and no Portuguese word."""
    words = {word.strip(".,:;") for word in text.lower().split()}
    return text.isascii() and not words & {"este", "um", "uma", "que", "de", "campo", "com", "mais", "da"}


def test_every_refusal_speaks_english_by_itself() -> None:
    told = {kind.__qualname__: kind.detail for kind in refusals()}

    assert {name: text for name, text in told.items() if not is_english(text.replace("…", ""))} == {}


@pytest.mark.parametrize("body", [case[0] for case in BODIES.values()], ids=BODIES.keys())
@pytest.mark.parametrize("asked", ["", "*", "xx", "en"], ids=["nothing", "any", "unknown", "english"])
def test_a_program_reads_english_unless_it_asks_for_another_language(web: APIClient, body: Any, asked: str) -> None:
    headers = {"Accept-Language": asked} if asked else {}
    error = only(web.post("/api/v1/test/echo", body, headers=headers))

    assert is_english(error["detail"]), error["detail"]


@pytest.mark.parametrize("what", RAISED)
def test_whatever_is_raised_a_program_reads_english(web: APIClient, what: str) -> None:
    detail = only(web.get(f"/api/v1/test/raises/{what}"))["detail"]

    assert is_english(detail), detail


def test_whoever_asks_for_portuguese_reads_portuguese(web: APIClient) -> None:
    asked = only(web.post("/api/v1/test/echo", {}, headers={"Accept-Language": "pt-BR,pt;q=0.9"}))
    web.cookies["niochat_language"] = "pt-br"
    chosen = only(web.post("/api/v1/test/echo", {}))

    assert asked["detail"] == chosen["detail"] == "Este campo é obrigatório."
