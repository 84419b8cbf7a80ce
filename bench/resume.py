"""Coming back: a client that missed 1,000 events, until it has them all."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator
from typing import Any

from websockets.sync.client import ClientConnection, connect

from bench import world
from bench.processes import product
from realtime import streams

MISSED = 1000


def until(socket: ClientConnection, kind: str) -> tuple[dict[str, Any], int]:
    """The first frame of a type, and how many kept frames came before it."""
    kept = 0
    while True:
        frame = json.loads(socket.recv(timeout=30))
        if frame["type"] == kind:
            return frame["data"], kept
        kept += "seq" in frame


def resumed(env: dict[str, str], *, quick: bool) -> Iterator[str]:
    """Connect, leave, miss, come back with the old cursors; ten times."""
    from django.db import transaction

    tenant = world.company()
    token = world.token(world.agents(tenant, 1)[0])
    stream = streams.agents(tenant.pk)
    times = []
    with product(env) as running:
        address = f"ws://127.0.0.1:{running.port}/ws/dashboard/?token={token}"
        with connect(address, compression=None) as socket:
            first, _ = until(socket, "connected")
        with transaction.atomic():
            publish_many(stream, MISSED)
        for _ in range(3 if quick else 10):
            with connect(address, compression=None, max_queue=None) as socket:
                until(socket, "connected")
                began = time.monotonic()
                ask = {"type": "resume", "epoch": first["epoch"], "cursors": first["cursors"]}
                socket.send(json.dumps(ask))
                _, kept = until(socket, "resumed")
                times.append((time.monotonic() - began) * 1e3)
                if kept < MISSED:
                    raise SystemExit(f"A resume brought {kept} of {MISSED} events.")
    yield f"resume after {MISSED} missed events, all received and read: median {statistics.median(times):.0f} ms"


def publish_many(stream: str, count: int) -> None:
    from bench.publisher import FILLER
    from realtime.events import AuditLog, Letter
    from realtime.publish import publish

    event = AuditLog(id=1, action="typing", details={"filler": FILLER}, user=None, timestamp="2026-01-01T00:00:00Z")
    publish(*(Letter(stream, event) for _ in range(count)))
