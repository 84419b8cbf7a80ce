"""Visitors who turn out to be known to the site."""

from __future__ import annotations

from django.db import transaction

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations import letters
from conversations.actions import steps
from conversations.models import Contact, ContactIdentity


@transaction.atomic(durable=True)
def identify(actor: Actor, inbox_id: int, identifier: str) -> Contact:
    """Let the inbox know the acting visitor's contact by the name that the site's server has vouched for.

    Where the inbox knows somebody else by it already, that one keeps it and nothing changes: two histories are never
    mixed.
    Raises Contact.DoesNotExist.
    """
    contact = Contact.locked(actor, actor.contact_id or 0)
    identity, is_new = ContactIdentity.objects.get_or_create(
        inbox_id=inbox_id,
        identifier=identifier,
        defaults={"tenant_id": actor.tenant_id, "contact": contact, "created_at": clock.now()},
    )
    if not is_new or identity.contact_id != contact.pk:
        return contact

    before = {"identifier": contact.metadata.get("identifier", ""), "verified": contact.verified}
    contact.verified = True
    contact.metadata = {**contact.metadata, "identifier": identifier}
    contact.save(update_fields=["verified", "metadata"])
    story = steps.Story(actor)
    story.say(letters.contact_updated(contact))
    changes = steps.changed_of_contact(before, {"identifier": identifier, "verified": True})
    story.note(Verb.CONTACT_UPDATED, contact, contact_id=contact.pk, contact_name=contact.label, **changes)
    story.tell()
    return contact
