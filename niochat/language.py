"""In which language a request is answered: a person's in theirs, a program in English unless it asks for another."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from niochat.middleware import is_for_machines

PROGRAMS = "en"


class Language(LocaleMiddleware):
    """Django's own choice (the cookie of the dashboard, then Accept-Language, then the product's language), but that a
    program which asks for no language that we speak gets English.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if is_for_machines(request.path_info) and not asks_for_one(request):
            translation.activate(PROGRAMS)
            request.LANGUAGE_CODE = PROGRAMS


def language_of(request: HttpRequest) -> str:
    """The one that it asks for, or else a program's: for JSON that is answered before the middleware runs."""
    return translation.get_language_from_request(request) if asks_for_one(request) else PROGRAMS


def asks_for_one(request: HttpRequest) -> bool:
    """Whether the request names a language that we speak."""
    asked = [name for name, _weight in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))]
    return any(map(speaks, [request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), *asked]))


def speaks(name: str) -> bool:
    try:
        return bool(name) and name != "*" and bool(get_supported_language_variant(name))
    except LookupError:
        return False
