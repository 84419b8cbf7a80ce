"""Customers' photos: asked for at the gateway, kept by us, shown by a link of our own that lasts."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations import letters
from conversations.actions import steps
from conversations.models import Contact, Inbox
from conversations.photos import link_to
from jobs import later

FETCH = "conversations.fetch_photo"
# Who shows no photo is asked again after so long.
ASK_AGAIN = timedelta(days=7)


@transaction.atomic(durable=True)
def ask_for_photo(actor: Actor, inbox_id: int, contact_id: int, *, anew: bool = False) -> bool:
    """Have a contact's photo fetched, unless it is known or was asked for lately; whether it will be.

    `anew` asks in any case. Raises Contact.DoesNotExist.
    """
    contact = Contact.locked(actor, contact_id)
    moment = clock.now()
    asked = contact.photo_asked_at
    if not anew and (contact.avatar_url or (asked and moment - asked < ASK_AGAIN)):
        return False
    contact.photo_asked_at = moment
    contact.save(update_fields=["photo_asked_at"])
    inbox = Inbox.objects.get(pk=inbox_id, tenant_id=actor.tenant_id)
    key = f"photo:{contact.pk:012}"
    later(FETCH, actor.tenant_id, inbox.pk, contact.pk, unique=key, tenant_id=actor.tenant_id)
    return True


@transaction.atomic(durable=True)
def keep_photo(actor: Actor, contact_id: int, picture: bytes) -> Contact:
    """Keep a contact's photo, as `photos.drawn` has made it; the same again changes nothing.

    Raises Contact.DoesNotExist.
    """
    contact = Contact.locked(actor, contact_id)
    link = link_to(stored(actor.tenant_id, picture))
    if link == contact.avatar_url:
        return contact
    contact.avatar_url = link
    contact.save(update_fields=["avatar_url"])
    story = steps.Story(actor)
    story.say(letters.contact_updated(contact))
    told: dict[str, Any] = {"contact_name": contact.label, "changed": ["avatar_url"]}
    story.note(Verb.CONTACT_UPDATED, contact, contact_id=contact.pk, **told)
    story.tell()
    return contact


def stored(tenant_id: int, picture: bytes) -> str:
    """Where the picture lies; the same one lies there once."""
    name = f"t{tenant_id}/photos/{hashlib.sha256(picture).hexdigest()}.jpg"
    return name if default_storage.exists(name) else default_storage.save(name, File(BytesIO(picture)))
