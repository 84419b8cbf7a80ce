"""A TCP proxy whose connections can be cut, swallowed, garbled and closed, from either side and at any byte."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random

CHUNK = 64 * 1024
# Masked, as a client's frames are: one with an opcode that nobody defined, and a ping.
BROKEN, PING = b"\x83\x80\0\0\0\0", b"\x89\x80\0\0\0\0"
FLOOD = 60
CODES = (1000, 1001, 1012, 1013, 4408, 4429)
SWALLOWED_S = 0.3


class Edges:
    """Where WebSocket frames begin in a stream of bytes: nothing may be slipped in elsewhere."""

    def __init__(self) -> None:
        self.head = b""
        self.shaken = False
        self.left = 0

    @property
    def here(self) -> bool:
        return self.shaken and not self.left and not self.head

    def feed(self, data: bytes) -> None:
        if not self.shaken:
            _, found, data = (self.head + data).partition(b"\r\n\r\n")
            self.head = b"" if found else (self.head + data)[-4096:]
            self.shaken = bool(found)
            if not found:
                return
        while data:
            data = self.skip(data)

    def skip(self, data: bytes) -> bytes:
        """Pass over the rest of a frame, or over a frame's head."""
        if self.left:
            passed = min(self.left, len(data))
            self.left -= passed
            return data[passed:]
        self.head += data[:1]
        needed = head_size(self.head)
        if len(self.head) == needed:
            self.left = payload_size(self.head)
            self.head = b""
        return data[1:]


def head_size(head: bytes) -> int:
    """How many bytes this frame's head has, as far as can be told already."""
    if len(head) < 2:
        return 2
    length = head[1] & 0x7F
    return 2 + {126: 2, 127: 8}.get(length, 0) + (4 if head[1] & 0x80 else 0)


def payload_size(head: bytes) -> int:
    length = head[1] & 0x7F
    size = {126: 2, 127: 8}.get(length, 0)
    return int.from_bytes(head[2 : 2 + size], "big") if size else length


class Line:
    """One connection through the hose."""

    def __init__(self, target: int, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.target, self.near, self.far = target, near, far
        self.up, self.down = Edges(), Edges()
        self.swallowing = self.halving = False
        self.began = time.monotonic()

    @property
    def is_live(self) -> bool:
        """A WebSocket past its handshake; REST's connections are cut too, but not counted."""
        return self.down.shaken and self.up.shaken

    def abort(self) -> None:
        self.near.transport.abort()
        self.far.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, edges: Edges) -> None:
        with suppress(OSError):  # One end was cut.
            while data := await reader.read(CHUNK):
                if self.swallowing:
                    continue
                if self.halving:
                    writer.write(data[: len(data) // 2])
                    break
                edges.feed(data)
                writer.write(data)
                await writer.drain()
        self.near.close()
        self.far.close()


class Hose:
    """Carries to one of `targets()`, chosen for each connection."""

    def __init__(self, targets: Callable[[], list[int]], random: Random) -> None:
        self.targets, self.random = targets, random
        self.lines: set[Line] = set()
        self.cut: Counter[str] = Counter()
        self.closed_until = 0.0
        self.faults: dict[str, Callable[[Line], None]] = {
            "cut": self.cut_off,
            "cut within a frame": self.halve,
            "bytes swallowed": self.swallow,
            "closed with a code": self.close,
            "ended by the server (protocol)": self.garble,
            "ended by the server (flood)": self.flood,
        }
        self.weights = [8, 4, 4, 4, 2, 1]

    async def open(self) -> int:
        """Listen; the port."""
        self.server = await asyncio.start_server(self.join, "127.0.0.1", 0)
        return int(self.server.sockets[0].getsockname()[1])

    async def shut(self) -> None:
        self.server.close()
        for line in list(self.lines):
            line.abort()
        await asyncio.sleep(0)

    async def join(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        ports = self.targets()
        if not ports or time.monotonic() < self.closed_until:
            near.transport.abort()
            return
        target = self.random.choice(ports)
        try:
            far_reader, far = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            near.transport.abort()
            return
        line = Line(target, near, far)
        self.lines.add(line)
        try:
            await asyncio.gather(line.carry(reader, far, line.up), line.carry(far_reader, near, line.down))
        finally:
            self.lines.discard(line)

    # --- faults ------------------------------------------------------------------------------------------------------

    def fault(self) -> bool:
        """Do one of them to one of the connections; whether there was one to do it to."""
        live = sorted((line for line in self.lines if line.is_live), key=lambda line: line.began)
        if not live:
            return False
        line = self.random.choice(live)
        name = self.random.choices(list(self.faults), self.weights)[0]
        if name not in ("cut", "bytes swallowed", "cut within a frame") and not (line.up.here and line.down.here):
            name = "cut"
        self.faults[name](line)
        self.lines.discard(line)
        self.cut[name] += 1
        return True

    def refuse_for(self, seconds: float) -> None:
        """Let nobody in for a while."""
        self.closed_until = time.monotonic() + seconds

    def cut_off(self, line: Line) -> None:
        line.abort()

    def halve(self, line: Line) -> None:
        """Of the next bytes, whichever way they go, half arrive; then it is over."""
        line.halving = True
        asyncio.get_running_loop().call_later(SWALLOWED_S, line.abort)

    def swallow(self, line: Line) -> None:
        """Both sides believe for a moment that they have sent something."""
        line.swallowing = True
        asyncio.get_running_loop().call_later(self.random.uniform(0, SWALLOWED_S), line.abort)

    def close(self, line: Line) -> None:
        """To the client, a server's close; to the server, a lost connection."""
        code = self.random.choice(CODES)
        line.swallowing = True
        line.near.write(b"\x88\x02" + code.to_bytes(2, "big"))
        asyncio.get_running_loop().call_later(0.05, line.abort)

    def garble(self, line: Line) -> None:
        """The server itself ends what breaks the protocol."""
        line.far.write(BROKEN)

    def flood(self, line: Line) -> None:
        """The server itself ends what floods it (4429)."""
        line.far.write(PING * FLOOD)


def seed_of(given: str | None) -> int:
    """The seed that was given, or a new one."""
    return int(given) if given else int.from_bytes(os.urandom(4), "big")
