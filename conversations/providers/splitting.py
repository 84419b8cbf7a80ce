"""Texts that are longer than a provider takes, in pieces that read well."""

from __future__ import annotations

import re
import unicodedata

# Where a text is parted rather than anywhere else, the best first: between paragraphs, lines, sentences, words.
SEAMS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…])\s"), re.compile(r"\s"))
JOINER = "\u200d"
HANGUL = ("\u1100", "\u11ff")
# What colours the sign before it, and the letters of which flags are made.
TONES = ("\U0001f3fb", "\U0001f3ff")
TAGS = ("\U000e0020", "\U000e007f")
FLAGS = ("\U0001f1e6", "\U0001f1ff")


def units(text: str) -> int:
    """How long a text is in UTF-16 units, in which Telegram and browsers count: most emoji are two or more."""
    return len(text) + sum(character > "\uffff" for character in text)


def split(text: str, first: int, rest: int) -> list[str]:
    """The text in pieces, none of them empty: the first of at most `first` units, the others of at most `rest`.

    A piece ends at the best seam in its second half, and never within what people see as one character, unless that
    alone is longer than a piece.
    """
    pieces: list[str] = []
    left, most = text.strip(), first
    while units(left) > most:
        cut = cut_of(left, most)
        pieces.append(left[:cut].rstrip())
        left, most = left[cut:].lstrip(), rest
    return [*pieces, left] if left or not pieces else pieces


def cut_of(text: str, most: int) -> int:
    """Where a text that is too long is parted."""
    end = fitting(text, most)
    for seam in SEAMS:
        # A space just behind the end is a good place as well.
        places = [found.start() for found in seam.finditer(text, end // 2, end + 1) if found.start() > 0]
        if places:
            return places[-1]
    whole = end
    while whole > 0 and joined(text, whole):
        whole -= 1
    return whole or end


def fitting(text: str, most: int) -> int:
    """How many characters of a text are at most so many units; one at least."""
    used = 0
    for place, character in enumerate(text):
        used += units(character)
        if used > most:
            return max(place, 1)
    return len(text)


def joined(text: str, place: int) -> bool:
    """Whether the characters before and after a place are seen as one."""
    before, after = text[place - 1], text[place]
    if unicodedata.category(after).startswith("M") or JOINER in (before, after) or before + after == "\r\n":
        return True
    if within(after, TONES) or within(after, TAGS) or (within(before, HANGUL) and within(after, HANGUL)):
        return True
    return within(before, FLAGS) and within(after, FLAGS) and flags_before(text, place) % 2 == 1


def within(character: str, bounds: tuple[str, str]) -> bool:
    return bounds[0] <= character <= bounds[1]


def flags_before(text: str, place: int) -> int:
    """How many letters of flags stand in a row before a place: two of them are one flag."""
    count = 0
    while count < place and within(text[place - 1 - count], FLAGS):
        count += 1
    return count
