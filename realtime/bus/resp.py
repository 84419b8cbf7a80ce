"""Redis's wire format, written by hand: one connection, its address, and the bytes of a command."""

from __future__ import annotations

import socket
import ssl
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import hiredis

TIMEOUT_S = 0.2


def command(*parts: bytes | str | int) -> bytes:
    """One command as Redis reads it."""
    encoded = [part if isinstance(part, bytes) else str(part).encode() for part in parts]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in encoded)


@dataclass(frozen=True)
class Address:
    """Where Redis is and who we are there."""

    host: str = "127.0.0.1"
    port: int = 6379
    path: str = ""
    username: str = ""
    password: str = ""
    database: int = 0
    tls: bool = False

    @classmethod
    def parsed(cls, url: str) -> Address:
        """From `redis://[user:password@]host[:port][/db]`, `rediss://…` or `unix://[user:password@]/path[?db=0]`."""
        parts = urlsplit(url)
        unix = parts.scheme == "unix"
        database = parse_qs(parts.query).get("db", ["0"])[0] if unix else parts.path.strip("/")
        return cls(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 6379,
            path=parts.path if unix else "",
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            database=int(database or 0),
            tls=parts.scheme == "rediss",
        )

    def hello(self, protocol: int) -> list[str | int]:
        """The first command, with our credentials."""
        login = ["AUTH", self.username or "default", self.password] if self.password else []
        return ["HELLO", protocol, *login, "SETNAME", "niochat"]

    def context(self) -> ssl.SSLContext | None:
        return ssl.create_default_context() if self.tls else None

    def connected(self) -> socket.socket:
        """A blocking socket to there."""
        if self.path:
            raw = socket.socket(socket.AF_UNIX)
            raw.settimeout(TIMEOUT_S)
            raw.connect(self.path)
            return raw
        raw = socket.create_connection((self.host, self.port), timeout=TIMEOUT_S)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = self.context()
        return context.wrap_socket(raw, server_hostname=self.host) if context else raw


class Connection:
    """A blocking connection for one thread at a time; every read and write gives up after 200 ms."""

    def __init__(self, address: Address) -> None:
        self.reader = hiredis.Reader()
        self.socket = address.connected()
        # One that nobody keeps any more closes itself; one that could not be made has nothing to close.
        weakref.finalize(self, self.socket.close)
        self.run([command(*address.hello(2))])

    def run(self, commands: Iterable[bytes]) -> list[Any]:
        """Send commands in one write and read their answers. Raises OSError when Redis is not there or refuses."""
        sent = list(commands)
        self.socket.sendall(b"".join(sent))
        answers = [self.answer() for _ in sent]
        for answer in answers:
            if isinstance(answer, hiredis.ReplyError):
                raise ConnectionRefusedError(str(answer))
        return answers

    def answer(self) -> Any:
        while (reply := self.reader.gets()) is False:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionResetError("Redis closed the connection.")
            self.reader.feed(data)
        return reply

    def close(self) -> None:
        self.socket.close()
