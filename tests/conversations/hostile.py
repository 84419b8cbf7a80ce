"""Servers on loopback that keep to none of HTTP's manners, and a resolver that changes its mind."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

MIB = 2**20


class Hostile:
    """Takes connections one after another and lets `behave` speak; `asked` is what each of them sent first."""

    def __init__(self, behave: Callable[[Hostile, socket.socket], None]) -> None:
        self.behave = behave
        self.asked: list[bytes] = []
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with connection, suppress(OSError):
                    connection.settimeout(60)
                    self.asked.append(connection.recv(65_536))
                    self.behave(self, connection)

    def stop(self) -> None:
        self.over.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@contextmanager
def hostile(behave: Callable[[Hostile, socket.socket], None]) -> Iterator[Hostile]:
    server = Hostile(behave)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(5)


def polite(server: Hostile, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 2\r\n\r\nok")


def redirecting(target: str) -> Callable[[Hostile, socket.socket], None]:
    def behave(server: Hostile, connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode())

    return behave


def silent(server: Hostile, connection: socket.socket) -> None:
    server.over.wait(60)


def dripping_headers(server: Hostile, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not server.over.wait(0.05):
        connection.sendall(b"a")


def dripping_body(server: Hostile, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not server.over.wait(0.05):
        connection.sendall(b"a")


def endless(server: Hostile, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"%x\r\n" % 65_536 + b"a" * 65_536 + b"\r\n"
    while not server.over.is_set():
        connection.sendall(chunk)


def packed(server: Hostile, connection: socket.socket) -> None:
    """A hundred megabytes of nothing in a hundred kilobytes."""
    content = gzip.compress(bytes(100 * MIB))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(content)}\r\n\r\n"
    connection.sendall(head.encode() + content)


def no_http(server: Hostile, connection: socket.socket) -> None:
    connection.sendall(b"220 smtp.example ESMTP\r\n")


class Resolver:
    """In the place of the machine's: each name's answers in turn, the last one for ever; `asked` is by whom."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self.answers = {name: list(addresses) for name, addresses in answers.items()}
        self.asked: list[str] = []
        self.usual = socket.getaddrinfo

    def __call__(self, host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host not in self.answers:
            return self.usual(host, port, *args, **options)
        self.asked.append(host)
        left = self.answers[host]
        address = left.pop(0) if len(left) > 1 else left[0]
        return self.usual(address, port, *args, **options)
