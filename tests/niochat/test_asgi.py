"""The ASGI application as a server sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from niochat.asgi import application
from niochat.http import PooledHandler

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://localhost")


SOCKETS = ["/ws/dashboard", "/ws/widget", "/ws", "/api/v1/conversations/ws"]


@pytest.mark.parametrize("path", [path + slash for path in SOCKETS for slash in ("", "/")])
async def test_a_plain_get_on_a_sockets_path_is_told_to_upgrade_38(web: httpx.AsyncClient, path: str) -> None:
    answer = await web.get(path)

    assert answer.status_code == 426
    assert answer.headers["Upgrade"] == "websocket"


@pytest.mark.parametrize(
    ("extensions", "answers"),
    [
        ({"websocket.http.response": {}}, ["websocket.http.response.start", "websocket.http.response.body"]),
        ({}, ["websocket.close"]),
    ],
    ids=["uvicorn", "daphne"],
)
async def test_an_unknown_socket_is_refused_in_the_handshake(extensions: dict[str, Any], answers: list[str]) -> None:
    said: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Mapping[str, Any]) -> None:
        said.append(message)

    await application({"type": "websocket", "path": "/ws/nothing/", "extensions": extensions}, receive, send)

    assert [message["type"] for message in said] == answers
    assert said[0].get("status", 404) == 404


async def test_a_page_is_served_whole_with_its_headers(web: httpx.AsyncClient) -> None:
    answer = await web.get("/health")

    assert answer.json() == {"status": "ok"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.urls("tests.niochat.routes")
async def test_a_stream_is_sent_part_by_part() -> None:
    said: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Mapping[str, Any]) -> None:
        said.append(message)

    scope = dict[str, Any](type="http", method="GET", path="/test/stream", query_string=b"", client=("127.0.0.1", 1))
    scope["headers"] = [(b"host", b"localhost")]
    await PooledHandler()(scope, receive, send)

    assert said[0]["status"] == 200
    assert [message.get("body") for message in said[1:]] == [b"part 0\n", b"part 1\n", b"part 2\n", None]
    assert "more_body" not in said[-1]
