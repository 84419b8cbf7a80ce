"""A proxy in miniature that pins sessions as the shipped configuration does."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from itertools import cycle
from typing import Self

HEAD_MOST = 65_536
SESSION = re.compile(rb"[?&]sid=([A-Za-z0-9]+)-")


class Pinning:
    """`ports` by the process's name. One connection to a client is one to a process: each asks for its own end."""

    def __init__(self, ports: dict[str, int]) -> None:
        self.ports = ports
        self.turns = cycle(ports)
        self.sessions: set[str] = set()
        self.latest = self.avoid = ""

    async def __aenter__(self) -> Self:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=HEAD_MOST)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    def process_of(self, head: bytes) -> str:
        found = SESSION.search(head.split(b"\r\n", 1)[0])
        if found:
            return found[1].decode()
        self.latest = next(name for name in self.turns if name != self.avoid)
        self.sessions.add(self.latest)
        return self.latest

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one request on, the rest of the connection with it, and back what comes."""
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if b"upgrade: websocket" not in head.lower():
                head = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", head).replace(
                    b"\r\n", b"\r\nConnection: close\r\n", 1
                )
            inner, outer = await asyncio.open_connection("127.0.0.1", self.ports[self.process_of(head)])
            outer.write(head)
            await asyncio.gather(copied(reader, outer), copied(inner, writer))
        writer.close()


async def copied(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Everything from one side to the other, and its end."""
    with suppress(OSError):
        while chunk := await source.read(HEAD_MOST):
            target.write(chunk)
            await target.drain()
    target.close()
