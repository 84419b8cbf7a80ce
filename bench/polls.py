"""Socket.IO's clients that poll: each over one connection of its own, which is kept."""

from __future__ import annotations

import re
import socket
from typing import Any

from bench.clients import Crowd

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
SID = re.compile(rb'"sid":"([^"]+)"')
# Engine.IO's ping and pong, and what parts the packets of one answer.
PING, PONG, BETWEEN = b"2", "3", b"\x1e"


class Poller:
    """One client. It asks again as soon as it has an answer; what it has to say goes before."""

    def __init__(self, connection: socket.socket, path: str, host: str, greetings: list[str]) -> None:
        self.connection, self.path, self.host = connection, path, host
        self.to_say, self.greetings = greetings[:1], greetings[1:]
        self.sid, self.heard = "", b""

    def hear(self, chunk: bytes) -> None:
        """A piece of an answer; the next request once it is whole."""
        self.heard += chunk
        head, end, body = self.heard.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if end and length and len(body) >= int(length[1]):
            self.heard = b""
            self.take(body)
            self.ask()

    def take(self, body: bytes) -> None:
        """The packets of one poll, or the `OK` to what was said."""
        if not self.sid and (found := SID.search(body)):
            self.sid = found[1].decode()
        packets = body.split(BETWEEN)
        if PING in packets:
            self.to_say.append(PONG)
        if any(packet.startswith(b"42") for packet in packets):  # It is in.
            self.to_say, self.greetings = [*self.to_say, *self.greetings], []

    def ask(self) -> None:
        """Say what there is to say, or poll."""
        said = self.to_say.pop(0) if self.sid and self.to_say else ""
        line = f"{'POST' if said else 'GET'} {self.path}&sid={self.sid} HTTP/1.1"
        kind = f"Content-Type: text/plain\r\nContent-Length: {len(said)}\r\n" if said else ""
        self.connection.sendall(f"{line}\r\nHost: {self.host}\r\n{kind}\r\n{said}".encode())


class Polls(Crowd):
    """A crowd of them: `path` of each names its token, `greetings` are CONNECT and what is sent once it is in."""

    def __init__(self) -> None:
        super().__init__()
        self.pollers: dict[Any, Poller] = {}

    def join(self, port: int, path: str, greetings: Any = ()) -> None:
        connection = socket.create_connection(("127.0.0.1", port), 20)
        self.pollers[connection] = poller = Poller(connection, path, f"127.0.0.1:{port}", list(greetings))
        self.take_in(connection)
        poller.ask()

    def answer(self, connection: Any, chunk: bytes) -> None:
        self.pollers[connection].hear(chunk)

    def show_life(self) -> None:
        """They ask all the time."""
