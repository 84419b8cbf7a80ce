"""Every kind of delivery, as the provider's documents print it, and what it means to us."""

from __future__ import annotations

import json

import pytest

from accounts.errors import Refused
from conversations.phones import canonical, region_of
from conversations.providers import REMOTE
from conversations.providers.happenings import InboundMessage, Unknown, restored
from tests.whatsapp.lines import FIXTURES, fixture

NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))
ODD: tuple[object, ...] = (None, 5, "x", [], {})
WHATSAPP = REMOTE["whatsapp"]


@pytest.mark.parametrize("name", NAMES)
def test_a_delivery_means_what_its_fixture_says(name: str):
    told = fixture(name)

    happenings = WHATSAPP.parse(json.dumps(told["payload"]).encode())

    found = [{"type": one.type, **one.model_dump(mode="json", exclude_defaults=True)} for one in happenings]
    assert found == told["expected"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_set_aside_is_the_same_when_it_is_taken_up_again(name: str):
    happenings = WHATSAPP.parse(json.dumps(fixture(name)["payload"]).encode())

    assert [restored(json.loads(json.dumps(one.model_dump(mode="json")))) for one in happenings] == happenings
    assert len({one.key for one in happenings}) == len(happenings)


def broken(value: object) -> list[object]:
    """The same thing with each of its parts replaced by something that has no business there."""
    if isinstance(value, dict):
        spoilt: list[object] = [{**value, key: odd} for key in value for odd in ODD]
        return spoilt + [{**value, key: one} for key in value for one in broken(value[key])]
    return [[one] for item in value for one in broken(item)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", NAMES)
def test_no_odd_part_breaks_the_reader(name: str):
    for payload in broken(fixture(name)["payload"]):
        for happening in WHATSAPP.parse(json.dumps(payload).encode()):
            assert happening.key


def test_a_broken_message_of_a_batch_takes_no_other_along():
    happenings = WHATSAPP.parse(json.dumps(fixture("batch")["payload"]).encode())

    assert [one.type for one in happenings] == ["message", "unknown", "message", "status"]
    assert isinstance(happenings[1], Unknown)


def test_text_that_no_database_takes_is_cleaned_and_nothing_else_is_lost():
    raw = json.dumps(fixture("text")["payload"]).replace("another", "an\\u0000oth\\ud83der").encode()

    (happening,) = WHATSAPP.parse(raw)

    assert isinstance(happening, InboundMessage)
    assert happening.text == "Does it come in another color?"


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", "ção".encode("latin-1"), b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}"]
)
def test_what_is_no_delivery_is_refused(raw: bytes):
    with pytest.raises(Refused):
        WHATSAPP.parse(raw)


@pytest.mark.parametrize(
    "spelling",
    [
        "+55 91 98888-7777", "5591988887777", "559188887777", "+559188887777", "(91) 98888-7777", "91 8888-7777",
        "091 98888-7777", "0055 91 98888-7777", "+55 (091) 98888 7777", "91.98888.7777", "55 91 98888 7777",
    ],
)  # fmt: skip
def test_a_number_in_many_spellings_is_one_number(spelling: str):
    assert canonical(spelling) == "+5591988887777"


@pytest.mark.parametrize(("text", "number"), [("11 3333-4444", "+551133334444"), ("abc", ""), ("123", ""), ("", "")])
def test_a_landline_gets_no_ninth_digit_and_nonsense_is_no_number(text: str, number: str):
    assert canonical(text) == number


def test_a_number_without_a_country_is_one_of_where_the_company_is():
    zones = ["America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Europe/Madrid", "UTC"]

    assert [region_of(zone) for zone in zones] == ["BR", "AR", "ES", "BR"]
