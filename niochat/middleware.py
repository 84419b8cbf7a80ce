"""What wraps every request: its id, the client's address, one line in the log; the optional slash; compression."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

Answer = Callable[[HttpRequest], HttpResponseBase]
REQUEST_ID_HEADER = "X-Request-ID"
# An id given by a proxy is kept if it looks like one.
GIVEN_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)
MACHINE_PATHS = ("/api/", "/webhooks/", "/health", "/metrics")
log = structlog.get_logger("niochat.access")


def is_for_machines(path: str) -> bool:
    """Whether a program reads what this path answers: then errors are JSON, and the trailing slash is optional."""
    return path.startswith(MACHINE_PATHS)


class RequestContext:
    """Gives the request an id, finds the client's address behind the trusted proxies, and logs the answer."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = _request_id(request)
        request.META["REMOTE_ADDR"] = client_ip(request)
        with structlog.contextvars.bound_contextvars(request_id=request_id, ip=request.META["REMOTE_ADDR"]):
            started = time.perf_counter()
            response = self.get_response(request)
            _log(request, response, time.perf_counter() - started)
        response.headers[REQUEST_ID_HEADER] = request_id
        return response


class OptionalSlash:
    """`/api/v1/conversations/` is `/api/v1/conversations`: routes for programs are declared without the slash."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_for_machines(request.path_info) and request.path_info.endswith("/"):
            request.path_info = request.path_info[:-1]
        return self.get_response(request)


class KeptNowhere:
    """What the API answers is somebody's own, tokens included: no cache keeps it but where a view says otherwise."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path_info.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class Compressed(GZipMiddleware):
    """What the API answers is a fraction of its size in gzip.

    The length of a compressed answer tells somebody on the line what is in it, if they can have a victim's browser ask
    for it with words of their own again and again (BREACH). So only those are served so whose question nobody else can
    have put into their mouth: a program with a bearer, and a page of our own. Django adds a random length besides.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return super().process_response(request, response) if is_compressible(request, response) else response


def is_compressible(request: HttpRequest, response: HttpResponseBase) -> bool:
    asked_by_itself = "Authorization" in request.headers or request.headers.get("Sec-Fetch-Site") == "same-origin"
    reads = request.method == "GET" and request.path_info.startswith("/api/")
    return reads and asked_by_itself and not response.streaming


def client_ip(request: HttpRequest) -> str:
    """The address that the outermost trusted proxy saw; the peer's own where no proxy is trusted.

    Each proxy appends the address of its peer to X-Forwarded-For, so with N trusted ones the Nth from the right is
    the last that nobody outside could have written.
    """
    peer: str = request.META.get("REMOTE_ADDR", "")
    hops = settings.TRUSTED_PROXIES
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return forwarded[-hops] if 0 < hops <= len(forwarded) and forwarded[-hops] else peer


def _request_id(request: HttpRequest) -> str:
    given: str = request.headers.get(REQUEST_ID_HEADER, "")
    return given if settings.TRUSTED_PROXIES and GIVEN_ID.fullmatch(given) else uuid.uuid4().hex


def _log(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    # The path without its query: what is secret in a URL of ours stands there.
    level = logging.DEBUG if request.path.startswith(settings.STATIC_URL) else logging.INFO
    log.log(
        level,
        "answered",
        method=request.method,
        path=request.path,
        status=int(response.status_code),
        ms=round(seconds * 1000, 1),
    )
