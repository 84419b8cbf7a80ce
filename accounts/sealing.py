"""Secrets at rest: sealed with Fernet under ENCRYPTION_KEYS, so that a copied database does not open anything."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@cache
def _box() -> MultiFernet:
    """The newest key seals; every key listed opens. Without ENCRYPTION_KEYS the signing key is stretched into one."""
    given = settings.ENCRYPTION_KEYS or [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in given])


def seal(secret: str) -> str:
    """The secret as it may be stored."""
    return _box().encrypt(secret.encode()).decode() if secret else ""


def resealed(sealed: str) -> str:
    """The same secret under the newest key; raises InvalidToken as `unseal` does."""
    return _box().rotate(sealed.encode()).decode() if sealed else ""


def unseal(sealed: str) -> str:
    """The secret itself; raises cryptography's InvalidToken when none of the keys opens it."""
    return _box().decrypt(sealed.encode()).decode() if sealed else ""
