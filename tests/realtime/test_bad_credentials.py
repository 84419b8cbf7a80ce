"""Who comes without credentials or with bad ones; each under its number in the threat table, on a real server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.conf import settings

from accounts import tokens
from tests.realtime.clients import Door, away
from tests.world import Person


async def test_28_silence_without_credentials_is_closed(door: Door):
    client = await door.raw()

    assert await client.end() == (4401, "AUTH_TIMEOUT")


async def test_29_a_command_before_credentials_is_closed(door: Door):
    client = await door.raw()

    await client.send("ping")

    assert await client.end() == (4401, "NOT_AUTHENTICATED")


def forged(person: Person, algorithm: str = "HS256", key: str | None = None, **changes: Any) -> str:
    claims = jwt.decode(person.token(), options={"verify_signature": False}) | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, settings.SECRET_KEY if key is None else key, algorithm=algorithm)


BAD_CREDENTIALS: dict[str, tuple[Callable[[Person], str], str]] = {
    "40 garbage": (lambda _: "garbage", "TOKEN_INVALID"),
    "40 signature": (lambda person: forged(person, key="x" * 40), "TOKEN_INVALID"),
    "40 key": (lambda _: "nk_abcdefgh_notakey", "TOKEN_INVALID"),
    "41": (lambda person: person.token(seconds=-1), "TOKEN_EXPIRED"),
    "42 audience": (lambda person: forged(person, aud="others"), "TOKEN_INVALID"),
    "42 issuer": (lambda person: forged(person, iss="others"), "TOKEN_INVALID"),
    "42 exp": (lambda person: forged(person, exp=None), "TOKEN_INVALID"),
    "43 none": (lambda person: forged(person, "none", ""), "TOKEN_INVALID"),
    "43 HS512": (lambda person: forged(person, "HS512"), "TOKEN_INVALID"),
    "44": (lambda person: tokens.mint(person.session()).refresh, "TOKEN_INVALID"),
    "58 long": (lambda _: "x" * 8_000, "TOKEN_INVALID"),
}


@pytest.mark.filterwarnings("ignore:The HMAC key is")
@pytest.mark.parametrize(("make", "code"), BAD_CREDENTIALS.values(), ids=BAD_CREDENTIALS)
async def test_a_bad_credential_is_closed_with_its_code(door: Door, ana: Person, make, code):
    credential = await away(make)(ana)
    client = await door.raw()
    await client.send("auth", token=credential)

    assert await client.end() == (4401, code)
