"""Where customers' photos are kept and how their links are made."""

from __future__ import annotations

from django.conf import settings
from django.core.signing import Signer

KEPT_AS = "JPEG"
SIGNER = Signer(salt="contact.photo")


def link_to(key: str) -> str:
    """A link that lasts, good for whoever holds it; the same for the same picture."""
    return f"{settings.PUBLIC_URL}/photos/{SIGNER.sign_object(key)}"


def key_of(token: str) -> str:
    """Where the picture lies that a link names; raises BadSignature for one that is not ours."""
    key: str = SIGNER.unsign_object(token)
    return key
