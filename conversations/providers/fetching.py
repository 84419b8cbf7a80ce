"""Fetching a file from an address that somebody else gave: never from inside our own network, never without an end.

The name is resolved once, every address of it must be public, and the connection goes to that very address: a name that
answers differently the second time, or a redirect, leads nowhere.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from accounts.errors import Refused
from conversations.providers.base import Fetched, MediaRefused

CONNECT_S = 5.0
TOTAL_S = 10.0
GONE = {401, 403, 404, 410}


class TryLater(Exception):
    """It did not come this time; the job tries again."""


class UrlNotAllowed(Refused):
    code = "url_not_allowed"
    detail = "Files are not fetched from this address."


def get(url: str, *, hosts: Sequence[str], own: str = "", headers: Mapping[str, str] | None = None) -> Fetched:
    """The file at `url`, whose host must be one of `hosts` (`.name` is every host below it).

    `own` is the provider's own address: where that is on loopback (the simulator's), its files may be too. Raises
    UrlNotAllowed, MediaRefused for a file that is gone or too large, and TryLater.
    """
    host, address = checked(url, hosts, own)
    parts = urlsplit(url)
    netloc = f"[{address}]" if ":" in address else address
    target = parts._replace(netloc=f"{netloc}:{parts.port}" if parts.port else netloc).geturl()
    given = {**(headers or {}), "Host": parts.netloc}
    timeout = httpx.Timeout(CONNECT_S, read=CONNECT_S)
    try:
        with (
            httpx.Client(follow_redirects=False, trust_env=False, timeout=timeout) as client,
            client.stream("GET", target, headers=given, extensions={"sni_hostname": host}) as answer,
        ):
            return read(answer)
    except httpx.HTTPError as error:
        raise TryLater(type(error).__name__) from error


def checked(url: str, hosts: Sequence[str], own: str) -> tuple[str, str]:
    """The host's name and the one address to connect to; raises UrlNotAllowed."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UrlNotAllowed from None
    if own_simulator(own) and (host, port) == (urlsplit(own).hostname, urlsplit(own).port):
        return host, resolved(host, port or 80)[0]
    if parts.scheme != "https" or parts.username or not any(fits(host, name) for name in hosts):
        raise UrlNotAllowed
    addresses = resolved(host, port or 443)
    if not all(is_public(address) for address in addresses):
        raise UrlNotAllowed
    return host, addresses[0]


def fits(host: str, name: str) -> bool:
    return host == name or (name.startswith(".") and host.endswith(name))


def own_simulator(own: str) -> bool:
    """Whether the provider itself is a simulator on this machine, as it may be in developer's mode."""
    loopback = urlsplit(own).hostname in {"127.0.0.1", "localhost", "::1"}
    return loopback and bool(settings.DEBUG or settings.TESTING)


def resolved(host: str, port: int) -> list[str]:
    """Every address of a name; raises TryLater where it has none just now."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TryLater(type(error).__name__) from error
    return [str(entry[4][0]) for entry in found]


def is_public(address: str) -> bool:
    """Whether an address is reachable by everybody; one of IPv4 that is dressed as IPv6 is looked at undressed."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return found.is_global and not found.is_multicast


def read(answer: httpx.Response) -> Fetched:
    """The body, as long as it is within the limits of size and time."""
    if answer.status_code in GONE:
        raise MediaRefused(f"HTTP {answer.status_code}")
    if answer.status_code != 200:  # noqa: PLR2004 - HTTP's own; a redirect is none
        raise TryLater(f"HTTP {answer.status_code}")
    most, until = settings.ATTACHMENT_MAX_BYTES, time.monotonic() + TOTAL_S
    content = bytearray()
    for chunk in answer.iter_bytes():
        content += chunk
        if len(content) > most:
            raise MediaRefused("The file is too large.")
        if time.monotonic() > until:
            raise TryLater("slow")
    kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
    return Fetched(bytes(content), kind or "application/octet-stream")
