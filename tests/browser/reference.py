"""The documents whose clients must run unchanged. They stand beside the project, never in it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)


def folder() -> Path:
    """`../shared/reference`, or what NIOCHAT_REFERENCE names."""
    return Path(os.environ.get("NIOCHAT_REFERENCE") or ROOT.parent / "shared" / "reference")


def is_there() -> bool:
    return (folder() / "niochat-websocket.md").is_file()


@dataclass(frozen=True)
class Document:
    """One page of Markdown."""

    text: str

    @classmethod
    def named(cls, name: str) -> Document:
        return cls((folder() / f"{name}.md").read_text())

    def code(self, heading: str, number: int = 0) -> str:
        """The code printed under a heading, to the letter: its first block, or another by number."""
        return [code for _, code in self.blocks(heading)][number]

    def blocks(self, heading: str) -> list[tuple[str, str]]:
        """Language and text of each block between this heading and the next."""
        bare = BLOCK.sub(lambda found: "\0" * len(found[0]), self.text)  # A comment in code is no heading.
        headings = list(HEADING.finditer(bare))
        at = next(index for index, found in enumerate(headings) if heading in found[1])
        end = headings[at + 1].start() if at + 1 < len(headings) else len(self.text)
        return [(found[1], found[2]) for found in BLOCK.finditer(self.text[headings[at].end() : end])]

    def frames(self) -> dict[str, dict[str, Any]]:
        """The printed samples: an event's type and its data."""
        found: dict[str, dict[str, Any]] = {}
        for language, code in BLOCK.findall(self.text):
            if language == "javascript" and code.startswith('{\n  "type"'):
                sample = json.loads(code)
                found[sample["type"]] = sample["data"]
        return found


def fits(sample: Any, given: Any) -> bool:
    """Has what was given every field of the sample, with a value of the sample's kind? More fields may be there."""
    if isinstance(sample, dict):
        return isinstance(given, dict) and all(name in given and fits(sample[name], given[name]) for name in sample)
    if isinstance(sample, int | float):
        return isinstance(given, int | float) and not isinstance(given, bool)
    return type(sample) is type(given)
