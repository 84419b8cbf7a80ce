"""A body that grows too large is refused while it comes, not after it was stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from niochat.bodies import READ_AWAY_MOST, BoundedBodies, Receive, Scope, Send

MIB = 2**20
READ_AWAY = READ_AWAY_MOST // MIB


async def reads_all(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that takes whatever comes."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def posted(
    path: str, parts: list[bytes], headers: list[tuple[bytes, bytes]] | None = None
) -> tuple[int, bytes, int]:
    """Status, body, and how many parts were taken."""
    taken = 0
    said: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": parts[taken - 1], "more_body": taken < len(parts)}

    async def send(message: Mapping[str, Any]) -> None:
        said.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers or []}
    await BoundedBodies(reads_all)(scope, receive, send)
    return said[0]["status"], said[1]["body"], taken


async def test_a_declared_large_body_is_refused_unread_94() -> None:
    status, body, taken = await posted("/api/v1/x", [b""], [(b"content-length", b"200000000")])

    assert (status, taken) == (413, 0)
    assert json.loads(body)["errors"][0]["code"] == "payload_too_large"


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ([], "The body is too large."),
        ([(b"accept-language", b"pt-BR")], "O corpo do pedido é grande demais."),
        ([(b"cookie", b"niochat_language=es")], "El cuerpo de la petición es demasiado grande."),
    ],
    ids=["none", "portuguese", "spanish"],
)
async def test_it_is_refused_in_the_reader_s_language(headers: list[tuple[bytes, bytes]], told: str) -> None:
    _, body, _ = await posted("/api/v1/attachments", [b""], [(b"content-length", b"200000000"), *headers])

    assert json.loads(body)["errors"][0]["detail"] == told


async def test_an_undeclared_one_is_refused_once_what_is_on_its_way_has_been_read_away_34() -> None:
    status, _, taken = await posted("/api/v1/x", [b"a" * MIB] * 200)

    assert (status, taken) == (413, 2 + READ_AWAY)


async def test_a_lie_about_the_length_does_not_help() -> None:
    status, _, taken = await posted("/api/v1/x", [b"a" * MIB] * 200, [(b"content-length", b"10")])

    assert (status, taken) == (413, 2 + READ_AWAY)


async def test_one_that_has_ended_is_refused_at_once() -> None:
    status, _, taken = await posted("/api/v1/x", [b"a" * MIB] * 2)

    assert (status, taken) == (413, 2)


async def test_a_whole_mebibyte_passes() -> None:
    assert (await posted("/api/v1/x", [b"a" * MIB]))[0] == 200


@pytest.mark.parametrize("path", ["/api/v1/conversations/3/attachments", "/api/v1/widget/key/attachments/"])
async def test_a_file_may_be_larger_but_not_endless_117(path: str) -> None:
    assert (await posted(path, [b"a" * MIB] * 25))[0] == 200
    assert (await posted(path, [b"a" * MIB] * 27))[0] == 413
