"""The credentials that a handshake carries, and the memory of those that were refused."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs

from django.conf import settings
from django.http.request import split_domain_port, validate_host

PROTOCOL = "niochat.v1"
BEARER = "bearer."
REMEMBERED_S = 600
REMEMBERED_MOST = 10_000


class Credential(NamedTuple):
    """What somebody showed, and how."""

    kind: Literal["token", "cookie"]
    text: str


def header(scope: dict[str, Any], name: bytes) -> str:
    """A header of the handshake; the empty string where it is missing."""
    found: bytes = next((value for key, value in scope["headers"] if key == name), b"")
    return found.decode("latin-1")


def presented(scope: dict[str, Any]) -> Credential | None:
    """The first of: a `bearer.` subprotocol, `?token=`, the session cookie of our own pages."""
    for offered in scope.get("subprotocols", ()):
        if offered.startswith(BEARER):
            return Credential("token", offered.removeprefix(BEARER))
    tokens = parse_qs(scope["query_string"].decode("latin-1")).get("token")
    if tokens:
        return Credential("token", tokens[0])
    return from_cookie(scope)


def from_cookie(scope: dict[str, Any]) -> Credential | None:
    """The session cookie, which a browser sends along whoever wrote the page: so only for our own pages."""
    if not is_own_origin(scope):
        return None
    try:
        cookie = SimpleCookie(header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return Credential("cookie", cookie.value) if cookie else None


def is_own_origin(scope: dict[str, Any]) -> bool:
    """Whether the page is ours: the public address, or the very host and scheme that it reached us by."""
    origin, host = header(scope, b"origin"), header(scope, b"host")
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return False
    return origin in (settings.PUBLIC_URL, own_origin(scope))


def own_origin(scope: dict[str, Any]) -> str:
    """The origin of pages that come from where this handshake was sent to."""
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    return f"{scheme}://{header(scope, b'host')}"


def accepted_subprotocol(scope: dict[str, Any]) -> str | None:
    return PROTOCOL if PROTOCOL in scope.get("subprotocols", ()) else None


def client_ip(scope: dict[str, Any]) -> str:
    """The address that the outermost trusted proxy saw; the peer's own where no proxy is trusted."""
    hops: int = settings.TRUSTED_PROXIES
    forwarded = [part.strip() for part in header(scope, b"x-forwarded-for").split(",")]
    if 0 < hops <= len(forwarded) and forwarded[-hops]:
        return forwarded[-hops]
    return str(scope["client"][0]) if scope.get("client") else ""


class RefusedCredentials:
    """Hashes of credentials refused a short while ago: their next handshake is answered with 401.

    A client that counts failures from `onopen` would otherwise come back for ever, each time "connected".
    """

    def __init__(self) -> None:
        self.until: OrderedDict[bytes, float] = OrderedDict()

    def remember(self, credential: Credential) -> None:
        self.until[hashed(credential)] = time.monotonic() + REMEMBERED_S
        while len(self.until) > REMEMBERED_MOST:
            self.until.popitem(last=False)

    def has(self, credential: Credential) -> bool:
        key = hashed(credential)
        if self.until.get(key, 0.0) > time.monotonic():
            return True
        self.until.pop(key, None)
        return False


def hashed(credential: Credential) -> bytes:
    return hashlib.blake2b(credential.text.encode(), digest_size=16, key=settings.SECRET_KEY.encode()[:64]).digest()


refused_credentials = RefusedCredentials()
