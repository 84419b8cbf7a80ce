"""What the bootstrap says, and how it starts programs and ends with one clear sentence."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Never

ROOT = Path(__file__).resolve().parent.parent


def say(text: str) -> None:
    print(f"==> {text}", flush=True)


def give_up(sentence: str) -> Never:
    """End with one sentence and a failure."""
    sys.exit(f"==> {sentence}")


def quietly(command: Sequence[str | Path], otherwise: str, env: Mapping[str, str] | None = None) -> None:
    """Run a set-up command; show what it printed, then `otherwise`, only if it failed."""
    try:
        done = subprocess.run(command, cwd=ROOT, env=env, text=True, capture_output=True, check=False)
    except FileNotFoundError:
        give_up(f"{Path(command[0]).name} is missing. {otherwise}")
    if done.returncode:
        print(done.stdout[-4000:], done.stderr[-4000:], sep="\n", file=sys.stderr)
        give_up(otherwise)
