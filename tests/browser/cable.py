"""A cable between a window and the server that a test can pull out and plug in again."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

CHUNK = 64 * 1024


class Cable:
    """Forwards TCP connections to the server; while it is cut, those there were are dead and new ones are refused."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.plugged = True
        # Nobody is let through between the word that it is cut and the end of those who were there.
        self.lock = threading.Lock()
        self.open: set[socket.socket] = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                with self.lock:
                    if self.plugged:
                        self.join(near)
                    else:
                        near.close()

    def join(self, near: socket.socket) -> None:
        far = socket.create_connection(("127.0.0.1", self.target))
        self.open |= {near, far}
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(CHUNK):
                self.hand_on(data, other)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        with self.lock:
            self.open.discard(one)
        one.close()  # The other end is closed by the thread that reads it.

    def hand_on(self, data: bytes, to: socket.socket) -> None:
        to.sendall(data)

    def cut(self) -> None:
        """Pull it out: every connection through it is dead at once."""
        with self.lock:
            self.plugged = False
            for end in self.open:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Plug it in again."""
        with self.lock:
            self.plugged = True

    def close(self) -> None:
        self.cut()
        self.listener.close()
