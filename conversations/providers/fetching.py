"""Fetching a file from an address that somebody else gave: never from inside our own network, never without an end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx
from django.conf import settings

from conversations.providers.addresses import Spot, located
from conversations.providers.base import Fetched, MediaRefused, TryLater
from conversations.providers.reaching import Reached, TooMuch, reach

TOTAL_S = 10.0
GONE = {401, 403, 404, 410}


def get(
    url: str, *, hosts: Sequence[str], inner: str = "", headers: Mapping[str, str] | None = None, circuit: str
) -> Fetched:
    """The file at `url`, whose host must be one of `hosts` (`.name` is every host below it).

    `inner` is the provider's own address where that is vouched for: its files may be there too. Raises UrlNotAllowed,
    MediaRefused for a file that is gone or too large, and TryLater.
    """
    return download(located(url, hosts=hosts, inner=inner), headers=headers or {}, circuit=circuit)


def download(spot: Spot, path: str = "", *, headers: Mapping[str, str], circuit: str) -> Fetched:
    """The file that lies there. Raises MediaRefused and TryLater."""
    most = int(settings.ATTACHMENT_MAX_BYTES)
    try:
        return file_of(reach(spot, "GET", path, headers=headers, most=most, total_s=TOTAL_S, circuit=circuit))
    except TooMuch:
        raise MediaRefused("The file is too large.") from None
    except httpx.HTTPError as error:
        raise TryLater(type(error).__name__) from error


def file_of(reached: Reached) -> Fetched:
    """The file in an answer; one that is packed would have no known size."""
    if reached.status in GONE:
        raise MediaRefused(f"HTTP {reached.status}")
    if reached.status != 200:  # noqa: PLR2004 - HTTP's own; a redirect is none
        raise TryLater(f"HTTP {reached.status}")
    if reached.headers.get("Content-Encoding", "identity") != "identity":
        raise MediaRefused("The file came packed.")
    return Fetched(reached.content, reached.content_type or "application/octet-stream")
