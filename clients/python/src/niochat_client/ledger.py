"""The rule that makes every kept frame arrive once and in order."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from niochat_client.store import Position


class Verdict(Enum):
    """What to do with a frame: it was here, it is the next one, or there is a hole before it."""

    OLD = "old"
    NEXT = "next"
    HOLE = "hole"


class Ledger:
    """How far each stream has been received; `known` from the first position on."""

    def __init__(self) -> None:
        self.epoch = ""
        self.cursors: dict[str, int] = {}

    @property
    def known(self) -> bool:
        return bool(self.epoch)

    def place(self, epoch: str, cursors: Mapping[str, int]) -> None:
        """Go on from here, wherever it was before."""
        self.epoch, self.cursors = epoch, dict(cursors)

    def verdict(self, stream: str, seq: int) -> Verdict:
        cursor = self.cursors.get(stream, 0)
        if seq <= cursor:
            return Verdict.OLD
        return Verdict.NEXT if seq == cursor + 1 else Verdict.HOLE

    def take(self, stream: str, seq: int) -> None:
        self.cursors[stream] = seq

    def is_behind(self, heads: Mapping[str, int]) -> bool:
        return any(head > self.cursors.get(stream, 0) for stream, head in heads.items())

    def claim(self) -> dict[str, Any]:
        """The fields by which a frame asks to go on from here."""
        return {"epoch": self.epoch, "cursors": self.cursors}

    def position(self) -> Position:
        return Position(self.epoch, dict(self.cursors))
