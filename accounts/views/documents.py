"""What the OpenAPI document says of every list, and of how one proves who one is."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter

from accounts.listing import FARTHEST, LIMIT, MOST

paging = [
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}),
    OpenApiParameter("offset", {"type": "integer", "minimum": 0, "maximum": FARTHEST, "default": 0}),
]


class ActorScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its __init_subclass__ has no types
    """`Bearer`, with an access token or a client key; or the dashboard's cookie."""

    target_class = "accounts.authentication.ActorAuthentication"
    name = ["bearer", "session"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        return [
            {"type": "http", "scheme": "bearer", "description": "An access token or a client key."},
            {"type": "apiKey", "in": "cookie", "name": "niochat_session", "description": "The served dashboard's own."},
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        """Either of them, not both."""
        return [{name: []} for name in self.name]
