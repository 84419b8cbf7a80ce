"""What readers of gateways share: a broken part is kept for people instead of taking the others along."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any

from conversations.providers.happenings import AnyHappening, Unknown

Item = dict[str, Any]
Read = Callable[[Item], AnyHappening | None]
ID_MOST = 200


def all_read(read: Read, items: Iterable[Item], kind: str, account: str) -> list[AnyHappening]:
    """Each item read on its own; what is none of a helpdesk's business is left out."""
    found = [attempted(read, item, kind, account) for item in items]
    return [one for one in found if one is not None]


def attempted(read: Read, item: Item, kind: str, account: str) -> AnyHappening | None:
    try:
        return read(item)
    except (AttributeError, KeyError, TypeError, ValueError):
        return unknown(kind, item, account)


def unknown(kind: str, body: Item, account: str) -> Unknown:
    return Unknown(id=digest(body), kind=kind[:60], body=body, account=account)


def digest(body: Item) -> str:
    """A name for what has none: its content's."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:40]


def needed(value: Any) -> str:
    """A gateway's id; raises ValueError where it is missing or no id."""
    if not isinstance(value, str) or not 0 < len(value) <= ID_MOST:
        raise ValueError("id")
    return value
