"""Long texts in pieces: at sensible places, never within what people see as one character, and nothing lost."""

from __future__ import annotations

import random

import pytest

from conversations.providers.splitting import joined, split, units

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
FLAG = "🇧🇷"
WAVE = "👋🏽"
KEYCAP = "1\ufe0f\u20e3"
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
ACCENT = "e\u0301"


def test_units_are_those_of_a_browsers_length():
    assert units("ação") == 4
    assert units(FAMILY) == len(FAMILY.encode("utf-16-le")) // 2 == 11


def test_a_text_that_fits_is_one_piece():
    assert split("Olá!", 10, 10) == ["Olá!"]
    assert split("x" * 10, 10, 10) == ["x" * 10]
    assert split("", 10, 10) == [""]
    assert split("  \n ", 1, 1) == [""]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("um dois tres.\n\nquatro cinco", ["um dois tres.", "quatro cinco"]),
        ("um dois tres\nquatro cinco seis", ["um dois tres", "quatro cinco seis"]),
        ("Um dois tres. Quatro cinco seis.", ["Um dois tres.", "Quatro cinco seis."]),
        ("umdois tresquatro cinco seis", ["umdois tresquatro", "cinco seis"]),
        ("x" * 45, ["x" * 20, "x" * 20, "x" * 5]),
        ("a" * 20 + " " + "b" * 20, ["a" * 20, "b" * 20]),
    ],
)
def test_it_is_parted_at_the_best_seam(text: str, pieces: list[str]):
    assert split(text, 20, 20) == pieces


def test_the_first_piece_may_be_shorter_than_the_others():
    assert [len(piece) for piece in split("x" * 30, 5, 20)] == [5, 20, 5]


@pytest.mark.parametrize("sign", [FAMILY, FLAG, WAVE, KEYCAP, SCOTLAND, ACCENT, "\r\n", "한"])
@pytest.mark.parametrize("before", range(12))
def test_what_is_seen_as_one_character_stays_whole(sign: str, before: int):
    text = "x" * before + sign * 12
    for piece in split(text, 16, 16):
        assert units(piece) <= 16
        assert piece.lstrip("x").replace(sign, "").strip() == ""


def test_one_character_longer_than_a_piece_is_parted_all_the_same():
    zalgo = "a" + "\u0301" * 50
    pieces = split(zalgo, 20, 20)

    assert "".join(pieces) == zalgo
    assert all(units(piece) <= 20 for piece in pieces)


def test_flags_are_parted_between_and_not_within():
    flags = FLAG * 3
    assert [place for place in range(1, len(flags)) if not joined(flags, place)] == [2, 4]


def test_whatever_the_text_no_word_is_lost_and_no_piece_too_long_or_empty():
    dice = random.Random(7)
    signs = ["a", "ç", ".", "? ", " ", "\n", "\n\n", FAMILY, FLAG, WAVE, ACCENT, "palavra"]
    for _ in range(300):
        text = "".join(dice.choices(signs, k=dice.randint(1, 120)))
        pieces = split(text, dice.randint(12, 30), dice.randint(12, 60))
        assert "".join("".join(pieces).split()) == "".join(text.split())
        assert all(piece.strip() for piece in pieces) or not text.strip()
