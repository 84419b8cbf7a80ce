"""Other people's JSON: as strictly as anywhere about its form, patiently about the texts in it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import reduce
from typing import Any

from conversations.reasons import HIDDEN, Reason
from realtime.strictjson import BadText, decode_object

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
SHORTEST_SECRET = 6
EARLIEST = datetime(2009, 1, 1, tzinfo=UTC)


def decoded(raw: bytes) -> dict[str, Any]:
    """The object in a delivery. Text that no database takes (NUL, half a character) is left out rather than refused:
    one customer's odd letter must not take the other messages of a batch along.

    Raises Refused for what is not JSON, not an object, or too deep.
    """
    try:
        return decode_object(raw)
    except BadText:
        if b"\x00" in raw:
            raise
        whole: dict[str, Any] = scrubbed(json.loads(raw))
        return whole


def scrubbed(value: Any) -> Any:
    """The same without characters that no database stores, in keys too."""
    match value:
        case str():
            return UNSTORABLE.sub("", value)
        case list():
            return [scrubbed(item) for item in value]
        case dict():
            return {scrubbed(key): scrubbed(item) for key, item in value.items()}
    return value


def without(value: Any, secrets: Sequence[str]) -> Any:
    """The same without these: providers quote what they refuse, a token first of all, and people read their words."""
    match value:
        case Reason():
            return value.without([one for one in secrets if is_long(one)])
        case str():
            return reduce(lambda text, secret: text.replace(secret, HIDDEN), filter(is_long, secrets), value)
        case list():
            return [without(item, secrets) for item in value]
        case dict():
            return {without(key, secrets): without(item, secrets) for key, item in value.items()}
    return value


def is_long(secret: str) -> bool:
    """Whether hiding it would not tear everyday words apart."""
    return len(secret) >= SHORTEST_SECRET


def moment_of(seconds: Any) -> datetime | None:
    """A time from the seconds since 1970, as a number or as digits; None for nonsense."""
    try:
        moment = datetime.fromtimestamp(int(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return moment if moment > EARLIEST else None


def digest(body: dict[str, Any]) -> str:
    """A name for what has none: its content's."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:40]


def text_of(value: Any, most: int = 16_384) -> str:
    """A text, cut to what a message may hold; "" for anything else."""
    return value[:most] if isinstance(value, str) else ""


def digits_of(value: Any) -> str:
    """The digits of a number, however it is written; "" for anything else."""
    return "".join(one for one in text_of(value, 40) if one.isascii() and one.isdigit())


def object_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def objects_of(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
