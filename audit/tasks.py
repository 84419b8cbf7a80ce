"""What the book does by the clock."""

from audit.anchors import anchor_heads
from jobs import every


@every(seconds=3600)
def anchor() -> None:
    """Keep the heads of all chains outside the database."""
    anchor_heads()
