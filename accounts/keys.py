"""Client keys as text: `nk_<prefix>_<secret>`. The prefix finds the row, the hash proves the secret."""

from __future__ import annotations

import hashlib
import secrets
from typing import NamedTuple

SCHEME = "nk_"
PREFIX_BYTES = 5
SECRET_BYTES = 24


class FreshKey(NamedTuple):
    """A key that was just made: `text` is what its owner is shown, once; the rest is what is stored."""

    text: str
    prefix: str
    secret_hash: str


def hashed(secret: str) -> str:
    """The secret as it is stored. It has 192 random bits, so a plain hash can't be searched."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make_key() -> FreshKey:
    prefix, secret = secrets.token_hex(PREFIX_BYTES), secrets.token_hex(SECRET_BYTES)
    return FreshKey(f"{SCHEME}{prefix}_{secret}", prefix, hashed(secret))


def split(text: str) -> tuple[str, str]:
    """The prefix and the secret of a key's text; both may be empty where it is no key at all."""
    prefix, _, secret = text.removeprefix(SCHEME).partition("_")
    return prefix, secret
