"""Writing in the book: the line before last of every action."""

from __future__ import annotations

from typing import Any

from django.db import models
from pydantic import BaseModel, ConfigDict, RootModel

from accounts.actor import Actor
from accounts.clock import now
from audit import chain
from audit.models import AuditRecord, Verb
from realtime import streams
from realtime.events import AuditLog, AuditUser, Letter, Moment, iso


def record(actor: Actor, verb: Verb, target: models.Model | None = None, **details: Any) -> Letter:
    """Write down what the actor did; returns the letter to the tenant's supervisors, to be handed to `publish`.

    Call it inside the action's transaction, after the rows and the jobs, right before `publish`: it holds the tenant's
    chain until commit. `details` hold what changed (`before`, `after`) and the few words that a reader needs; never a
    secret, nor what a customer may have erased: of a contact the id, and `contact_name`, which is only in the letter.
    The conversation is found by itself where the target is one or belongs to one.
    """
    written = drafted(actor, verb, target, **details)
    chain.append(written)
    return Letter(streams.supervisors(actor.tenant_id), audit_log(written))


def drafted(actor: Actor, verb: Verb, target: models.Model | None = None, **details: Any) -> AuditRecord:
    """What `record` writes, without its place in the chain and unsaved."""
    contact_name = str(details.pop("contact_name", ""))
    draft = AuditRecord(
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
    draft.contact_name = contact_name
    return draft


def conversation_of(target: models.Model | None, details: dict[str, Any]) -> int | None:
    """The id of the conversation that this is about, if it is about one."""
    if target is not None and target._meta.model_name == "conversation":
        return int(target.pk)
    found = getattr(target, "conversation_id", None) or details.get("conversation_id")
    return int(found) if found else None


def audit_log(written: AuditRecord) -> AuditLog:
    """The record as supervisors see it live."""
    return AuditLog(
        id=written.pk,
        action=written.verb,
        details=about(written),
        user=AuditUser(id=written.user_id, username=written.username) if written.user_id else None,
        timestamp=written.at,
    )


def about(written: AuditRecord) -> dict[str, Any]:
    """The record's details, with the conversation that it belongs to and the name of the contact that it is about."""
    known = {"conversation_id": written.conversation_id} if written.conversation_id else {}
    named = {"contact_name": written.contact_name} if written.contact_name else {}
    return {**known, **written.details, **named}


class RecordData(BaseModel):
    """A record as REST and exports show it: the live frame's fields, and the rest of what the book holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int
    number: int
    action: Verb
    user: AuditUser | None
    contact_id: int | None
    origin: str
    ip: str
    session_id: int | None
    key_id: int | None
    target_type: str
    target_id: int | None
    conversation_id: int | None
    details: dict[str, Any]
    timestamp: Moment
    previous_hash: str
    hash: str


class RecordList(RootModel[list[RecordData]]):
    """A page of records."""


def record_data(written: AuditRecord) -> dict[str, Any]:
    """The record in the shape of `RecordData`."""
    user = {"id": written.user_id, "username": written.username} if written.user_id else None
    return {
        "id": written.pk,
        "number": written.number,
        "action": written.verb,
        "user": user,
        "contact_id": written.contact_id,
        "origin": written.origin,
        "ip": written.ip,
        "session_id": written.session_id,
        "key_id": written.key_id,
        "target_type": written.target_type,
        "target_id": written.target_id,
        "conversation_id": written.conversation_id,
        "details": about(written),
        "timestamp": iso(written.at),
        "previous_hash": written.previous_hash,
        "hash": written.hash,
    }
