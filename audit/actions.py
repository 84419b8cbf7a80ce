"""What is done with the book itself, which stands in the book as well."""

from __future__ import annotations

from typing import Any, cast

from django.db import transaction

from accounts.actor import Actor
from audit.models import Verb
from audit.records import record
from realtime.events import AuditLog
from realtime.publish import publish


@transaction.atomic(durable=True)
def export_audit(actor: Actor, kind: str, conditions: dict[str, Any]) -> int:
    """Put an export on record; returns the id of that record, which is the last one that the export holds."""
    logged = record(actor, Verb.AUDIT_EXPORTED, export=kind, conditions=conditions)
    publish(logged)
    return cast("AuditLog", logged.event).id
