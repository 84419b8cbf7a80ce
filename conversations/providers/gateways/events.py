"""What readers of gateways share: a broken part is kept for people instead of taking the others along."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from conversations.providers.gateways import jids
from conversations.providers.happenings import AnyHappening, Ignored, InboundMessage, Unknown

Item = dict[str, Any]
Read = Callable[[Item], AnyHappening | None]
ID_MOST = 200
# Before the id of a call, which no gateway knows as a message.
CALL = "call:"
WRITING = {"composing", "recording", "typing"}
# That somebody is there, or went away, ends their writing: of its end itself not every session is told.
SILENT = {"paused", "available", "unavailable", "online", "offline"}


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


def ignored(jid: str, message_id: str, account: str) -> Ignored | None:
    """What was written in a group, a channel or a story."""
    where = jids.elsewhere(jid)
    return Ignored(id=message_id, where=where, account=account) if where else None


def called(names: Iterable[str], call_id: str, account: str, at: datetime | None, *, video: bool) -> InboundMessage:
    """A customer called. Nobody can take it here, so the team has to see it as something that waits for an answer."""
    party = jids.party(*names)
    told = {"call": {"video": video}}
    return InboundMessage(account=account, at=at, id=needed(f"{CALL}{call_id}"), party=party, metadata=told)


def needed(value: Any) -> str:
    """A gateway's id; raises ValueError where it is missing or no id."""
    if not isinstance(value, str) or not 0 < len(value) <= ID_MOST:
        raise ValueError("id")
    return value
