"""Every kind of update, as the Bot API's document prints it, and what it means to us."""

from __future__ import annotations

import json

import pytest

from accounts.errors import Refused
from conversations.providers import REMOTE
from conversations.providers.happenings import restored
from tests.telegram.lines import FIXTURES, fixture

NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))
ODD: tuple[object, ...] = (None, 5, "x", [], {})
TELEGRAM = REMOTE["telegram"]


@pytest.mark.parametrize("name", NAMES)
def test_an_update_means_what_its_fixture_says(name: str):
    told = fixture(name)

    happenings = TELEGRAM.parse(json.dumps(told["payload"]).encode())

    found = [{"type": one.type, **one.model_dump(mode="json", exclude_defaults=True)} for one in happenings]
    assert found == told["expected"]
    assert [restored(json.loads(json.dumps(one.model_dump(mode="json")))) for one in happenings] == happenings


def broken(value: object) -> list[object]:
    """The same thing with each of its parts replaced by something that has no business there."""
    if isinstance(value, dict):
        spoilt: list[object] = [{**value, key: odd} for key in value for odd in ODD]
        return spoilt + [{**value, key: one} for key in value for one in broken(value[key])]
    return [[one] for item in value for one in broken(item)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", NAMES)
def test_no_odd_part_breaks_the_reader(name: str):
    for payload in broken(fixture(name)["payload"]):
        for happening in TELEGRAM.parse(json.dumps(payload).encode()):
            assert happening.key


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}"])
def test_what_is_no_update_is_refused(raw: bytes):
    with pytest.raises(Refused):
        TELEGRAM.parse(raw)
