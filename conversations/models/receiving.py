"""What a message that comes in must know before it is stored: in one statement, since every message asks."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import models
from django.db.models import Exists, Subquery

from accounts.compiled import Compiled
from conversations.models.connection import SetAside
from conversations.models.contact import Contact
from conversations.models.conversation import LABELS, Conversation
from conversations.models.inbox import Inbox
from conversations.models.message import Message


class Between(NamedTuple):
    """What goes on between a contact and an inbox: the conversation, locked until commit, with all that actions tell of
    it; our number of the message that the provider calls so already; and whether anything waits for that to come.
    """

    inbox: Inbox
    contact: Contact
    conversation: Conversation | None = None
    earlier: int | None = None
    is_awaited: bool = True


def between(inbox: Inbox, contact: Contact, provider_id: str) -> Between:
    """Ask it. The contact's row must be locked: who brings the same message is waiting for it, or has brought it."""
    known = {"inbox_id": inbox.pk, "contact_id": contact.pk}
    found: Any = NAMED.first(**known, provider_id=provider_id) if provider_id else NAMELESS.first(**known)
    if found is None:
        return Between(inbox, contact, earlier=Message.number_of(inbox.pk, provider_id) if provider_id else None)
    found.inbox, found.contact, found.tenant = inbox, contact, inbox.tenant
    # Not by the same statement: one that had to wait for the row sees the others as they were before it waited.
    found.knows_parts(LABELS.each(conversation_id=found.pk))
    if not provider_id:
        return Between(inbox, contact, found, is_awaited=False)
    return Between(inbox, contact, found, found.earlier, found.is_awaited)


def _between(inbox_id: int, contact_id: int) -> models.QuerySet[Conversation]:
    rows = Conversation.current(Conversation.objects.filter(inbox_id=inbox_id, contact_id=contact_id))
    return rows.select_for_update(no_key=True)


def _nameless(inbox_id: int, contact_id: int) -> models.QuerySet[Conversation]:
    return _between(inbox_id, contact_id)[:1]


def _named(inbox_id: int, contact_id: int, provider_id: str) -> models.QuerySet[Conversation]:
    same = Message.objects.filter(inbox_id=inbox_id, provider_id=provider_id).order_by().values("pk")[:1]
    early = SetAside.objects.filter(inbox_id=inbox_id, target=provider_id, reason=SetAside.Reason.EARLY)
    return _between(inbox_id, contact_id).annotate(earlier=Subquery(same), is_awaited=Exists(early))[:1]


NAMELESS = Compiled(_nameless, "inbox_id", "contact_id", ordered=True)
NAMED = Compiled(_named, "inbox_id", "contact_id", texts=["provider_id"], ordered=True)
