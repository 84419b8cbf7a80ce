"""PUBLISH from any thread: a few kept blocking connections and a circuit breaker."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Sequence

import structlog

from realtime import metrics
from realtime.bus import Parcel
from realtime.bus.resp import Address, Connection, command

log = structlog.get_logger(__name__)

KEPT_CONNECTIONS = 8
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 4.0


class Publisher:
    """Django's ASGI threads live for one request, so connections belong to the process, not to threads."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.idle: deque[Connection] = deque(maxlen=KEPT_CONNECTIONS)
        self.process = os.getpid()
        self.pause = FIRST_PAUSE_S
        self.open_until = 0.0

    def post(self, parcels: Sequence[Parcel]) -> None:
        """Publish, or give up within 200 ms; after a failure nobody tries for a while: commits must not queue here."""
        if time.monotonic() < self.open_until:
            metrics.pushes_skipped.inc(len(parcels))
            return
        try:
            self.deliver([command("PUBLISH", topic, payload) for topic, payload in parcels])
            self.pause = FIRST_PAUSE_S
        except OSError as problem:
            self.trip(problem, len(parcels))

    def deliver(self, commands: list[bytes]) -> None:
        """By a kept connection, and by a fresh one when that has died since."""
        kept = self.kept()
        if kept and self.ran(kept, commands):
            return
        fresh = Connection(self.address)
        fresh.run(commands)
        self.idle.append(fresh)

    def ran(self, connection: Connection, commands: list[bytes]) -> bool:
        try:
            connection.run(commands)
        except OSError:
            connection.close()
            return False
        self.idle.append(connection)
        return True

    def kept(self) -> Connection | None:
        if self.process != os.getpid():  # After a fork the parent's sockets are not ours to use.
            self.process = os.getpid()
            self.idle.clear()
        try:
            return self.idle.pop()
        except IndexError:
            return None

    def trip(self, problem: OSError, parcels: int) -> None:
        self.open_until = time.monotonic() + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE_S)
        self.close()
        metrics.pushes_skipped.inc(parcels)
        log.warning("redis_unreachable", error=str(problem))

    def close(self) -> None:
        """Hang up what is kept; the next post dials again."""
        while self.idle:
            self.idle.pop().close()
