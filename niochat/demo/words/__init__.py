"""What people say in the demonstration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Lines = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Why a customer writes: turns of question and answer, each in several wordings, and how the team files it."""

    label: str
    team: str
    weight: int
    turns: Sequence[tuple[Lines, Lines]]
    notes: Lines
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language's side of it all. `{first}`, `{order}`, `{item}`, `{days}` and `{agent}` are filled in."""

    topics: Sequence[Topic]
    items: Lines
    first_names: str
    last_names: str
    phone: str
    nudges: Lines
    waits: Lines
    thanks: Lines
    farewells: Lines
    put_off: Lines
    picked_up: Lines
    back_again: Lines
    sorted_out: Lines
    spam: Lines
    feedback: Mapping[int, Lines]
    # What is going on right now: each scene a list of (minutes ago, who or what, words).
    today: Sequence[Sequence[tuple[float, str, str]]]
