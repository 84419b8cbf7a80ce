"""What the back office can do: buttons with an address of their own, each of which calls one action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from accounts.actor import Actor
from accounts.backoffice.desk import Desk
from accounts.permissions import allowed

# Stands for a permission: only the platform's own staff does this.
STAFF = "staff"


class Button(NamedTuple):
    """`run` calls the action; text that it returns is shown once. `fits` says on which rows it is offered."""

    name: str
    label: Any
    permission: str
    run: Callable[[Actor, Any], Any]
    fits: Callable[[Any], bool] = lambda _row: True

    def actor(self, desk: Desk, tenant_id: int | None) -> Actor | None:
        """Who presses it: the person, or the platform for what only its staff does; None for who may not."""
        if self.permission == STAFF:
            return desk.platform(tenant_id) if desk.is_staff else None
        actor = desk.actor(tenant_id)
        return actor if allowed(actor, self.permission) else None
