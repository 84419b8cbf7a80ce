"""What the product said in its logs during a test run, and every secret that was made meanwhile: they must not meet.

Secrets are noted where they are made (tokens, signatures, keys, passwords, cookies), logs are read where they end: this
process's by a handler beside the product's own, a server's from the file that its output goes to.
"""

from __future__ import annotations

import io
import logging
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.backends.base import SessionBase
from django.core.signing import Signer
from django.middleware import csrf

from accounts import keys
from conversations.models import Inbox

# A secret is found as a word of the log; what is shorter, or all of a kind, is found everywhere.
WORD = re.compile(r"[A-Za-z0-9_-]{10,}")
LEAST_LETTERS = 5
# Secrets that a process of its own made, which nobody here could note.
SHAPES = [
    re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"),
    re.compile(r"\bnk_[0-9a-f]{10}_[0-9a-f]{12,}"),
    re.compile(r"\bnis_[\w-]{20,}"),
    re.compile(r"(?i)\b(?:bearer|token)[ =](?!\[redacted)[\w.~+/-]{20,}"),
    re.compile(r"(?i)\b(?:niochat_session|niochat_csrf|sessionid)=(?!\[redacted)\w{10,}"),
]
# Stand in documents for everybody to read.
PUBLIC = {"niochat-demo"}


class Overheard:
    """Secrets and logs of one run. `findings` are the words of the logs that are secrets."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self.said = io.StringIO()
        self.handler = logging.StreamHandler(self.said)
        self.files: set[Path] = set()

    def note(self, secret: str | bytes | None) -> None:
        """Remember a secret by its words."""
        text = secret.decode(errors="ignore") if isinstance(secret, bytes) else secret or ""
        self.secrets.update(word for word in WORD.findall(text) if len(set(word)) >= LEAST_LETTERS)

    def listen(self) -> None:
        """Hear what the product's own handler hears, in its words; again after a test that set logging up anew."""
        root = logging.getLogger()
        lines = [handler.formatter for handler in root.handlers if type(handler) is logging.StreamHandler]
        if self.handler not in root.handlers and lines:
            self.handler.setFormatter(lines[0])
            root.addHandler(self.handler)

    def read(self, file: Path) -> None:
        """Take in what a server has said so far; its file may be gone at the end of the run."""
        if file.is_file():
            self.said.write(file.read_text(errors="replace"))

    def findings(self) -> set[str]:
        for file in self.files:
            self.read(file)
        text = self.said.getvalue()
        shaped = {found[0] for shape in SHAPES for found in shape.finditer(text)}
        return (set(WORD.findall(text)) & self.secrets | shaped) - PUBLIC


def noting(overheard: Overheard, original: Callable[..., Any], part: Callable[[Any], str]) -> Callable[..., Any]:
    """The function as it is, with what it makes noted."""

    def made(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        overheard.note(part(result))
        return result

    return made


@contextmanager
def overhearing() -> Iterator[Overheard]:
    """Note every secret that is made in this process, and every file that a process it starts writes to."""
    overheard = Overheard()
    makers: list[tuple[Any, str, Callable[[Any], str]]] = [
        # The signature: the claims before it are no secret.
        (jwt, "encode", lambda token: token.rsplit(".", 1)[1]),
        (Signer, "signature", str),
        (keys, "make_key", lambda key: f"{key.text} {keys.split(key.text)[1]}"),
        (Inbox, "new_secret", str),
        (SessionBase, "_get_new_session_key", str),
        (csrf, "_get_new_csrf_string", str),
        (csrf, "_mask_cipher_secret", str),
    ]
    with pytest.MonkeyPatch.context() as patch:
        for where, name, part in makers:
            patch.setattr(where, name, noting(overheard, getattr(where, name), part))
        patch.setattr(MD5PasswordHasher, "encode", hashing(overheard, MD5PasswordHasher.encode))
        patch.setattr(subprocess.Popen, "__init__", starting(overheard, subprocess.Popen.__init__))
        patch.setattr(subprocess.Popen, "wait", waiting(overheard, subprocess.Popen.wait))
        yield overheard
    logging.getLogger().removeHandler(overheard.handler)


def hashing(overheard: Overheard, encode: Callable[..., str]) -> Callable[..., str]:
    def hashed(self: MD5PasswordHasher, password: str, salt: str) -> str:
        overheard.note(password)
        return encode(self, password, salt)

    return hashed


def starting(overheard: Overheard, begin: Callable[..., None]) -> Callable[..., None]:
    def begun(self: Any, *args: Any, **kwargs: Any) -> None:
        name = getattr(kwargs.get("stdout"), "name", None)
        if isinstance(name, str):
            overheard.files.add(Path(name))
        begin(self, *args, **kwargs)

    return begun


def waiting(overheard: Overheard, wait: Callable[..., int]) -> Callable[..., int]:
    """A process that has ended: its file may lie in a folder that goes with it."""

    def waited(self: Any, timeout: float | None = None) -> int:
        ended = wait(self, timeout)
        for file in [file for file in overheard.files if file.is_file()]:
            overheard.read(file)
            overheard.files.discard(file)
        return ended

    return waited
