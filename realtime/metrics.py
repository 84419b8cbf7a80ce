"""What `/metrics` says about the sockets of this process."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

connections = Gauge("niochat_sockets", "Open sockets that have authenticated.")
opened = Counter("niochat_sockets_opened", "Sockets that have authenticated since the start.")
refused = Counter("niochat_sockets_refused", "Sockets whose credentials were refused.", ["code"])
closed = Counter("niochat_sockets_closed", "Sockets that this side closed, by close code.", ["code"])
frames_in = Counter("niochat_frames_in", "Frames from clients.")
frames_out = Counter("niochat_frames_out", "Frames of streams and groups written to sockets.")
errors = Counter("niochat_socket_errors", "Error frames sent, by code.", ["code"])
resumes = Counter("niochat_resumes", "Sockets that caught up from their cursors.")
resyncs = Counter("niochat_resyncs", "Streams whose cursors could not be served.")
holes = Counter("niochat_holes_filled", "Times that the log had to give what the channel layer did not bring.")
unknown = Counter("niochat_layer_messages_unknown", "Messages of the channel layer that nobody here understands.")
pushes_skipped = Counter(
    "niochat_pushes_skipped", "Parcels that were not handed to the channel layer; the poll delivers."
)
layer_up = Gauge("niochat_layer_up", "1 while the channel layer is reachable from this process.")
