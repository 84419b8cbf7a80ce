"""A phone session's code as a picture."""

from __future__ import annotations

import re

import segno

PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/]{20,200000}={0,2}")
SCALE = 6


def picture_of(code: str, image: str = "") -> str:
    """A PNG as a data URL: drawn from the code, else the gateway's own picture; "" for neither."""
    if code:
        drawn: str = segno.make_qr(code, error="l").png_data_uri(scale=SCALE, border=4)
        return drawn
    return image if PICTURE.fullmatch(image) else ""
