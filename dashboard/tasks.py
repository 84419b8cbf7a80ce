"""Jobs of the workplace."""

from __future__ import annotations

from dashboard import freshness
from jobs import task


@task("dashboard.metrics", attempts=3)
def push_metrics(tenant_id: int) -> None:
    """Show the team its new numbers."""
    freshness.push(tenant_id)
