"""The parts of the Python client that need no server; and that it speaks of what the server declares."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import httpx
import jwt
import pytest

from niochat_client import ApiError, Backoff, FileStore, NioChatError, Position
from niochat_client import events as theirs
from niochat_client.backoff import CROWDED
from niochat_client.client import NioChatClient, base_of
from niochat_client.credentials import Asked, Login, good_for
from niochat_client.http import Http
from niochat_client.shapes import Contact, Conversation, Message
from realtime import events as ours

# The connection's own, answers, and those that only the widget gets: a program never sees them as events.
INNER = {
    "connected", "message_sent", "sync_data", "pong", "heartbeat", "resumed", "resync", "auth_expiring", "ok", "error",
    "rights_changed", "survey", "agent_status",
}  # fmt: skip


def declared() -> dict[str, type[ours.Event]]:
    """The server's frames to the team, by type."""
    found = [cls for cls in vars(ours).values() if isinstance(cls, type) and issubclass(cls, ours.Event)]
    ready = [cls for cls in found if cls.model_fields["type"].default and not cls.__name__.startswith("Widget")]
    return {str(cls.model_fields["type"].default): cls for cls in ready}


def test_every_event_of_the_server_has_its_class_here():
    wanted = {kind for kind in declared() if kind not in INNER and not kind.startswith("Pydantic")}

    assert wanted - set(theirs.KNOWN) == set(), "add them to clients/python/src/niochat_client/events.py"


@pytest.mark.parametrize("kind", list(theirs.KNOWN))
def test_every_field_here_is_one_of_the_server_s(kind: str):
    whole = theirs.WHOLE.get(kind)
    shape = {"conversation": Conversation, "contact": Contact}[whole] if whole else theirs.KNOWN[kind]

    assert names(shape) - {"raw"} - set(declared()[kind].model_fields) == set()


def test_a_message_s_fields_are_the_server_s():
    assert names(Message) - {"raw"} - set(ours.MessageData.model_fields) == set()


def names(shape: type) -> set[str]:
    return {part.name for part in dataclasses.fields(shape)}


def test_waits_grow_to_half_a_minute_and_are_spread():
    longest = Backoff(random=lambda: 1.0)
    shortest = Backoff(random=lambda: 0.0)

    assert [longest.wait(failures) for failures in range(8)] == [1, 2, 4, 8, 16, 32, 32, 32]
    assert {longest.wait(0, code) for code in CROWDED} == {15}
    assert [shortest.wait(5), shortest.wait(0, 4429), shortest.wait(0, retry_after=9)] == [0, 7.5, 9]
    assert longest.wait(10_000) == 32


async def test_a_position_file_survives_and_a_broken_one_is_said_aloud(tmp_path: Path):
    store = FileStore(tmp_path / "position")
    assert await store.load() is None

    await store.save(Position("e", {"t1.agents": 7}))
    assert await FileStore(tmp_path / "position").load() == Position("e", {"t1.agents": 7})

    for broken in ("", "[]", '{"epoch": 1}', "\x00"):
        (tmp_path / "position").write_text(broken)
        with pytest.raises(NioChatError, match="delete it to begin at now"):
            await store.load()


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("http://localhost:8010/", "http://localhost:8010"),
        ("wss://chat.example.com/nio/", "https://chat.example.com/nio"),
        ("ws://127.0.0.1:1", "http://127.0.0.1:1"),
    ],
)
def test_an_address_may_be_written_in_many_ways(given: str, base: str):
    assert base_of(given) == base


@pytest.mark.parametrize("given", ["localhost:8010", "", "ftp://x", "http://"])
def test_what_is_no_address_is_refused(given: str):
    with pytest.raises(ValueError, match="no address"):
        base_of(given)


@pytest.mark.parametrize(
    "given", [{}, {"token": "a", "username": "b", "password": "c"}, {"username": "b"}, {"password": "c"}]
)
def test_one_kind_of_credentials_is_needed(given):
    with pytest.raises(TypeError):
        NioChatClient("http://localhost", **given)


async def test_many_who_need_a_token_at_once_renew_it_once():
    asked: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        await asyncio.sleep(0.01)
        return httpx.Response(200, json={"access": f"a{len(asked)}", "refresh": f"r{len(asked)}"})

    login = Login(Http("http://x", httpx.MockTransport(answer)), {"username": "u", "password": "p"})
    first = await asyncio.gather(*(login.token() for _ in range(5)))
    again = await asyncio.gather(*(login.token(renew=True) for _ in range(5)))

    assert (set(first), set(again)) == ({"a1"}, {"a2"})
    assert asked == ["/api/v1/auth/token", "/api/v1/auth/token/refresh"]


async def test_an_application_s_own_token_is_asked_for_once_until_it_ends():
    given = iter(["nk_first", "nk_second", "nk_third"])

    async def get_token() -> str:
        await asyncio.sleep(0.01)
        return next(given)

    asked = Asked(get_token)

    first = [await asked.token() for _ in range(3)]
    again = await asyncio.gather(*(asked.token(renew=True) for _ in range(3)))

    assert (first, set(again), next(given)) == (["nk_first"] * 3, {"nk_second"}, "nk_third")


async def test_a_page_in_place_of_an_answer_means_later():
    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, html="<h1>Back soon</h1>")

    login = Login(Http("http://x", httpx.MockTransport(answer)), {"username": "u", "password": "p"})
    with pytest.raises(ApiError, match=r"502 not_json.*Back soon"):
        await login.token()


async def test_a_refresh_token_that_may_be_used_up_is_not_shown_again():
    asked: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.removeprefix("/api/v1/auth/"))
        if asked == ["token", "token/refresh"]:
            raise httpx.ReadError("the answer was lost")
        return httpx.Response(200, json={"access": "a", "refresh": "r"})

    login = Login(Http("http://x", httpx.MockTransport(answer)), {"username": "u", "password": "p"})
    await login.token()
    with pytest.raises(httpx.ReadError):
        await login.token(renew=True)
    await login.token(renew=True)

    assert asked == ["token", "token/refresh", "token"]


def test_a_token_is_used_for_its_own_life_whatever_the_clocks_show():
    begun = 1_000_000  # 1970, by our clock long over
    for life, good in ((900, 880), (60, 45), (4, 3)):
        token = jwt.encode({"iat": begun, "exp": begun + life}, "x" * 32)
        assert good_for(token) == good
    assert good_for("nk_something") == float("inf")
