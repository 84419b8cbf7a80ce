"""Deny by default: a view says for each method which permission it needs, or nobody gets in."""

from __future__ import annotations

from typing import Any, Final

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.authentication import actor_of
from accounts.errors import Forbidden
from accounts.permissions import require

PUBLIC: Final = "public"


class Allowed(BasePermission):
    """Reads the view's `permissions = {"GET": "conversation.read", "POST": PUBLIC}`; HEAD counts as GET.

    OPTIONS tells anybody which methods there are, and nothing else.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method == "OPTIONS":
            return True
        method = "GET" if request.method == "HEAD" else request.method or ""
        if not hasattr(view, method.lower()):
            raise MethodNotAllowed(method)
        needed = getattr(view, "permissions", {}).get(method)
        if needed == PUBLIC:
            return True
        actor = actor_of(request)
        if needed is None:
            raise Forbidden
        require(actor, needed)
        return True
