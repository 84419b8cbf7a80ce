"""Which addresses the product calls.

What a company names itself must be public, and is called at the very address that was looked at: a name that answers
differently the second time leads nowhere. Inside our own network only what whoever runs the product has vouched for is
called: the address of a setting, or one of `PROVIDER_HOSTS`. A company can never vouch.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext_noop as _

from accounts.errors import Refused
from conversations.providers.base import TryLater

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
PORTS = {"http": 80, "https": 443}
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# An IPv4 address in another coat, which a router may take off: compatible (RFC 4291) and translated (RFC 6052).
COATS = (ipaddress.IPv6Network("::/96"), ipaddress.IPv6Network("64:ff9b::/96"))
# The second half of an address that carries one of IPv4 in its end (RFC 5214).
ISATAP = {0x0000_5EFE, 0x0200_5EFE}
# What is reachable by everybody lies in here (RFC 4291); the rest is for somebody's own network, whatever its name.
EVERYBODYS = ipaddress.IPv6Network("2000::/3")
# Not in every Python's list of what is not global: examples (RFC 9637), protocols (RFC 6890), old relays (RFC 7526).
NOBODYS = [ipaddress.ip_network(name) for name in ("3fff::/20", "192.0.0.0/24", "192.88.99.0/24")]


class UrlNotAllowed(Refused):
    code = "url_not_allowed"
    detail = _("This address is not called.")


class Spot(NamedTuple):
    """Where to connect: `url` has an address in the place of the name (`https://157.240.1.1/x`)."""

    url: str
    host: str
    netloc: str


def parted(url: str, attr: str | None = None) -> SplitResult:
    """The parts of an address; raises UrlNotAllowed, of the field `attr`, for what is none or has a log-in."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        raise UrlNotAllowed(attr=attr) from None
    if not parts.hostname or parts.scheme not in PORTS or parts.username is not None:
        raise UrlNotAllowed(attr=attr)
    return parts


def origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme]


def vouched(url: str, *operators: str) -> bool:
    """Whether whoever runs the product lets this address be called, wherever it leads: it has the origin of one of the
    `operators` (addresses from settings), stands in PROVIDER_HOSTS, or is on a developer's own machine.
    """
    try:
        parts = parted(url)
        known = {origin(parted(one)) for one in operators if one}
    except UrlNotAllowed:
        return False
    if origin(parts) in known or is_listed(parts):
        return True
    return bool(settings.PROVIDERS_ON_LOOPBACK) and parts.scheme == "http" and parts.hostname in LOOPBACK


def is_listed(parts: SplitResult) -> bool:
    """Whether PROVIDER_HOSTS has it; an entry without a port is good for the usual ones only."""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    number = parts.port or PORTS[parts.scheme]
    names = {f"{host}:{number}", *([str(host)] if number in PORTS.values() else [])}
    return not names.isdisjoint(entry.lower() for entry in settings.PROVIDER_HOSTS)


def located(url: str, *, hosts: Sequence[str], inner: str = "") -> Spot:
    """Where to connect for `url`, whose host must be one of `hosts` (`.name` is every host below it) and public.

    What has the origin of `inner`, an address that is vouched for, may be anywhere. Raises UrlNotAllowed, and TryLater
    where the name has no address just now.
    """
    parts = parted(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    if inner and origin(parts) == origin(parted(inner)):
        return pinned(parts, resolved(host, port)[0])
    if parts.scheme != "https" or not any(fits(host, name) for name in hosts):
        raise UrlNotAllowed
    addresses = resolved(host, port)
    if not all(is_public(address) for address in addresses):
        raise UrlNotAllowed
    return pinned(parts, addresses[0])


def pinned(parts: SplitResult, address: str) -> Spot:
    inner = f"[{address}]" if ":" in address else address
    url = parts._replace(netloc=f"{inner}:{parts.port}" if parts.port else inner).geturl()
    return Spot(url, parts.hostname or "", parts.netloc)


def fits(host: str, name: str) -> bool:
    return host == name or (name.startswith(".") and host.endswith(name))


def resolved(host: str, port: int) -> list[str]:
    """Every address of a name; raises TryLater where it has none just now."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TryLater(type(error).__name__) from error
    return [str(entry[4][0]) for entry in found]


def may_be_public(host: str) -> bool:
    """Whether a host, unlooked-up, may be public: a name with a dot, or a public address in its usual form. What only
    some readers take for an address (`2130706433`, `0x7f.1`) is none.
    """
    try:
        return is_public(str(ipaddress.ip_address(host)))
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        return "." in host.strip(".") and last != "localhost" and not last[:1].isdigit()


def is_public(address: str) -> bool:
    """Whether an address is reachable by everybody; one of IPv4 that is dressed as IPv6 is looked at undressed."""
    found = undressed(ipaddress.ip_address(address.partition("%")[0]))
    if isinstance(found, ipaddress.IPv6Address) and found not in EVERYBODYS:
        return False
    return found.is_global and not found.is_multicast and not any(found in network for network in NOBODYS)


def undressed(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    teredo = address.teredo[1] if address.teredo else None
    is_dressed = any(address in network for network in COATS) or (int(address) >> 32) & 0xFFFF_FFFF in ISATAP
    coat = is_dressed and ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or teredo or coat or address
