"""The HTTP door's lock: who sent this request? `resolve` and its sisters are what every other door uses."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from accounts.actor import Actor
from accounts.credentials import DASHBOARD_SESSION, resolve, resolve_cookie, resolve_session
from accounts.door import client_ip
from accounts.errors import CsrfFailed, NotAuthenticated

__all__ = ["ActorAuthentication", "actor_of", "resolve", "resolve_cookie", "resolve_session"]

BEARER_SCHEMES = ("bearer", "token")


class ActorAuthentication(BaseAuthentication):
    """`Authorization: Bearer|Token <access token or client key>`; else the dashboard's cookie, with CSRF enforced.

    A request with a bearer is judged by that alone, its cookies are not looked at. `?token=` is for sockets only.
    """

    def authenticate(self, request: Request) -> tuple[Actor, Actor] | None:
        actor = self.by_bearer(request) or self.by_cookie(request)
        return (actor, actor) if actor else None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'

    def by_bearer(self, request: Request) -> Actor | None:
        scheme, _, credential = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() not in BEARER_SCHEMES:
            return None
        return resolve(credential.strip(), ip=client_ip(request))

    def by_cookie(self, request: Request) -> Actor | None:
        session = request.session
        if DASHBOARD_SESSION not in session:
            return None
        actor = resolve_session(session, ip=client_ip(request))
        _enforce_csrf(request)
        return actor


def actor_of(request: Request) -> Actor:
    """Who acts; raises NotAuthenticated where nobody does."""
    if isinstance(request.auth, Actor):
        return request.auth
    raise NotAuthenticated


def _enforce_csrf(request: HttpRequest) -> None:
    def nothing(_: HttpRequest) -> HttpResponse:
        return HttpResponse()

    check = CSRFCheck(nothing)
    check.process_request(request)
    if check.process_view(request, nothing, (), {}):
        raise CsrfFailed
