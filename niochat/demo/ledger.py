"""The book of a history, written at its end: the chain that `audit.records.record` makes, made in memory."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.actor import Actor
from audit import chain
from audit.models import AuditChain, AuditRecord, Verb
from audit.records import drafted
from conversations.models import Conversation


class Ledger:
    """Records of one tenant, in the order in which they are noted. Nothing is stored before `store`."""

    def __init__(self, tenant_id: int) -> None:
        self.tenant_id = tenant_id
        self.records: list[AuditRecord] = []
        end = AuditChain.objects.select_for_update(no_key=True).filter(pk=tenant_id).first()
        self.number, self.head = (end.number, end.head) if end else (0, chain.BEGINNING)

    def note(self, actor: Actor, verb: Verb, target: models.Model, **details: Any) -> None:
        """Add a record, at the time that the clock shows."""
        record = drafted(actor, verb, target, **details)
        self.number += 1
        record.number, record.previous_hash = self.number, self.head
        self.head = record.hash = chain.link(self.head, self.number, chain.digest(record))
        self.records.append(record)

    def note_in(
        self,
        conversation: Conversation,
        actor: Actor,
        verb: Verb,
        target: models.Model | None = None,
        **details: Any,
    ) -> None:
        """Add a record of something done in a conversation."""
        about = {"conversation_id": conversation.pk, "contact_id": conversation.contact_id}
        self.note(actor, verb, target or conversation, **about, **details)

    def store(self) -> None:
        """Write the records, and how far the chain goes now."""
        if self.records:
            AuditRecord.objects.bulk_create(self.records)
            last = {"number": self.number, "previous": self.records[-1].previous_hash, "head": self.head}
            AuditChain.objects.update_or_create(pk=self.tenant_id, defaults=last)
