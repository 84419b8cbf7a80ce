"""Phones' sessions, as admins see them: the state of each, and the code that can be scanned now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from accounts import clock
from accounts.actor import Actor
from accounts.permissions import allowed
from conversations import actions
from conversations.models import ProviderAccount
from conversations.shapes import PhoneSessionData
from realtime import streams
from realtime.events import Event, QrCode, SessionStatus
from realtime.transient import transient


def note(actor: Actor, inbox_id: int, **told: Any) -> None:
    """Take over what a gateway said of a session; a new code is shown to the admins who are there."""
    account, is_fresh = actions.note_session(actor, inbox_id, **told)
    if is_fresh and (shown := code_of(account, clock.now())):
        transient(streams.admins(account.tenant_id), shown)


def code_of(account: ProviderAccount, moment: datetime) -> QrCode | None:
    code = account.current_code(moment)
    if not code or account.qr_expires_at is None:
        return None
    return QrCode(session_id=account.inbox_id, qr_code=code, expires_at=account.qr_expires_at, timestamp=moment)


def present(actor: Actor) -> Iterator[Event]:
    """How each session stands, with its code: what an admin's new socket is told."""
    if not allowed(actor, "inbox.manage"):
        return
    moment = clock.now()
    for account in ProviderAccount.with_sessions(actor):
        yield status_of(account, moment)
        if shown := code_of(account, moment):
            yield shown


def told_of(actor: Actor) -> list[dict[str, Any]]:
    """What the last `session_status` of each inbox said, for those who hear them."""
    if not actor.oversees:
        return []
    return [status_of(account, clock.now()).data() for account in ProviderAccount.told_of(actor)]


def status_of(account: ProviderAccount, moment: datetime) -> SessionStatus:
    told: dict[str, Any] = {"status": account.session, "reason": account.session_reason}
    return SessionStatus(session_id=account.inbox_id, timestamp=account.session_at or moment, **told)


def session_data(account: ProviderAccount) -> dict[str, Any]:
    """A session as REST shows it to whoever may manage inboxes."""
    moment = clock.now()
    code = account.current_code(moment)
    return PhoneSessionData(
        session_id=account.inbox_id,
        status=account.session or ProviderAccount.Session.DISCONNECTED.value,
        since=account.session_at,
        qr_code=code,
        expires_at=account.qr_expires_at if code else None,
        phone=str(account.facts.get("phone", "")),
        profile_name=str(account.facts.get("profile_name", "")),
        error=account.trouble,
        reason=account.session_reason,
    ).model_dump(mode="json")
