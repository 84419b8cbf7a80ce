"""Writing in the book: the line before last of every action."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.actor import Actor
from accounts.clock import now
from audit import chain
from audit.models import AuditRecord, Verb
from realtime import streams
from realtime.events import AuditLog, AuditUser, Letter


def record(actor: Actor, verb: Verb, target: models.Model | None = None, **details: Any) -> Letter:
    """Write down what the actor did; returns the letter to the tenant's supervisors, to be handed to `publish`.

    Call it inside the action's transaction, after the rows and the jobs, right before `publish`: it holds the tenant's
    chain until commit. `details` hold what changed (`before`, `after`) and the few words that a reader needs; never a
    secret. The conversation is found by itself where the target is one or belongs to one.
    """
    written = AuditRecord(
        tenant_id=actor.tenant_id,
        verb=verb.value,
        user_id=actor.user_id,
        username=actor.username if actor.user_id is not None else "",
        contact_id=actor.contact_id,
        origin=actor.origin.value,
        ip=actor.ip,
        session_id=actor.session_id,
        key_id=actor.key_id,
        target_type=(target._meta.model_name or "") if target else "",
        target_id=target.pk if target else None,
        conversation_id=conversation_of(target, details),
        details=chain.plain(details),
        at=now(),
    )
    written.number, written.previous_hash, written.hash = chain.advance(actor.tenant_id, chain.digest(written))
    written.save(force_insert=True)
    return Letter(streams.supervisors(actor.tenant_id), audit_log(written))


def conversation_of(target: models.Model | None, details: dict[str, Any]) -> int | None:
    """The id of the conversation that this is about, if it is about one."""
    if target is not None and target._meta.model_name == "conversation":
        return int(target.pk)
    found = getattr(target, "conversation_id", None) or details.get("conversation_id")
    return int(found) if found else None


def audit_log(written: AuditRecord) -> AuditLog:
    """The record as supervisors see it live."""
    about = {"conversation_id": written.conversation_id} if written.conversation_id else {}
    return AuditLog(
        id=written.pk,
        action=written.verb,
        details=about | written.details,
        user=AuditUser(id=written.user_id, username=written.username) if written.user_id else None,
        timestamp=written.at,
    )


def record_data(written: AuditRecord) -> dict[str, Any]:
    """The record as REST and exports show it: the live frame's fields, and the rest of what the book holds."""
    return audit_log(written).data() | {
        "number": written.number,
        "origin": written.origin,
        "ip": written.ip,
        "contact_id": written.contact_id,
        "session_id": written.session_id,
        "key_id": written.key_id,
        "target_type": written.target_type,
        "target_id": written.target_id,
        "conversation_id": written.conversation_id,
        "previous_hash": written.previous_hash,
        "hash": written.hash,
    }
