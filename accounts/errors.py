"""Every refusal of the product: a code, and the one HTTP status that the code has everywhere.

An action or a door raises a `Refused`; HTTP answers it in the contract's error shape, a socket with the same code in
capitals. A code that is not in `STATUS` cannot be raised, so the table is complete by construction.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

STATUS: dict[str, HTTPStatus] = {
    # What can't be parsed, an unknown reference, a bad query.
    "bad_json": HTTPStatus.BAD_REQUEST,
    "bad_message": HTTPStatus.BAD_REQUEST,
    "bad_number": HTTPStatus.BAD_REQUEST,
    "bad_text": HTTPStatus.BAD_REQUEST,
    "too_deep": HTTPStatus.BAD_REQUEST,
    "bad_filter": HTTPStatus.BAD_REQUEST,
    "bad_datetime": HTTPStatus.BAD_REQUEST,
    "bad_cursor": HTTPStatus.BAD_REQUEST,
    "bad_page": HTTPStatus.BAD_REQUEST,
    "query_too_broad": HTTPStatus.BAD_REQUEST,
    "unknown_type": HTTPStatus.BAD_REQUEST,
    "required": HTTPStatus.BAD_REQUEST,
    "null": HTTPStatus.BAD_REQUEST,
    "invalid": HTTPStatus.BAD_REQUEST,
    "does_not_exist": HTTPStatus.BAD_REQUEST,
    "tenant_required": HTTPStatus.BAD_REQUEST,
    "unsupported_data": HTTPStatus.BAD_REQUEST,
    "validation": HTTPStatus.BAD_REQUEST,
    # Who are you, and may you?
    "not_authenticated": HTTPStatus.UNAUTHORIZED,
    "authentication_failed": HTTPStatus.UNAUTHORIZED,
    "token_invalid": HTTPStatus.UNAUTHORIZED,
    "token_expired": HTTPStatus.UNAUTHORIZED,
    "session_revoked": HTTPStatus.UNAUTHORIZED,
    "user_disabled": HTTPStatus.UNAUTHORIZED,
    "identity_invalid": HTTPStatus.UNAUTHORIZED,
    "signature_invalid": HTTPStatus.UNAUTHORIZED,
    "auth_timeout": HTTPStatus.UNAUTHORIZED,
    "scope_changed": HTTPStatus.UNAUTHORIZED,
    "forbidden": HTTPStatus.FORBIDDEN,
    "csrf_failed": HTTPStatus.FORBIDDEN,
    "origin_forbidden": HTTPStatus.FORBIDDEN,
    "tenant_inactive": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "not_acceptable": HTTPStatus.NOT_ACCEPTABLE,
    # A state that forbids it.
    "conflict": HTTPStatus.CONFLICT,
    "already_assigned": HTTPStatus.CONFLICT,
    "conversation_closed": HTTPStatus.CONFLICT,
    "conversation_open": HTTPStatus.CONFLICT,
    "window_closed": HTTPStatus.CONFLICT,
    "not_failed": HTTPStatus.CONFLICT,
    "not_uncertain": HTTPStatus.CONFLICT,
    "survey_expired": HTTPStatus.GONE,
    "payload_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "quota": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unsupported_media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "range_not_satisfiable": HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    # A well-formed value that is refused.
    "empty": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "out_of_range": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid_choice": HTTPStatus.UNPROCESSABLE_ENTITY,
    "not_unique": HTTPStatus.UNPROCESSABLE_ENTITY,
    "bad_rating": HTTPStatus.UNPROCESSABLE_ENTITY,
    "bad_reaction": HTTPStatus.UNPROCESSABLE_ENTITY,
    "bad_phone": HTTPStatus.UNPROCESSABLE_ENTITY,
    "bad_email": HTTPStatus.UNPROCESSABLE_ENTITY,
    "bad_name": HTTPStatus.UNPROCESSABLE_ENTITY,
    "bad_time": HTTPStatus.UNPROCESSABLE_ENTITY,
    "bad_hours": HTTPStatus.UNPROCESSABLE_ENTITY,
    "bad_origin": HTTPStatus.UNPROCESSABLE_ENTITY,
    "bad_colour": HTTPStatus.UNPROCESSABLE_ENTITY,
    "weak_password": HTTPStatus.UNPROCESSABLE_ENTITY,
    "type_mismatch": HTTPStatus.UNPROCESSABLE_ENTITY,
    "empty_file": HTTPStatus.UNPROCESSABLE_ENTITY,
    "not_supported": HTTPStatus.UNPROCESSABLE_ENTITY,
    "template_not_approved": HTTPStatus.UNPROCESSABLE_ENTITY,
    "template_incomplete": HTTPStatus.UNPROCESSABLE_ENTITY,
    "url_not_allowed": HTTPStatus.UNPROCESSABLE_ENTITY,
    "not_assignable": HTTPStatus.UNPROCESSABLE_ENTITY,
    "last_admin": HTTPStatus.CONFLICT,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}

# Refusals of a credential after which a socket's client should not come back; any other asks it to renew.
SHUT_OUT = frozenset({"user_disabled", "tenant_inactive", "forbidden", "origin_forbidden"})


class Refused(Exception):
    """Somebody asked for something that NioChat will not do; `detail` says what to do instead.

    It is English: for sockets, logs, jobs and records, which know no reader. Whoever answers a request says
    `translated()`; so a sentence is marked with `gettext_noop`, and what varies in it comes as `values`, by name.

    `attr` names the offending field where there is one; `retry_after` is in seconds.
    """

    code = "invalid"
    detail = _("This can't be done.")
    # A socket's refusal names the command that it answers, where that had a `request_id`.
    request_id: str | int | None = None

    def __init__(
        self,
        detail: str | None = None,
        values: Mapping[str, object] | None = None,
        *,
        code: str | None = None,
        attr: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.code = code or self.code
        self.sentence, self.values = detail or self.detail, values or {}
        self.detail = filled(self.sentence, self.values)
        self.attr = attr
        self.retry_after = retry_after
        self.status = STATUS[self.code]
        super().__init__(f"{self.code}: {self.detail}")

    def translated(self) -> str:
        """The detail in the language that is spoken at this moment: a request's."""
        return filled(gettext(self.sentence), self.values)

    @property
    def close_code(self) -> int:
        """How a socket is closed whose credential was refused so."""
        return 4403 if self.code in SHUT_OUT else 4401


def filled(sentence: str, values: Mapping[str, object]) -> str:
    """The sentence with its values; one that has none may be another's own words, with whatever signs."""
    return sentence % values if values else sentence


class NotAuthenticated(Refused):
    code = "not_authenticated"
    detail = _("Send an access token or a client key.")


class TokenInvalid(Refused):
    code = "token_invalid"
    detail = _("Invalid token")


class TokenExpired(Refused):
    code = "token_expired"
    detail = _("The token has expired; renew it.")


class SessionRevoked(Refused):
    code = "session_revoked"
    detail = _("This session has ended; log in again.")


class AuthenticationFailed(Refused):
    code = "authentication_failed"
    detail = _("No active account with these credentials.")


class UserDisabled(Refused):
    code = "user_disabled"
    detail = _("This account is disabled.")


class TenantInactive(Refused):
    code = "tenant_inactive"
    detail = _("This company's account is suspended.")


class Forbidden(Refused):
    code = "forbidden"
    detail = _("Your role does not allow this.")


class NotAMember(Forbidden):
    detail = _("You are not a member of this company any more.")


class CsrfFailed(Refused):
    code = "csrf_failed"
    detail = _("Reload the page and try again: the request did not carry the page's CSRF token.")


class NotFound(Refused):
    code = "not_found"
    detail = _("Not found.")


class UnknownReference(Refused):
    """An id in a body that names nothing this actor may see: another tenant's is answered in just the same way."""

    code = "does_not_exist"

    def __init__(self, attr: str) -> None:
        super().__init__(_("There is no such object."), attr=attr)


class RateLimited(Refused):
    code = "rate_limited"
    detail = _("Too many requests; wait a little.")
