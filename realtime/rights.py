"""Whose rights a control frame says have changed, and what their sockets are told before they are closed."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from accounts.actor import Actor
from accounts.errors import NotAMember, Refused, SessionRevoked, TenantInactive, UserDisabled
from realtime.events import RightsChanged
from realtime.refusals import ScopeChanged

REASONS = {
    "membership": ScopeChanged.detail,
    "removed": NotAMember.detail,
    "session_revoked": SessionRevoked.detail,
    "user_disabled": UserDisabled.detail,
    "tenant_suspended": TenantInactive.detail,
    "key_revoked": _("This client key has been revoked."),
}


def concerns(change: RightsChanged, actor: Actor) -> bool:
    """Whether it is this actor's rights that changed: what it leaves open is everybody's."""
    return (
        change.user_id in (None, actor.user_id)
        and change.session_id in (None, actor.session_id)
        and change.key_id in (None, actor.key_id)
    )


def loss(change: RightsChanged) -> Refused:
    """What the socket is told: the reason in words, with the code that the frame carries."""
    return Refused(REASONS[change.reason], code=change.code.lower())
