"""How a view is described in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPMethod, HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from accounts.errors import STATUS
from accounts.permissions_drf import PUBLIC

JSON = "application/json"
WRITING = {HTTPMethod.POST, HTTPMethod.PUT, HTTPMethod.PATCH}
# What any request may meet: an Accept that nobody can serve, too many at once, a database that is away.
ALWAYS = (HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
OF_BODIES = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
OF_WHO_ASKS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
REFUSAL: dict[str, Any] = {
    "type": "object",
    "description": "Every refusal of the product. Each code has one status.",
    "properties": {
        "type": {"type": "string", "enum": ["validation_error", "client_error", "server_error"]},
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "code": {"type": "string", "enum": sorted(STATUS)},
                    "detail": {"type": "string", "description": "What to do, for people."},
                    "attr": {"type": ["string", "null"], "description": "The field that is to blame."},
                },
                "required": ["code", "detail", "attr"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["type", "errors"],
    "additionalProperties": False,
}


class Schema(AutoSchema):
    """Operations with their refusals, in the contract's shape.

    A view may add statuses of its own, by method: `refusals = {"GET": [HTTPStatus.GONE]}`.
    """

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        found = dict(super()._get_response_bodies(direction))
        for status in sorted(set(self.refusals())):
            found.setdefault(str(status.value), self.refusal(status))
        return found

    def refusals(self) -> Iterator[HTTPStatus]:
        """With which statuses this operation may refuse."""
        yield from ALWAYS
        yield from getattr(self.view, "refusals", {}).get(self.method, ())
        if self.method in WRITING:
            yield from OF_BODIES
        if self._get_parameters():
            yield HTTPStatus.BAD_REQUEST
        if "{" in self.path:
            yield HTTPStatus.NOT_FOUND
        if getattr(self.view, "permissions", {}).get(self.method) != PUBLIC:
            yield from OF_WHO_ASKS
            if self.method != HTTPMethod.GET:
                yield HTTPStatus.CONFLICT

    def refusal(self, status: HTTPStatus) -> dict[str, Any]:
        """The answer of one status, with the codes that have it."""
        new: Any = ResolvedComponent
        component = new("Refusal", ResolvedComponent.SCHEMA, schema=REFUSAL, object="Refusal")
        self.registry.register_on_missing(component)
        codes = ", ".join(f"`{code}`" for code, its in STATUS.items() if its == status)
        return {"description": f"{status.phrase}: {codes}", "content": {JSON: {"schema": component.ref}}}
