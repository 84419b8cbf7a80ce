"""What every address of the widget does before anything else: find the inbox, look at the site, know the visitor.

The page that embeds the widget is another origin, so these routes have CORS rules of their own: the inbox's list of
sites instead of the product's, and no credentials of the browser's, ever. A visitor shows their token.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_noop as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.door import client_ip
from accounts.errors import NotAuthenticated
from accounts.permissions import require
from conversations.attendance import attending, status_of
from conversations.models import Inbox
from conversations.sites import ensure_allowed
from conversations.visitors import Visitor, resolve

PREFLIGHT_LASTS_S = 7200
EXPOSED = "X-Total-Count, Link, Retry-After"
key_in_path = OpenApiParameter("key", str, OpenApiParameter.PATH, description="The inbox's public key.")


def own_origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


class Shared(APIView):
    """A route that pages of other sites may call: `site` is the one that may read the answer, none when empty."""

    authentication_classes = ()
    site = ""

    def check_permissions(self, request: Request) -> None:
        """A preflight carries no token and needs none."""
        if request.method != "OPTIONS":
            super().check_permissions(request)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        headers = {
            "Access-Control-Allow-Methods": ", ".join(self.allowed_methods),
            "Access-Control-Allow-Headers": "authorization, content-type",
            "Access-Control-Max-Age": str(PREFLIGHT_LASTS_S),
        }
        return Response(status=204, headers=headers)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Let the site read the answer, without the browser's credentials."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(answer, ["Origin"])
        if self.site:
            answer["Access-Control-Allow-Origin"] = self.site
            answer["Access-Control-Expose-Headers"] = EXPOSED
        return answer


class Embedded(Shared):
    """A route under `/api/v1/widget/{key}`: `self.inbox` is there, and the site is one that may embed it."""

    refusals = dict.fromkeys(("GET", "POST"), (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN))
    inbox: Inbox

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.inbox = Inbox.embedded(kwargs["key"])
        origin = request.headers.get("Origin", "")
        ensure_allowed(self.inbox, origin, own_origin(request))
        self.site = origin

    def visitor(self, request: Request, *, renewing: bool = False) -> Visitor | None:
        """Who shows a token; None without one. Raises TokenInvalid, TokenExpired, Forbidden."""
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        return resolve(token.strip(), self.inbox, renewing=renewing)

    def chatting(self, request: Request) -> tuple[Visitor, Actor]:
        """The visitor, and the actor that they are; raises NotAuthenticated for a request without a token."""
        visitor = self.visitor(request)
        if visitor is None:
            raise NotAuthenticated(_("Send the visitor's token."))
        actor = visitor.actor(ip=client_ip(request))
        require(actor, "widget.chat")
        return visitor, actor


def team_data(inbox: Inbox) -> dict[str, Any]:
    """Who is there: the data of `agent_status`."""
    return status_of(attending(inbox)).data()
