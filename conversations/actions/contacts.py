"""Customers as the team keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations import letters
from conversations.actions import steps
from conversations.models import Contact


@transaction.atomic(durable=True)
def create_contact(
    actor: Actor, *, name: str = "", phone: str = "", email: str = "", metadata: Mapping[str, Any] | None = None
) -> Contact:
    """Store a customer whom somebody of the team entered."""
    contact = Contact.objects.create(
        tenant_id=actor.tenant_id,
        name=name,
        phone=phone,
        email=email,
        metadata=without_identifier(metadata or {}),
        created_at=clock.now(),
    )
    story = steps.Story(actor)
    story.say(letters.contact_created(contact))
    story.note(Verb.CONTACT_CREATED, contact, contact_id=contact.pk, contact_name=contact.label)
    story.tell()
    return contact


def without_identifier(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key != "identifier"}


@transaction.atomic(durable=True)
def update_contact(actor: Actor, contact_id: int, **fields: Any) -> Contact:
    """Change name, phone, email or metadata; what is the same tells nobody. Raises Contact.DoesNotExist.

    The identifier among the metadata is what an inbox proved: nobody writes it by hand.
    """
    contact = Contact.locked(actor, contact_id)
    if "metadata" in fields:
        proved = {key: value for key, value in contact.metadata.items() if key == "identifier"}
        fields["metadata"] = without_identifier(fields["metadata"]) | proved
    before = {key: getattr(contact, key) for key in fields}
    if before == fields:
        return contact
    for key, value in fields.items():
        setattr(contact, key, value)
    contact.save(update_fields=list(fields))

    story = steps.Story(actor)
    story.say(letters.contact_updated(contact))
    changes = steps.changed_of_contact(before, fields)
    story.note(Verb.CONTACT_UPDATED, contact, contact_id=contact.pk, contact_name=contact.label, **changes)
    story.tell()
    return contact
