"""By which names an inbox knows a contact. Each runs inside its caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from conversations.models import Channel, Contact, ContactIdentity, Inbox
from conversations.phones import canonical


def add(inbox: Inbox, contact: Contact, identities: Mapping[str, str], moment: datetime) -> bool:
    """Let the inbox know the contact by these names too (identifier -> address); whether any was news.

    A name that is somebody else's already stays theirs: two histories are never mixed.
    """
    if not identities:
        return False
    known = ContactIdentity.known(inbox, identities, contact)
    moved = [
        row for row in known.values() if row.contact_id == contact.pk and row.address != identities[row.identifier]
    ]
    for row in moved:
        row.address = identities[row.identifier]
    if moved:
        ContactIdentity.objects.bulk_update(moved, ["address"])
    fresh = [
        ContactIdentity(
            tenant_id=inbox.tenant_id,
            inbox=inbox,
            contact=contact,
            identifier=identifier,
            address=address,
            created_at=moment,
        )
        for identifier, address in identities.items()
        if identifier not in known
    ]
    if fresh:
        ContactIdentity.objects.bulk_create(fresh, ignore_conflicts=True)
    return bool(fresh or moved)


def hold(inbox: Inbox, contact: Contact, handles: Sequence[str], moment: datetime) -> None:
    """Let the contact have these names from now on, whoever had them before."""
    if not handles:
        return
    theirs = ContactIdentity.objects.filter(inbox=inbox, contact=contact, identifier__in=handles)
    known = set(theirs.values_list("identifier", flat=True))
    fresh = [
        ContactIdentity(
            tenant_id=inbox.tenant_id, inbox=inbox, contact=contact, identifier=handle, address="", created_at=moment
        )
        for handle in handles
        if handle not in known
    ]
    ContactIdentity.objects.bulk_create(
        fresh, update_conflicts=True, unique_fields=["inbox", "identifier"], update_fields=["contact", "created_at"]
    )


def adopt(inbox: Inbox, identifier: str, phone: str, moment: datetime) -> Contact | None:
    """The contact whom the company knows by this phone already, known to the inbox from now on and locked; else None.

    Nobody who chats in a widget is adopted: what they are called there is their own word, and their widget would show
    what is written here. Raises IntegrityError when somebody was quicker.
    """
    key = canonical(phone) if phone.startswith("+") else ""
    if not key or inbox.channel in (Channel.WEBCHAT, Channel.API):
        return None
    contact = Contact.of_number(inbox.tenant_id, key).select_for_update(no_key=True).first()
    if contact is not None:
        ContactIdentity.objects.create(
            tenant_id=inbox.tenant_id, inbox=inbox, contact=contact, identifier=identifier, created_at=moment
        )
    return contact
