"""A load client of bare sockets: it must not be what is measured, so it counts bytes and looks into few frames."""

from __future__ import annotations

import base64
import os
import selectors
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any

BUFFER = 256 * 1024
STAMP = b"xat:"
# A pong that nobody asked for: a silent client is given up after 45 s.
LIFE, LIFE_EVERY_S = bytes((0x8A, 0x80, 0, 0, 0, 0)), 20.0
# Engine.IO's ping and pong, as WebSocket frames.
PING, PONG = b"\x81\x012", bytes((0x81, 0x81, 0, 0, 0, 0)) + b"3"


def masked(text: str) -> bytes:
    """A client's text frame."""
    payload, mask = text.encode(), os.urandom(4)
    length = len(payload)
    head = bytes((0x81, 0x80 | length)) if length < 126 else bytes((0x81, 0xFE)) + length.to_bytes(2, "big")
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


def opened(port: int, path: str) -> socket.socket:
    """A WebSocket after its handshake; raises ConnectionError when it was refused."""
    connection = socket.create_connection(("127.0.0.1", port), 20)
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = connection.recv(1)
        if not chunk:
            raise ConnectionError("closed during the handshake")
        head += chunk
    if b" 101 " not in head.split(b"\r\n", 1)[0]:
        raise ConnectionError(head.split(b"\r\n", 1)[0].decode())
    return connection


class Crowd:
    """Many sockets read by one thread. `bytes` counts everything; every `sampled`-th socket's frames are timed."""

    def __init__(self, sampled: int = 20) -> None:
        self.selector = selectors.DefaultSelector()
        self.sockets: list[socket.socket] = []
        self.sampled = sampled
        self.bytes = 0
        self.closed = 0
        self.marker = b"\x00"
        self.frames = 0
        self.latencies: list[float] = []
        self.stopping = False
        self.thread = threading.Thread(target=self.read, daemon=True)

    def join(self, port: int, path: str, greetings: Sequence[str] = ()) -> None:
        """Open a socket and send this after its handshake. It is read as soon as the crowd has been started."""
        connection = opened(port, path)
        connection.sendall(b"".join(map(masked, greetings)))
        self.take_in(connection)

    def take_in(self, connection: socket.socket) -> None:
        """Read this one too."""
        connection.setblocking(False)
        self.selector.register(connection, selectors.EVENT_READ, len(self.sockets) % self.sampled == 0)
        self.sockets.append(connection)

    def start(self) -> None:
        self.thread.start()

    def read(self) -> None:
        buffer = bytearray(BUFFER)
        view = memoryview(buffer)
        alive_at = time.monotonic()
        while not self.stopping:
            if time.monotonic() - alive_at > LIFE_EVERY_S:
                alive_at = time.monotonic()
                self.show_life()
            for key, _ in self.selector.select(0.2):
                try:
                    count = key.fileobj.recv_into(buffer)  # type: ignore[union-attr]  # we registered sockets
                except (BlockingIOError, ConnectionError):
                    continue
                if not count:
                    self.closed += 1
                    self.selector.unregister(key.fileobj)
                    continue
                self.bytes += count
                chunk = bytes(view[:count])
                self.frames += chunk.count(self.marker)
                self.answer(key.fileobj, chunk)
                if key.data:
                    self.time(key.fd, chunk)

    def answer(self, connection: Any, chunk: bytes) -> None:
        """What a client says of itself to what it has heard."""
        if chunk.endswith(PING):
            connection.send(PONG)

    def show_life(self) -> None:
        for connection in list(self.sockets):
            try:
                connection.send(LIFE)
            except (BlockingIOError, ConnectionError):
                continue  # Closed, which `read` counts, or so far behind that it will be closed.

    def time(self, number: int, chunk: bytes) -> None:
        """Note how old the newest stamped frame of a chunk is, in milliseconds."""
        at = chunk.rfind(STAMP)
        if at >= 0:
            digits = chunk[at + len(STAMP) : at + len(STAMP) + 20]
            stamp = int(bytes(byte for byte in digits if 48 <= byte <= 57))
            self.latencies.append((time.monotonic_ns() - stamp) / 1e6)

    def expect(self, marker: bytes) -> None:
        """Begin counting the frames that hold `marker`."""
        self.marker, self.frames, self.latencies = marker, 0, []

    def settle(self, frames: int, within_s: float) -> int:
        """Wait until so many frames have come, or no more come; how many did."""
        until, last, quiet = time.monotonic() + within_s, -1, 0
        while time.monotonic() < until and self.frames < frames and quiet < 20:
            quiet = quiet + 1 if self.frames == last else 0
            last = self.frames
            time.sleep(0.1)
        return self.frames

    def hear(self, frames: int, within_s: float) -> None:
        """Wait until so many frames have come, and not a millisecond longer; raises TimeoutError."""
        until = time.monotonic() + within_s
        while self.frames < frames:
            if time.monotonic() > until:
                raise TimeoutError(f"{self.frames} of {frames} frames have come; {self.closed} sockets were closed")
            time.sleep(0.0005)

    def close(self) -> None:
        self.stopping = True
        if self.thread.is_alive():
            self.thread.join(3)
        for connection in self.sockets:
            connection.close()


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
