"""The way from a commit to the channel layer: best effort, from any thread. What it loses, the log still has."""

from __future__ import annotations

import structlog

from realtime.layer import our_layer

log = structlog.get_logger(__name__)

Parcel = tuple[str, bytes]


def ring(parcels: list[Parcel]) -> None:
    """Hand parcels, each with its group, to the layer; never raises: the commit stands, the poll will deliver."""
    try:
        our_layer().post(parcels)
    except Exception:
        log.exception("push_failed", parcels=len(parcels))
