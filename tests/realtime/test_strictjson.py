"""What the decoder refuses, row by row of the table of bad input."""

from __future__ import annotations

import json
import time

import pytest

from accounts.errors import Refused
from realtime.strictjson import DEPTH_MAX, SAFE_INTEGER_MAX, decode, decode_object

REFUSED = {
    "5-empty": ("", "bad_json"),
    "5-cut-off": ('{"a": ', "bad_json"),
    "5-trailing-comma": ('{"a": 1,}', "bad_json"),
    "5-two-values": ('{"a": 1} {"b": 2}', "bad_json"),
    "5-byte-order-mark": ('\ufeff{"a": 1}', "bad_json"),
    "5-not-utf8": (b'{"a": "\xff"}', "bad_json"),
    "5-raw-newline-in-text": ('{"a": "x\ny"}', "bad_json"),
    "6-array": ("[1]", "bad_message"),
    "6-null": ("null", "bad_message"),
    "6-text": ('"hi"', "bad_message"),
    "6-number": ("7", "bad_message"),
    "9-key-twice": ('{"type": "ping", "type": "auth"}', "bad_json"),
    "9-key-twice-by-escape": ('{"type": "ping", "t\\u0079pe": "auth"}', "bad_json"),
    "9-key-twice-below": ('{"a": [{"b": 1, "b": 2}]}', "bad_json"),
    "10-20000-brackets": ("[" * 20_000, "too_deep"),
    "10-just-over": ('{"a":' * (DEPTH_MAX + 1) + "1" + "}" * (DEPTH_MAX + 1), "too_deep"),
    "10-just-over-behind-text": ('{"x": "]]]]\\"}}}", "a": ' + "[" * DEPTH_MAX + "]" * DEPTH_MAX + "}", "too_deep"),
    "11-5000-digits": ('{"a": ' + "9" * 5000 + "}", "bad_number"),
    "11-over-safe": (f'{{"a": {SAFE_INTEGER_MAX + 1}}}', "bad_number"),
    "11-under-safe": (f'{{"a": {-SAFE_INTEGER_MAX - 1}}}', "bad_number"),
    "11-2^63": (f'{{"a": {2**63}}}', "bad_number"),
    "12-nan": ('{"a": NaN}', "bad_number"),
    "12-infinity": ('{"a": -Infinity}', "bad_number"),
    "12-1e999": ('{"a": 1e999}', "bad_number"),
    "13-nul-in-text": ('{"a": "x\\u0000y"}', "bad_text"),
    "13-nul-in-key": ('{"x\\u0000": 1}', "bad_text"),
    "13-nul-raw": ('{"a": "\x00"}', "bad_text"),
    "13-nul-below": ('{"a": [{"b": ["\\u0000"]}]}', "bad_text"),
    "14-lone-high": ('{"a": "\\ud800"}', "bad_text"),
    "14-lone-low": ('{"a": "x\\udc00"}', "bad_text"),
    "14-in-key": ('{"\\ud83d": 1}', "bad_text"),
    "14-wrong-order": ('{"a": "\\udc00\\ud800"}', "bad_text"),
    "14-raw": ('{"a": "\ud800"}', "bad_text"),
}


@pytest.mark.parametrize(("raw", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_body_is_refused_by_its_code(raw: str | bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        decode_object(raw)
    assert refused.value.code == code


ACCEPTED = [
    {},
    {"a": [1, -2, 0.5, 1e300, True, None, "é", "😀", "\u200b"]},
    {"n": SAFE_INTEGER_MAX, "m": -SAFE_INTEGER_MAX},
    {"brackets in text": "[" * 100 + '"' + "{" * 100},
    {"many but flat": [[] for _ in range(200)]},
]


@pytest.mark.parametrize("value", ACCEPTED)
@pytest.mark.parametrize("escaped", [True, False])
def test_sound_json_is_read_as_it_was_meant(value: object, escaped: bool) -> None:
    text = json.dumps(value, ensure_ascii=escaped)

    assert decode(text) == value
    assert decode(text.encode()) == value


def test_the_deepest_allowed_body_is_read() -> None:
    assert decode("[" * DEPTH_MAX + "]" * DEPTH_MAX)


@pytest.mark.parametrize(
    "text", ['"' + '\\"' * 500_000, '"\\' * 500_000, "[[]," * 250_000], ids=["quotes", "slashes", "pairs"]
)
def test_a_hostile_megabyte_is_refused_within_a_second(text: str) -> None:
    brackets = "[" * (DEPTH_MAX + 1)

    started = time.perf_counter()
    with pytest.raises(Refused):
        decode(text + brackets)

    assert time.perf_counter() - started < 1
