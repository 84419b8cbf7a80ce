"""Who wrote: by phone, by the business-scoped user id (BSUID) that may stand in its place, or by both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conversations.phones import canonical
from conversations.providers.happenings import Identity, Party
from conversations.providers.reading import object_of, objects_of, text_of

Item = dict[str, Any]


def writer(item: Item, value: Item) -> Party:
    """The sender of a message, with the profile that the same delivery tells. Raises ValueError for nobody."""
    phone, user = text_of(item.get("from"), 32), text_of(item.get("from_user_id"), 160)
    known = profile_of(phone, user, value)
    phone = phone or text_of(known.get("wa_id"), 32)
    user = user or text_of(known.get("user_id"), 160)
    found = tuple(identities(phone, user))
    if not found:
        raise ValueError("from")
    profile = object_of(known.get("profile"))
    name = " ".join(text_of(profile.get("name") or profile.get("username"), 120).split())
    return Party(identities=found, name=name, phone=canonical("+" + phone) if phone.isdigit() else "")


def profile_of(phone: str, user: str, value: Item) -> Item:
    """The line of `contacts[]` that speaks of this sender; the only one where there is but one."""
    lines = objects_of(value.get("contacts"))
    for line in lines:
        if (phone and line.get("wa_id") == phone) or (user and line.get("user_id") == user):
            return line
    return lines[0] if len(lines) == 1 and not phone and not user else {}


def identities(phone: str, user: str) -> Iterator[Identity]:
    """The names of a customer, the phone first. Meta's own spelling of a number is what it wants to hear again."""
    if phone:
        yield Identity(identifier=canonical("+" + phone) or f"wa:{phone}", address=phone)
    if user:
        yield Identity(identifier=bsuid(user), address=user)


def bsuid(user: str) -> str:
    return f"bsuid:{user}"


def known_by_phone(number: str) -> Party:
    """A customer of whom only the number is known."""
    return Party(identities=tuple(identities(number, "")), phone=canonical("+" + number))
