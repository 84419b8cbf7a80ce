"""What `/metrics` says about the sockets of this process.

`family` is the protocol that a client speaks: `native`, `widget`, or one of `realtime.families`.
"""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

connections = Gauge("niochat_sockets", "Open sockets that have authenticated.", ["family"])
opened = Counter("niochat_sockets_opened", "Sockets that have authenticated since the start.", ["family"])
refused = Counter("niochat_sockets_refused", "Sockets whose credentials were refused.", ["code", "family"])
closed = Counter("niochat_sockets_closed", "Sockets that this side closed, by close code.", ["code"])
frames_in = Counter("niochat_frames_in", "Frames from clients.", ["family"])
frames_out = Counter("niochat_frames_out", "Frames of streams and groups written to sockets.", ["family"])
latency = Histogram(
    "niochat_delivery_seconds",
    "From the commit to the write to sockets, once for each batch.",
    ["family"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
errors = Counter("niochat_socket_errors", "Error frames sent, by code.", ["code"])
resumes = Counter("niochat_resumes", "Clients that came back: caught up, or brought to their rooms.", ["family"])
resyncs = Counter("niochat_resyncs", "Streams whose cursors could not be served.")
holes = Counter("niochat_holes_filled", "Times that the log had to give what the channel layer did not bring.")
unknown = Counter("niochat_layer_messages_unknown", "Messages of the channel layer that nobody here understands.")
pushes_skipped = Counter(
    "niochat_pushes_skipped", "Parcels that were not handed to the channel layer; the poll delivers."
)
layer_up = Gauge("niochat_layer_up", "1 while the channel layer is reachable from this process.")


@cache
def out_to(family: str) -> tuple[Counter, Histogram]:
    """How many frames go out to a family, and how late: looked up once, for they are counted at each write."""
    return frames_out.labels(family), latency.labels(family)
