"""Happenings that wait for a message: let go as soon as it is there. Runs inside its caller's transaction."""

from __future__ import annotations

from conversations.models import Inbox, SetAside
from jobs import later

APPLY = "conversations.apply_set_aside"


def release(inbox: Inbox, provider_id: str) -> None:
    """Have everything applied that came before the message with this provider's id."""
    if not provider_id or not inbox.connection:
        return
    for pk in SetAside.early(inbox, provider_id):
        queue(inbox.tenant_id, pk)


def queue(tenant_id: int, pk: int) -> None:
    later(APPLY, tenant_id, pk, unique=key_of(pk), tenant_id=tenant_id)


def key_of(pk: int) -> str:
    """What a happening's one job is known by."""
    return f"set-aside:{pk:012}"
