"""Jobs of the workplace."""

from __future__ import annotations

from dashboard import freshness
from jobs import every, task


@task("dashboard.metrics", attempts=3)
def push_metrics(tenant_id: int) -> None:
    """Show the team its new numbers."""
    freshness.push(tenant_id)


@every(seconds=900, name="dashboard.metrics_by_the_clock")
def push_metrics_by_the_clock() -> None:
    """The window moves on at midnight, each zone at its own: push to those who watch, however quiet it is."""
    freshness.went_stale(freshness.watched())
