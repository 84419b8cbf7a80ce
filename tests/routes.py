"""The URL map as the tests walk over it, so that a new route can't be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

from niochat.sockets import upgrade_required

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
API = "api/v1/"
NOBODYS_ID = "987654321"


class Route(NamedTuple):
    """One address: `path` as people write it (`users/{user_id}`), and what answers."""

    path: str
    view: Any

    @property
    def methods(self) -> list[str]:
        """What the view answers to; a plain function answers to GET as far as the map can tell."""
        return [method for method in METHODS if hasattr(self.view, method.lower())] or ["GET"]

    @property
    def is_rest(self) -> bool:
        """Whether programs ask here by HTTP; a socket's path under the API is none of those."""
        return self.path.startswith(API) and self.view is not upgrade_required

    @property
    def permissions(self) -> dict[str, str]:
        return dict(getattr(self.view, "permissions", {}))


def routes() -> list[Route]:
    """Every address of the product but the Django admin's own."""
    found = (Route(written(path), view) for path, view in walk(get_resolver().url_patterns))
    return [route for route in found if not route.path.startswith("admin/")]


def api_routes() -> list[Route]:
    return [route._replace(path=route.path.removeprefix(API)) for route in routes() if route.is_rest]


def walk(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, path)
        else:
            callback: Any = pattern.callback
            yield path, getattr(callback, "view_class", None) or getattr(callback, "cls", None) or callback


def written(path: str) -> str:
    """`users/<id:user_id>` as `users/{user_id}`, and a regular expression without its anchors."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path).removeprefix("^").removesuffix("/?$")


def filled(path: str, value: str = NOBODYS_ID) -> str:
    """The path with `value` in each of its places."""
    return "/" + re.sub(r"{\w+}", value, path)
