"""Small things that several families say alike."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, datetime
from typing import Any, Literal

from realtime import commands
from realtime.events import iso


class Auth(commands.Auth):
    """Credentials. Who the client says to be is compared with them, and never believed."""

    user_id: str | int | None = None
    userId: str | int | None = None  # noqa: N815 - a client's own word
    companyId: str | int | None = None  # noqa: N815


def without_cursors(fields: dict[str, Any]) -> dict[str, Any]:
    """Only the native protocol resumes."""
    return {name: value for name, value in fields.items() if name != "cursors"}


def text_id(number: int | None) -> str | None:
    """An id for families whose ids are strings."""
    return None if number is None else str(number)


def now() -> str:
    """The moment at which something is told."""
    return iso(datetime.now(UTC))


def is_public(message: dict[str, Any]) -> bool:
    """Whether a message is for families: neither a note nor a line of the product's own."""
    return not message["private"] and message["sender_type"] != "system"


def modest(status: str) -> Literal["waiting", "assigned", "active", "closed"]:
    """A conversation's status for those who do not know `snoozed`."""
    known: dict[str, Literal["assigned", "active", "closed"]] = {
        "assigned": "assigned",
        "active": "active",
        "closed": "closed",
    }
    return known.get(status, "waiting")


def typing_deed(user_id: int | None, conversation_id: int, *, is_typing: bool) -> Hashable:
    """Typing, or the end of it, of somebody of the team."""
    return "typing", user_id, conversation_id, is_typing


def deed_of_typing(data: dict[str, Any]) -> Hashable:
    return typing_deed(data["user_id"], data["conversation_id"], is_typing=data["is_typing"])
