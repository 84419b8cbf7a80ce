"""REST framework's and Django's words for what is wrong with a value, in the product's own."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from accounts.errors import STATUS

OURS = {
    "blank": "empty",
    "empty": "empty",
    "max_length": "too_long",
    "max_string_length": "too_long",
    "min_length": "out_of_range",
    "max_value": "out_of_range",
    "min_value": "out_of_range",
    "max_digits": "out_of_range",
    "max_decimal_places": "out_of_range",
    "max_whole_digits": "out_of_range",
    "invalid_choice": "invalid_choice",
    "unique": "not_unique",
    "incorrect_type": "does_not_exist",
    "incorrect_match": "does_not_exist",
    "no_match": "does_not_exist",
    "date": "bad_datetime",
    "datetime": "bad_datetime",
    "make_aware": "bad_datetime",
    "overflow": "bad_datetime",
    "null_characters_not_allowed": "bad_text",
    "surrogate_characters_not_allowed": "bad_text",
    "password_too_short": "weak_password",
    "password_too_common": "weak_password",
    "password_too_similar": "weak_password",
    "password_entirely_numeric": "weak_password",
    "parse_error": "invalid",  # of a form: JSON has our own parser
    "permission_denied": "forbidden",
    "throttled": "rate_limited",
    "error": "internal",
}


def code_of(code: str, *, query: bool = False) -> str:
    """The product's code for a framework's; what nobody foresaw is `invalid`.

    In a `query` every refused value is a bad query (400): there is no well-formed body to be refused.
    """
    ours = OURS.get(code, code if code in STATUS else "invalid")
    return "bad_filter" if query and STATUS[ours] == HTTPStatus.UNPROCESSABLE_ENTITY else ours


def status_of(codes: Iterable[str]) -> HTTPStatus:
    """The status of an answer that holds these codes: 400 where anything is 400, else the first one's."""
    statuses = [STATUS[code] for code in codes]
    return HTTPStatus.BAD_REQUEST if HTTPStatus.BAD_REQUEST in statuses else statuses[0]
