"""What an inbox's settings may hold, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.timezone import now

from conversations.hours import opening
from conversations.models import Inbox
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
WEEK = {"mon": [["13:00", "18:00"], ["09:00", "12:00"]], "fri": [["22:00", "02:00"]]}


def patched(davi: Person, site: Inbox, **fields: Any) -> tuple[int, Any]:
    answer = davi.client().patch(f"/api/v1/inboxes/{site.pk}", fields, format="json")
    return answer.status_code, answer.json()


def refusal(answer: tuple[int, Any]) -> tuple[int, str, str]:
    status, body = answer
    return status, body["errors"][0]["code"], body["errors"][0]["attr"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://loja.example",
        "http://loja.example:8080",
        "https://xn--caf-dma.example",
        "http://192.0.2.7",
        "http://[2001:db8::1]:81",
        "http://localhost:3000",
    ],
)
def test_an_exact_origin_is_taken(davi: Person, site: Inbox, origin: str) -> None:
    assert patched(davi, site, allowed_origins=[origin, origin])[1]["allowed_origins"] == [origin]


@pytest.mark.parametrize(
    "origin",
    [
        "loja.example",
        "https://loja.example/",
        "https://loja.example/caminho",
        "https://Loja.example",
        "https://loja.example:443",
        "http://loja.example:80",
        "https://loja.example:99999",
        "https://loja.example:",
        "https://*.example",
        "https://ana@loja.example",
        "https://-loja.example",
        "https://loja..example",
        "https://café.example",
        "https://300.1.1.1",
        "ftp://loja.example",
        "null",
        "https://",
    ],
)
def test_what_no_browser_sends_as_an_origin_is_refused(davi: Person, site: Inbox, origin: str) -> None:
    answer = patched(davi, site, allowed_origins=["https://loja.example", origin])

    assert refusal(answer) == (422, "bad_origin", "allowed_origins")


def test_a_calendar_is_kept_in_order_and_can_be_read(davi: Person, site: Inbox) -> None:
    hours = {"timezone": "America/Belem", "week": WEEK, "dates": {"2026-12-25": [], "2026-12-24": [["09:00", "11:00"]]}}

    status, inbox = patched(davi, site, settings={"hours": hours, "programme": {"of": "theirs"}})

    kept = inbox["settings"]["hours"]
    assert status == 200
    assert kept["week"] == {"mon": [["09:00", "12:00"], ["13:00", "18:00"]], "fri": [["22:00", "02:00"]]}
    assert list(kept["dates"]) == ["2026-12-24", "2026-12-25"]
    assert inbox["settings"]["programme"] == {"of": "theirs"}
    assert opening(kept, now(), "UTC").opens_at or opening(kept, now(), "UTC").open


@pytest.mark.parametrize("hours", [None, {}])
def test_no_calendar_means_always(davi: Person, site: Inbox, hours: Any) -> None:
    assert patched(davi, site, settings={"hours": hours})[1]["settings"]["hours"] is None


@pytest.mark.parametrize(
    "hours",
    [
        "always",
        {"weeks": {}},
        {"timezone": "Mars/Olympus"},
        {"timezone": "../../etc/passwd"},
        {"timezone": 7},
        {"timezone": ["UTC"]},
        {"week": ["mon"]},
        {"week": {"monday": []}},
        {"week": {"mon": "09:00-18:00"}},
        {"week": {"mon": [["09:00"]]}},
        {"week": {"mon": [["9:00", "18:00"]]}},
        {"week": {"mon": [["09:00", "24:00"]]}},
        {"week": {"mon": [["09:00", 18]]}},
        {"week": {"mon": [["09:00", "12:00"], ["11:00", "18:00"]]}},
        {"week": {"mon": [["22:00", "02:00"], ["23:00", "23:30"]]}},
        {"week": {"mon": [["09:00", "10:00"]] * 7}},
        {"dates": {"25/12/2026": []}},
        {"dates": {"2026-02-30": []}},
    ],
)
def test_a_calendar_that_cannot_be_read_is_refused(davi: Person, site: Inbox, hours: Any) -> None:
    assert refusal(patched(davi, site, settings={"hours": hours})) == (422, "bad_hours", "settings.hours")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"accent": "teal"}, (422, "bad_colour", "settings.accent")),
        ({"accent": "#12345"}, (422, "bad_colour", "settings.accent")),
        ({"title": "x" * 61}, (422, "too_long", "settings.title")),
        ({"greeting": 7}, (400, "invalid", "settings.greeting")),
        ({"offline": "x" * 501}, (422, "too_long", "settings.offline")),
        ({"languages": ["pt-br", "de"]}, (422, "invalid_choice", "settings.languages")),
        ({"languages": "pt-br"}, (422, "invalid_choice", "settings.languages")),
        ({"languages": ["en"], "language": "es"}, (422, "invalid_choice", "settings.language")),
    ],
)
def test_a_look_that_cannot_be_shown_is_refused(
    davi: Person, site: Inbox, settings: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    assert refusal(patched(davi, site, settings=settings)) == expected


def test_a_look_is_kept_as_the_widget_reads_it(davi: Person, site: Inbox) -> None:
    settings = {"title": " Aurora ", "accent": "#2F6B4F", "languages": ["en", "es"], "language": "en", "offline": "Já"}

    _, inbox = patched(davi, site, settings=settings)

    assert inbox["settings"] == settings | {"title": "Aurora", "accent": "#2f6b4f"}
