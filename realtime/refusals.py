"""Why a socket is refused something or closed, in the product's words, and the close codes that several places use."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_noop as _

from accounts.errors import NotFound, Refused

AUTH_WITHIN_S = 10.0
UNAUTHENTICATED, NOT_NOW, TOO_MANY = 4401, 1013, 4429
DATABASE_DOWN = (OperationalError, InterfaceError, ConnectionError)


class ScopeChanged(Refused):
    code = "scope_changed"
    detail = _("Your rights have changed; renew your token and take a snapshot.")


class AuthTimeout(Refused):
    code = "auth_timeout"

    def __init__(self) -> None:
        super().__init__(_("Send a frame `auth` within %(seconds)d s."), {"seconds": AUTH_WITHIN_S})


class TooManySockets(Refused):
    code = "rate_limited"
    detail = _("This user has too many open sockets.")


class Unavailable(Refused):
    code = "unavailable"
    detail = _("Not available just now; try again shortly.")


class Internal(Refused):
    code = "internal"
    detail = _("Something broke on our side; it has been noted.")


def refusal_of(problem: Exception) -> Refused:
    """A failure in the product's words."""
    if isinstance(problem, Refused):
        return problem
    return NotFound() if isinstance(problem, ObjectDoesNotExist) else Unavailable(retry_after=2)
