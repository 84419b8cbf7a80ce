"""What the server must tell its own sockets when rights change or end: letters to the control streams; and what a team
is told of its people.

They are numbered and kept like any other letter, so a revocation is as sure to arrive as a message.
"""

from __future__ import annotations

from typing import Any

from accounts.models import Membership
from realtime import streams
from realtime.events import DirectoryUpdated, Letter, RightsChanged, iso
from realtime.models import Presence


def session_ended(membership: Membership, session_id: int) -> Letter:
    """Close the sockets of one login."""
    event = RightsChanged(reason="session_revoked", session_id=session_id, close=4401, code="SESSION_REVOKED")
    return _to_user(membership, event)


def key_revoked(membership: Membership, key_id: int) -> Letter:
    """Close the sockets that came by one client key."""
    return _to_user(membership, RightsChanged(reason="key_revoked", key_id=key_id, close=4401, code="TOKEN_INVALID"))


def scope_changed(membership: Membership) -> Letter:
    """A role or an inbox was given or taken: renew the credentials, take a new snapshot."""
    event = RightsChanged(reason="membership", user_id=membership.user_id, close=4401, code="SCOPE_CHANGED")
    return _to_user(membership, event)


def member_disabled(membership: Membership) -> Letter:
    """Shut this member out until somebody lets them in again."""
    event = RightsChanged(reason="user_disabled", user_id=membership.user_id, close=4403, code="USER_DISABLED")
    return _to_user(membership, event)


def member_removed(membership: Membership) -> Letter:
    event = RightsChanged(reason="removed", user_id=membership.user_id, close=4403, code="FORBIDDEN")
    return _to_user(membership, event)


def tenant_suspended(tenant_id: int) -> Letter:
    """Close every socket of the tenant, its customers' too."""
    event = RightsChanged(reason="tenant_suspended", close=4403, code="TENANT_INACTIVE")
    return Letter(streams.control(tenant_id), event)


def colleague(membership: Membership) -> Letter:
    """Tell the team who somebody is now; the invited, the disabled and the removed are nobody's colleague."""
    item = _shown(membership) if membership.is_at_work else None
    event = DirectoryUpdated(kind="user", id=membership.user_id, item=item)
    return Letter(streams.agents(membership.tenant_id), event)


def _shown(membership: Membership) -> dict[str, Any]:
    user = membership.user
    seen = Presence.objects.filter(tenant_id=membership.tenant_id, user_id=user.pk)
    last_seen = seen.values_list("last_seen_at", flat=True).first()
    return {
        "id": user.pk,
        "name": user.name,
        "username": user.username,
        "role": membership.role,
        "avatar_url": user.avatar_url,
        "last_seen": iso(last_seen) if last_seen else None,
    }


def _to_user(membership: Membership, event: RightsChanged) -> Letter:
    return Letter(streams.control_user(membership.tenant_id, membership.user_id), event)
