"""Customers' photos: drawn anew by us, and shown by links of our own."""

from __future__ import annotations

from io import BytesIO

from django.conf import settings
from django.core.signing import Signer
from PIL import Image, ImageOps, UnidentifiedImageError

KEPT_AS = "JPEG"
SIDE = 320
MOST_PIXELS = 20_000_000
SIGNER = Signer(salt="contact.photo")


def link_to(key: str) -> str:
    """A link that lasts, good for whoever holds it; the same for the same picture."""
    return f"{settings.PUBLIC_URL}/photos/{SIGNER.sign_object(key)}"


def key_of(token: str) -> str:
    """Where the picture lies that a link names; raises BadSignature for one that is not ours."""
    key: str = SIGNER.unsign_object(token)
    return key


def drawn(content: bytes) -> bytes | None:
    """The picture as a small JPEG without anything that was hidden in it; None for what is none.

    Call it outside a transaction: it takes its time.
    """
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as given:
            if given.width * given.height > MOST_PIXELS:
                return None
            small = ImageOps.fit(given.convert("RGB"), (SIDE, SIDE))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    out = BytesIO()
    small.save(out, KEPT_AS, quality=85)
    return out.getvalue()
