"""Where a client stands in the server's streams, and where that is kept so that a restart goes on from there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from niochat_client.errors import NioChatError


@dataclass(frozen=True)
class Position:
    """The last event that was dealt with, by stream. Numbers of another epoch mean something else."""

    epoch: str
    cursors: Mapping[str, int] = field(default_factory=dict)


class Store(Protocol):
    """Keeps one client's position. `save` is called after each kept event that the application has dealt with."""

    async def load(self) -> Position | None: ...

    async def save(self, position: Position) -> None: ...


class MemoryStore:
    """Keeps the position for as long as this object lives."""

    def __init__(self) -> None:
        self.position: Position | None = None

    async def load(self) -> Position | None:
        return self.position

    async def save(self, position: Position) -> None:
        self.position = position


class FileStore:
    """Keeps the position in a file, replaced as a whole: a crash leaves the old one or the new one.

    One file belongs to one user of one server, and to one running client.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    async def load(self) -> Position | None:
        return self.read()

    async def save(self, position: Position) -> None:
        self.write({"epoch": position.epoch, "cursors": dict(position.cursors)})

    def read(self) -> Position | None:
        """None where there is no file. One that can't be read is an error: going on would silently skip events."""
        try:
            kept = json.loads(self.path.read_text())
            return Position(str(kept["epoch"]), {str(name): int(seq) for name, seq in kept["cursors"].items()})
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError) as odd:
            raise NioChatError(f"{self.path} holds no position; mend it, or delete it to begin at now.") from odd

    def write(self, kept: Mapping[str, Any]) -> None:
        draft = self.path.with_name(self.path.name + ".new")
        draft.write_text(json.dumps(kept))
        draft.replace(self.path)
