"""Compile locale/*.po to the .mo files that the product reads: by polib, so that nobody needs gettext installed.

The .mo files are checked in, so `make run` needs no compiler either; `--check` says which of them are behind.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polib

from tools.terminal import ROOT


def main(arguments: list[str]) -> int:
    sources = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))
    behind = [source for source in sources if not is_current(source)]
    if "--check" not in arguments:
        for source in behind:
            source.with_suffix(".mo").write_bytes(compiled(source))
        return 0
    for source in behind:
        print(f"{source.relative_to(ROOT)} is newer than its .mo file: run `make messages`.")
    return 1 if behind else 0


def is_current(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return target.exists() and target.read_bytes() == compiled(source)


def compiled(source: Path) -> bytes:
    """What the .mo file must hold."""
    content: bytes = polib.pofile(str(source)).to_binary()
    return content


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
