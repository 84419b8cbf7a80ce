"""What OPTIONS says of a route."""

from __future__ import annotations

from typing import Any

from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request


class MethodsOnly(BaseMetadata):
    """The header `Allow` says it all; what a route takes stands in the OpenAPI document."""

    def determine_metadata(self, request: Request, view: Any) -> dict[str, Any]:
        return {}
