"""How a refusal becomes an HTTP answer: one shape and one status for each code, on every route.

`{"type": "validation_error|client_error|server_error", "errors": [{"code", "detail", "attr"}]}`
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_noop as _
from django.views.decorators.csrf import csrf_exempt
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import Error, ErrorType, ExceptionHandlerContext
from rest_framework import exceptions
from rest_framework.response import Response

from accounts.errors import STATUS, NotFound, Refused
from niochat.codes import code_of, status_of
from niochat.middleware import is_for_machines

log = structlog.get_logger(__name__)

QUERY_CANCELED = "57014"
RETRY_S = 2


class RefusedAnswer(exceptions.APIException):
    """A Refused, as REST framework knows answers."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.translated(), refused.code)
        self.code = refused.code
        self.status_code = refused.status
        self.attr = refused.attr
        self.wait = math.ceil(refused.retry_after) if refused.retry_after else None
        self.auth_header = "Bearer" if refused.status == STATUS["not_authenticated"] else None


class Shape(ExceptionFormatter):
    """The contract's shape: our codes; `attr` null where no field is to blame."""

    def get_error_type(self) -> ErrorType:
        if isinstance(self.exc, RefusedAnswer) and self.exc.attr:
            return "validation_error"
        return "validation_error" if self.exc.status_code == STATUS["empty"] else super().get_error_type()

    def get_errors(self) -> list[Error]:
        if isinstance(self.exc, RefusedAnswer):
            return [Error(self.exc.code, str(self.exc.detail), self.exc.attr)]
        request = self.context["request"]
        query = request is not None and request.method in ("GET", "HEAD")
        return [
            Error(
                code_of(error.code, query=query), error.detail, None if error.attr == "non_field_errors" else error.attr
            )
            for error in super().get_errors()
        ]


class Handler(ExceptionHandler):
    """drf-standardized-errors' handler with our table of codes; nothing is left to the debug page."""

    def should_not_handle(self, exc: Exception) -> bool:
        return False

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        known = as_refused(exc)
        if known is not None:
            return RefusedAnswer(known)
        return super().convert_known_exceptions(exc)

    def convert_unhandled_exceptions(self, exc: Exception) -> exceptions.APIException:
        return exc if isinstance(exc, exceptions.APIException) else RefusedAnswer(internal())

    def format_exception(self, exc: exceptions.APIException) -> dict[str, Any]:
        return dict(Shape(exc, self.context, self.exc).run())

    def report_exception(self, exc: exceptions.APIException, response: Response) -> None:
        known = as_refused(self.exc)
        if known is None:
            super().report_exception(exc, response)
        elif known.code == "unavailable":  # nobody's fault here: no traceback
            log.warning("database unavailable", error=str(self.exc))

    def get_response(self, exc: exceptions.APIException, data: dict[str, Any]) -> Response:
        response = super().get_response(exc, data)
        response.status_code = status_of([error["code"] for error in data["errors"]])
        return response


def exception_handler(exc: Exception, context: ExceptionHandlerContext) -> Response | None:
    """REST framework's EXCEPTION_HANDLER."""
    return Handler(exc, context).run()


def as_refused(exc: BaseException | None) -> Refused | None:
    """What the product says to an exception that it knows; None for a fault of ours."""
    match exc:
        case Refused():
            return exc
        case ObjectDoesNotExist():
            return NotFound()
        case RequestDataTooBig():
            return Refused(_("The body is too large."), code="payload_too_large")
        case SuspiciousOperation():
            return Refused(_("The request is malformed."), code="invalid")
        case OperationalError() | InterfaceError():
            return _database(exc)
    return None


def _database(exc: Exception) -> Refused:
    if getattr(exc.__cause__, "sqlstate", None) == QUERY_CANCELED:
        return Refused(_("The query takes too long; narrow it."), code="query_too_broad")
    return Refused(_("The service is not available just now; try again."), code="unavailable", retry_after=RETRY_S)


def internal() -> Refused:
    """A fault of ours: what happened stands in the log, under the id that the answer names."""
    request_id = structlog.contextvars.get_contextvars().get("request_id", "unknown")
    words = _("Something went wrong here. Report it with this id: %(request_id)s")
    return Refused(words, {"request_id": request_id}, code="internal")


def answer(request: HttpRequest, refused: Refused, template: str) -> HttpResponse:
    """The answer outside REST framework: JSON for programs, a page for people."""
    if is_for_machines(request.path_info):
        response: HttpResponse = JsonResponse(body(refused), status=refused.status)
    else:
        # Without the request: its context processors would ask the database that may be what is missing.
        response = HttpResponse(render_to_string(template, {"refused": refused}), status=refused.status)
    if refused.retry_after:
        response.headers["Retry-After"] = str(math.ceil(refused.retry_after))
    return response


def body(refused: Refused) -> Mapping[str, Any]:
    """The contract's error shape of one refusal."""
    kind = "server_error" if refused.status >= STATUS["internal"] else "client_error"
    return {"type": kind, "errors": [{"code": refused.code, "detail": refused.translated(), "attr": refused.attr}]}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400."""
    return answer(request, Refused(_("The request is malformed."), code="invalid"), "errors/400.html")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler403."""
    return answer(request, Refused(_("This is not allowed."), code="forbidden"), "errors/403.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404."""
    return answer(request, NotFound(), "errors/404.html")


@csrf_exempt
def no_such_route(request: HttpRequest) -> HttpResponse:
    """The end of the URL map for programs: whatever the method, nothing is here."""
    return JsonResponse(body(NotFound()), status=NotFound().status)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: a database that is down reads 503, anything else is ours."""
    return answer(request, as_refused(sys.exc_info()[1]) or internal(), "errors/500.html")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    refused = Refused(_("The form's protection did not match; load the page again."), code="csrf_failed")
    return answer(request, refused, "errors/403.html")
