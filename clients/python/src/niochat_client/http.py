"""HTTP as the server speaks it: JSON both ways, refusals as ApiError."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from niochat_client.errors import ApiError

TIMEOUT_S = 30.0
BAD_GATEWAY = 502


class Http:
    """One server's REST API. Closed with the client that made it."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.client = httpx.AsyncClient(
            base_url=f"{url}/api/v1/", timeout=TIMEOUT_S, transport=transport, follow_redirects=False
        )

    async def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """The answer to a request. Raises ApiError, and httpx.TransportError where there is none."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        given = {name: value for name, value in (params or {}).items() if value is not None}
        answer = await self.client.request(method, path, headers=headers, json=json, params=given)
        if answer.is_success:
            return answer
        raise ApiError(answer.status_code, errors_of(answer), retry_after_of(answer))

    async def aclose(self) -> None:
        await self.client.aclose()


def errors_of(answer: httpx.Response) -> list[Mapping[str, Any]]:
    """The errors that the answer names; none where something in between answered in its own words."""
    try:
        errors: list[Mapping[str, Any]] = answer.json()["errors"]
    except (ValueError, KeyError, TypeError):
        return []
    return errors


def json_of(answer: httpx.Response) -> Any:
    """What was answered; None for nothing. What is no JSON was not the server's own answer: as good as none (502)."""
    try:
        return answer.json() if answer.content else None
    except ValueError as odd:
        told = {"code": "not_json", "detail": f"Something between here and the server answered: {answer.text[:80]!r}"}
        raise ApiError(BAD_GATEWAY, [told]) from odd


def retry_after_of(answer: httpx.Response) -> float | None:
    try:
        return float(answer.headers["Retry-After"])
    except (KeyError, ValueError):
        return None
