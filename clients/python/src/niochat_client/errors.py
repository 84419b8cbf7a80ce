"""What can go wrong, as exceptions. All descend from NioChatError."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class NioChatError(Exception):
    """Anything that this package raises."""


class Refused(NioChatError):
    """The server understood a command and refused it; `code` is the server's, in capitals."""

    def __init__(self, code: str, detail: str, attr: str | None = None) -> None:
        self.code, self.detail, self.attr = code, detail, attr
        super().__init__(f"{code}: {detail}")


class ApiError(NioChatError):
    """A REST request was refused. `code`, `detail` and `attr` are those of the first error of `errors`."""

    def __init__(self, status: int, errors: list[Mapping[str, Any]], retry_after: float | None = None) -> None:
        first = errors[0] if errors else {}
        self.status, self.errors, self.retry_after = status, errors, retry_after
        self.code = str(first.get("code", "unknown"))
        self.detail = str(first.get("detail", "The server gave no reason."))
        self.attr: str | None = first.get("attr")
        super().__init__(f"{status} {self.code}: {self.detail}")


class AuthenticationFailed(NioChatError):
    """The credentials are wrong, ended, or may not come in; trying again with the same ones is useless."""


class ConnectionEnded(NioChatError):
    """The connection is over for good: the server said not to come back, or every attempt was used up."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        self.reason, self.code = reason, code
        super().__init__(reason if code is None else f"{reason} ({code})")


class ClientClosed(NioChatError):
    """The client was closed before this was done."""


class QueueFull(NioChatError):
    """As many commands wait as may wait; this one was not queued."""


class FrameTooLarge(NioChatError, ValueError):
    """A command is larger than a frame may be; it was not queued."""
