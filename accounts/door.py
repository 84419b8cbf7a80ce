"""Through which door somebody came, and from where."""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple

from django.http import HttpRequest

from accounts.actor import Origin

AGENT_LENGTH = 200


class Door(NamedTuple):
    """What a session remembers of the request that began it."""

    origin: Origin
    ip: str
    user_agent: str


def client_ip(request: HttpRequest) -> str:
    """The client's address, which the middleware has found behind the trusted proxies; empty where it is none."""
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return ""


def door_of(request: HttpRequest, origin: Origin) -> Door:
    return Door(origin, client_ip(request), request.headers.get("User-Agent", "")[:AGENT_LENGTH])
