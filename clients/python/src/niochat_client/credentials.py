"""How a client proves who it is, for as long as it runs: each kind gives a token whenever one is needed."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from niochat_client.errors import ApiError, AuthenticationFailed
from niochat_client.http import Http, json_of

GetToken = Callable[[], Awaitable[str] | str]
# A token that ends sooner is not worth opening a socket with.
MARGIN_S = 20.0
# Whoever gives no token for so long is asked again.
OBTAINED_WITHIN_S = 40.0
WRONG = frozenset({400, 401, 403})


class Credentials(Protocol):
    """`renew` asks for another token than the last one, which was refused or is about to end.

    Raises AuthenticationFailed where that is hopeless. An OSError, TimeoutError, ApiError of the server's own making or
    httpx.TransportError means: try again later. Anything else is a mistake in the program and ends the client.
    """

    async def token(self, *, renew: bool = False) -> str: ...


class FixedToken:
    """One token for ever: a client key."""

    def __init__(self, token: str) -> None:
        self.text = token

    async def token(self, *, renew: bool = False) -> str:
        if renew:
            raise AuthenticationFailed("The token was refused or has ended, and there is no other one.")
        return self.text


class Renewed:
    """Keeps a token while it is good; however many need another one, it is obtained once."""

    def __init__(self) -> None:
        self.access = ""
        self.good_until = 0.0
        self.lock = asyncio.Lock()

    async def token(self, *, renew: bool = False) -> str:
        had = self.access
        async with self.lock:
            changed = self.access != had  # While we waited; that one will do.
            if time.monotonic() >= self.good_until or (renew and not changed):
                async with asyncio.timeout(OBTAINED_WITHIN_S):
                    self.keep(await self.obtain())
            return self.access

    def keep(self, token: str) -> None:
        self.access = token
        self.good_until = time.monotonic() + good_for(token)

    async def obtain(self) -> str:
        """Another token."""
        raise NotImplementedError


class Asked(Renewed):
    """Whatever the application's own function gives."""

    def __init__(self, get_token: GetToken) -> None:
        super().__init__()
        self.get_token = get_token

    async def obtain(self) -> str:
        given = self.get_token()
        return await given if inspect.isawaitable(given) else given


class Login(Renewed):
    """Logs in by name and password, and stays in by the refresh token, which is good once: so one asks at a time."""

    def __init__(self, http: Http, proof: Mapping[str, str]) -> None:
        super().__init__()
        self.http, self.proof = http, proof
        self.refresh = ""

    async def obtain(self) -> str:
        """By the refresh token while it is good, else by the password."""
        if self.refresh:
            used, self.refresh = self.refresh, ""
            try:
                return await self.ask("auth/token/refresh", {"refresh": used})
            except ApiError as refused:
                if refused.status not in WRONG:
                    self.refresh = used
                    raise
        try:
            return await self.ask("auth/token", self.proof)
        except ApiError as refused:
            if refused.status in WRONG:
                raise AuthenticationFailed(refused.detail) from refused
            raise

    async def ask(self, path: str, body: Mapping[str, str]) -> str:
        pair = json_of(await self.http.call("POST", path, json=body))
        self.refresh = pair["refresh"]
        return str(pair["access"])


def good_for(token: str) -> float:
    """For how many seconds to use a fresh JWT: its life by its own word, whatever our clock shows, but for a margin."""
    try:
        claims = token.split(".")[1]
        told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        life = float(told["exp"]) - float(told["iat"])
    except (IndexError, KeyError, ValueError, TypeError):
        return math.inf
    return life - min(MARGIN_S, life / 4)
