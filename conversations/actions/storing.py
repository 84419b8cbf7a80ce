"""Bytes on the disk: written before the transaction that names them, since a slow disk must not hold its locks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError


@dataclass
class Stored:
    """A file that lies there. Whoever writes a row that names it says so by `is_named`."""

    key: str
    is_named: bool = False


@contextmanager
def written(key: str, content: BinaryIO) -> Iterator[Stored]:
    """Write a file for the block's transaction; where that fails, or names it in no row, the file goes again.

    Whether a transaction was committed whose connection broke, nobody knows: its file stays, since a file without a row
    is waste, and a row without its file would be a loss. `discard_orphans` finds the waste.
    """
    content.seek(0)
    file = Stored(default_storage.save(key, File(content)))
    try:
        yield file
    except (InterfaceError, OperationalError):
        raise
    except BaseException:
        default_storage.delete(file.key)
        raise
    if not file.is_named:
        default_storage.delete(file.key)
