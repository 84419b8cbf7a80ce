"""Connection after connection: when to come back, with which token, and when not to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from niochat_client.backoff import FINAL, UNAUTHENTICATED, Backoff
from niochat_client.errors import ApiError, AuthenticationFailed, ConnectionEnded
from niochat_client.session import Common, Lost, Session

log = logging.getLogger("niochat_client")

OPEN_WITHIN_S = 10.0
GOODBYE_S = 2.0
# An answer to `sync` holds up to a hundred messages.
LARGEST_ANSWER = 2**24
SERVER_ERROR, TOO_MANY_REQUESTS = 500, 429

Opened = Callable[[Mapping[str, Any]], None]


class State(StrEnum):
    """Where a client stands. From `error` and `disconnected` it does not come back by itself."""

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    ERROR = "error"


@dataclass
class End:
    """How a connection ended: the server's close code and word, if it said any."""

    why: str
    code: int | None = None
    word: str = ""
    retry_after: float | None = None


class Life:
    """`run` ends only by being cancelled, or by raising why there is no coming back."""

    def __init__(self, url: str, common: Common, backoff: Backoff, entered: Callable[[State, str], None]) -> None:
        self.url, self.common, self.backoff, self.entered = url, common, backoff, entered
        self.told: list[Opened] = []
        self.session: Session | None = None
        self.failures = 0
        self.opened_at: float | None = None
        self.ever_connected = self.renew = self.renewed = False

    async def run(self) -> None:
        """Raises ConnectionEnded or AuthenticationFailed."""
        self.entered(State.CONNECTING, "")
        while True:
            end = await self.attempt()
            self.count()
            wait = self.judged(end)
            log.info("disconnected: %s (%s); coming back in %.1f s", end.why, end.code, wait)
            self.entered(State.RECONNECTING, end.why)
            await asyncio.sleep(wait)

    async def attempt(self) -> End:
        """One connection, from its token to its end."""
        try:
            await self.connect_and_follow()
        except ConnectionClosed as closed:
            said = closed.rcvd
            word = (said.reason if said else "") or (self.session.last_error if self.session else "")
            return End("closed by the server" if said else "broken", said.code if said else None, word)
        except InvalidStatus as refused:
            return self.refused_at_the_door(refused)
        except ApiError as refused:
            return refused_by_rest(refused)
        except (OSError, EOFError, TimeoutError, Lost, InvalidHandshake, httpx.TransportError) as problem:
            return End(str(problem) or type(problem).__name__)
        finally:
            self.session = None
        return End("over")

    async def connect_and_follow(self) -> None:
        token = await self.common.credentials.token(renew=self.renew)
        self.renewed, self.renew = self.renew, False
        socket = await connect(
            self.url,
            open_timeout=OPEN_WITHIN_S,
            close_timeout=GOODBYE_S,
            ping_interval=None,  # The server's heartbeat tells that it lives, and it asks whether we do.
            max_size=LARGEST_ANSWER,
            compression=None,
        )
        try:
            self.session = Session(socket, self.common, self.connected)
            await self.session.run(token)
        except asyncio.CancelledError:
            await say_goodbye(socket)
            raise
        finally:
            socket.transport.abort()

    def connected(self, data: Mapping[str, Any]) -> None:
        self.ever_connected, self.renewed = True, False
        self.opened_at = asyncio.get_running_loop().time()
        for tell in self.told:
            tell(data)
        self.entered(State.CONNECTED, "")

    def count(self) -> None:
        """A connection that lasted makes the next attempt the first one again."""
        lived = 0.0 if self.opened_at is None else asyncio.get_running_loop().time() - self.opened_at
        self.opened_at = None
        self.failures = 0 if lived >= self.backoff.steady_s else self.failures + 1

    def judged(self, end: End) -> float:
        """Seconds to wait before the next attempt. Raises where there shall be none."""
        if end.code in FINAL:
            raise ConnectionEnded(f"{FINAL[end.code]} {end.word}".strip(), end.code)
        if self.backoff.is_used_up(self.failures):
            raise ConnectionEnded(f"Gave up after {self.failures} attempts; the last one: {end.why}", end.code)
        if end.code == UNAUTHENTICATED:
            self.unauthenticated(end)
        return self.backoff.wait(max(0, self.failures - 1), end.code, end.retry_after)

    def unauthenticated(self, end: End) -> None:
        """Renew the token once; but not where it is our rights that changed, or our frame that came late."""
        if end.word == "SCOPE_CHANGED":
            self.common.wants_snapshot = True
        elif end.word != "AUTH_TIMEOUT":
            if self.renewed:
                raise AuthenticationFailed(f"The server refuses the credentials: {end.word or 'no reason given'}.")
            self.renew = True

    def refused_at_the_door(self, refused: InvalidStatus) -> End:
        """An HTTP answer in place of a socket; at an address that never worked it will not begin to."""
        status = refused.response.status_code
        if status < SERVER_ERROR and status != TOO_MANY_REQUESTS and not self.ever_connected:
            raise ConnectionEnded(f"{self.url} answers {status}: is this where NioChat is?") from refused
        return End(f"HTTP {status} in place of a socket")


def refused_by_rest(refused: ApiError) -> End:
    """The server answered a log-in or a snapshot, but not with one."""
    if refused.status < SERVER_ERROR and refused.status != TOO_MANY_REQUESTS:
        raise ConnectionEnded(f"The server refuses what the connection needs: {refused}") from refused
    return End(str(refused), retry_after=refused.retry_after)


async def say_goodbye(socket: ClientConnection) -> None:
    """We are closed, and the other end is there to hear it."""
    with suppress(OSError, TimeoutError):  # If it is there at all.
        await socket.close()
