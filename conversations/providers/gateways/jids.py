"""WhatsApp's own names of chats: `5591988887777@s.whatsapp.net`, `…@c.us`, and `…@lid` where the number is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from conversations.phones import canonical
from conversations.providers.happenings import Identity, Party

NUMBERS = ("s.whatsapp.net", "c.us")
HIDDEN = "lid"
Where = Literal["group", "channel", "story", "broadcast"]
PLACES: dict[str, Where] = {"g.us": "group", "newsletter": "channel"}


def is_person(jid: str) -> bool:
    """Whether it is a chat with one customer: groups, channels and stories are no business of a helpdesk."""
    name, _, where = jid.partition("@")
    return bool(bare(name).isdigit()) and where in (*NUMBERS, HIDDEN)


def elsewhere(jid: str) -> Where | None:
    """What a chat is that is none with one customer; None for what nobody knows."""
    name, _, where = jid.partition("@")
    if where == "broadcast":
        return "story" if name == "status" else "broadcast"
    return PLACES.get(where)


def bare(name: str) -> str:
    """Without the device that stands behind a colon."""
    return name.partition("@")[0].partition(":")[0]


def party(*jids: str, name: str = "") -> Party:
    """A customer by all the names that a delivery has for them, the number first. Raises ValueError for nobody."""
    found = tuple(identities(sorted(set(filter(is_person, jids)), key=lambda jid: jid.endswith(HIDDEN))))
    if not found:
        raise ValueError("jid")
    phone = found[0].identifier if found[0].identifier.startswith("+") else ""
    return Party(identities=found, name=" ".join(name.split())[:120], phone=phone)


def identities(jids: list[str]) -> Iterator[Identity]:
    for jid in jids:
        digits = bare(jid)
        if jid.endswith(HIDDEN):
            yield Identity(identifier=f"lid:{digits}", address=f"{digits}@{HIDDEN}")
        else:
            yield Identity(identifier=canonical("+" + digits) or f"wa:{digits}", address=digits)


def jid_of(address: str, where: str = "s.whatsapp.net") -> str:
    """The chat's name for an address of ours: digits, or a hidden number's whole name."""
    return address if "@" in address else f"{address}@{where}"
