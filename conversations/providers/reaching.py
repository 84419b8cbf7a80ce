"""One call to an address that somebody else gave: never without an end, in time or in bytes.

A provider that does not answer is left alone for a while, so that one slow gateway does not hold every worker.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx
from django.core.cache import cache

from conversations.providers.addresses import Spot

CONNECT_S = 5.0
# So many calls in a row without an answer, and the next are not made for so many seconds.
FAILURES_MOST, REST_S = 5, 30


class TooMuch(Exception):
    """The answer has more bytes than it may have."""


class Reached(NamedTuple):
    """What was answered, whatever its status."""

    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def content_type(self) -> str:
        return str(self.headers.get("Content-Type", "")).split(";")[0].strip().lower()


def reach(
    spot: Spot,
    method: str,
    path: str = "",
    *,
    headers: Mapping[str, str],
    most: int,
    total_s: float,
    circuit: str,
    **content: Any,
) -> Reached:
    """Call `spot`; redirects are answers like any other, and nothing is unpacked: a bomb stays as small as it came.

    At most so many bytes of the answer are read; `circuit` names whose provider it is. Raises TooMuch,
    httpx.ConnectError (also where the provider is being left alone), and httpx's other errors: ReadTimeout after
    `total_s` seconds in all.
    """
    if cache.get(f"unreached:{circuit}", 0) >= FAILURES_MOST:
        raise httpx.ConnectError("It has not answered for a while and is left alone.")
    given = {**headers, "Host": spot.netloc, "Accept-Encoding": "identity"}
    clock = httpx.Timeout(total_s, connect=CONNECT_S).as_dict()
    known = {"sni_hostname": spot.host, "timeout": clock}
    try:
        request = httpx.Request(method, spot.url + path, headers=given, extensions=known, **content)
        reached = asyncio.run(bounded(request, most, total_s))
    except httpx.HTTPError:
        count_failure(circuit)
        raise
    cache.delete(f"unreached:{circuit}")
    return reached


def count_failure(circuit: str) -> None:
    key = f"unreached:{circuit}"
    failures = int(cache.get(key, 0)) + 1  # Two at once may count as one: it is a measure, no promise.
    cache.set(key, failures, timeout=REST_S)


async def bounded(request: httpx.Request, most: int, total_s: float) -> Reached:
    """The call itself. The clock runs for all of it: a provider that drips is as late as one that is silent."""
    try:
        async with asyncio.timeout(total_s), fresh_client() as client:
            answer = await client.send(request, stream=True)
            try:
                return Reached(answer.status_code, answer.headers, await body_of(answer, most))
            finally:
                await answer.aclose()
    except TimeoutError as late:
        raise httpx.ReadTimeout(f"It took more than {total_s:g} seconds.") from late


def fresh_client() -> httpx.AsyncClient:
    """A client of one call's loop; it follows no redirect and takes no proxy from the environment."""
    return httpx.AsyncClient(follow_redirects=False, trust_env=False, verify=authorities())


@functools.cache
def authorities() -> ssl.SSLContext:
    """Whom we believe certificates of: read once, since that takes longer than most calls."""
    return httpx.create_ssl_context(trust_env=False)


async def body_of(answer: httpx.Response, most: int) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > most:
            raise TooMuch
    return bytes(body)
