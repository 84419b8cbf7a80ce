"""JSON as the product reads it, the same from HTTP and from sockets: nothing that another reader takes differently.

Python's own decoder takes duplicate keys, NaN, integers of any length, NUL and lone surrogates; browsers, PostgreSQL or
our own filters do not agree with it on any of them.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Never

from django.utils.translation import gettext_noop as _

from accounts.errors import Refused

DEPTH_MAX = 16
SAFE_INTEGER_MAX = 2**53 - 1
SAFE_INTEGER_DIGITS = 16

# A string (perhaps unterminated) or one bracket. Possessive, and a string always matches, so the scan is linear.
TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{\]}]', re.DOTALL)
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class BadJson(Refused):
    code = "bad_json"
    detail = _("This is not valid JSON.")


class BadMessage(Refused):
    code = "bad_message"
    detail = _("Send a JSON object.")


class TooDeep(Refused):
    code = "too_deep"

    def __init__(self) -> None:
        super().__init__(_("Nest at most %(most)s levels."), {"most": DEPTH_MAX})


class BadNumber(Refused):
    code = "bad_number"
    detail = _("Send finite numbers, and integers between -(2^53-1) and 2^53-1.")


class BadText(Refused):
    code = "bad_text"
    detail = _("Text may not contain NUL or half of a surrogate pair.")


def decode_object(raw: bytes | str) -> dict[str, Any]:
    """The JSON object in `raw`; raises BadMessage for any other JSON, and what `decode` raises."""
    value = decode(raw)
    if not isinstance(value, dict):
        raise BadMessage
    return value


def decode(raw: bytes | str) -> Any:
    """The JSON value in `raw`. Raises BadJson, TooDeep, BadNumber or BadText."""
    text = raw if isinstance(raw, str) else _utf8(raw)
    if "\x00" in text:
        raise BadText
    _check_depth(text)
    try:
        value = DECODER.decode(text)
    except ValueError as error:
        raise BadJson from error
    # A surrogate or a NUL comes in by an escape only, once the text itself is sound.
    if "\\u" in text or not text.isascii():
        _check_text(value)
    return value


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise BadJson(_("The body is not UTF-8.")) from error


def _check_depth(text: str) -> None:
    # Before parsing: the parser itself would run out of stack.
    if text.count("[") + text.count("{") <= DEPTH_MAX:
        return
    depth = 0
    for token in TOKEN.finditer(text):
        match token[0]:
            case "[" | "{":
                depth += 1
                if depth > DEPTH_MAX:
                    raise TooDeep
            case "]" | "}":
                depth -= 1


def _check_text(value: Any) -> None:
    match value:
        case str():
            if "\x00" in value or LONE_SURROGATE.search(value):
                raise BadText
        case list():
            for item in value:
                _check_text(item)
        case dict():
            for key, item in value.items():
                _check_text(key)
                _check_text(item)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson(_("A key stands twice in one object."))
    return found


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > SAFE_INTEGER_DIGITS or abs(number := int(digits)) > SAFE_INTEGER_MAX:
        raise BadNumber
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BadNumber
    return number


def _constant(name: str) -> Never:
    raise BadNumber(_("%(name)s is not a JSON number."), {"name": name})


DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant, strict=True
)
