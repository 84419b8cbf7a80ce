"""What `/metrics` says about what providers post to this process, and what of it led to nothing."""

from __future__ import annotations

from prometheus_client import Counter

posted = Counter(
    "niochat_webhooks",
    "Deliveries at the providers' door: `received`, `duplicate`, or the code of the refusal (`signature_invalid`, …).",
    ["provider", "outcome"],
)
dropped = Counter(
    "niochat_happenings_dropped",
    "What providers told of messages that never came: reports, reactions, edits. Mostly of what others sent.",
    ["channel", "kind"],
)
