"""Customers as the team keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from accounts import clock
from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import Tenant
from audit.models import Verb
from conversations import letters
from conversations.actions import steps
from conversations.models import Contact


@transaction.atomic(durable=True)
def create_contact(
    actor: Actor, *, name: str = "", phone: str = "", email: str = "", metadata: Mapping[str, Any] | None = None
) -> tuple[Contact, bool]:
    """Store a customer whom somebody of the team entered; returns them, and whether they are new.

    One whose number the company knows, however it is written, is who they are: nothing of them is changed.
    """
    # Locked, so that of two who enter the same number at once the second finds the first's.
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=actor.tenant_id)
    contact = Contact(
        tenant=tenant,
        name=name,
        phone=phone,
        email=email,
        metadata=without_identifier(metadata or {}),
        created_at=clock.now(),
    )
    if known := Contact.of_number(tenant.pk, contact.canonical_phone()).first():
        return known, False
    contact.save(force_insert=True)
    story = steps.Story(actor)
    story.say(letters.contact_created(contact))
    story.note(Verb.CONTACT_CREATED, contact, contact_id=contact.pk, contact_name=contact.label)
    story.tell()
    return contact, True


def without_identifier(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key != "identifier"}


@transaction.atomic(durable=True)
def update_contact(actor: Actor, contact_id: int, **fields: Any) -> Contact:
    """Change name, phone, email or metadata; what is the same tells nobody. Raises Contact.DoesNotExist.

    The identifier among the metadata is what an inbox proved: nobody writes it by hand. Raises Refused("not_unique")
    for another contact's phone.
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
    same_number = Contact.of_number(actor.tenant_id, contact.canonical_phone()).exclude(pk=contact.pk)
    if "phone" in fields and same_number.exists():
        raise Refused(_("Another contact has this number."), code="not_unique", attr="phone")
    contact.save(update_fields=list(fields))

    story = steps.Story(actor)
    story.say(letters.contact_updated(contact))
    changes = steps.changed_of_contact(before, fields)
    story.note(Verb.CONTACT_UPDATED, contact, contact_id=contact.pk, contact_name=contact.label, **changes)
    story.tell()
    return contact
