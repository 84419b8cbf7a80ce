"""A customer's photo as it is drawn anew: what comes from outside may be anything."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from conversations.photos import SIDE, drawn


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


def test_a_photo_becomes_a_small_square_picture_with_nothing_hidden_in_it():
    out = io.BytesIO()
    told = Image.Exif()
    told[0x8825] = {1: "S", 2: (1.0, 27.0, 21.0)}
    Image.new("RGB", (900, 600), "teal").save(out, "JPEG", exif=told)

    with Image.open(io.BytesIO(drawn(out.getvalue()) or b"")) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (SIDE, SIDE), {})


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg/>", png(64, 64)[:60], png(64, 64)[:33] + b"\0\0\0\1\1\2\3\4x\0\0\0\0", png(5000, 4001)],
    ids=["nothing", "text", "cut off", "broken inside", "too many pixels"],
)
def test_what_is_no_picture_is_none(content: bytes):
    assert drawn(content) is None
