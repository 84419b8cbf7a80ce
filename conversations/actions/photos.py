"""Customers' photos: asked for at the gateway, kept by us, shown by a link of our own that lasts."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any

from django.core.files.storage import default_storage
from django.core.signing import BadSignature
from django.db import transaction

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations import letters
from conversations.actions import steps, storing
from conversations.models import Contact, Inbox
from conversations.photos import key_of, link_to
from jobs import later

FETCH = "conversations.fetch_photo"
# Where they lie, and what stands before the name in their links.
FOLDER, ROOT = "photos", "/photos/"
# After so long it is asked for again: who shows none may show one by now, or another, and not every gateway says so.
ASK_AGAIN = timedelta(days=7)


@transaction.atomic(durable=True)
def ask_for_photo(actor: Actor, inbox_id: int, contact_id: int, *, anew: bool = False) -> bool:
    """Have a contact's photo fetched, unless it was asked for lately; whether it will be.

    `anew` asks in any case. Raises Contact.DoesNotExist.
    """
    contact = Contact.locked(actor, contact_id)
    moment = clock.now()
    asked = contact.photo_asked_at
    if not anew and (asked and moment - asked < ASK_AGAIN):
        return False
    contact.photo_asked_at = moment
    contact.save(update_fields=["photo_asked_at"])
    inbox = Inbox.objects.get(pk=inbox_id, tenant_id=actor.tenant_id)
    key = f"photo:{contact.pk:012}"
    later(FETCH, actor.tenant_id, inbox.pk, contact.pk, unique=key, tenant_id=actor.tenant_id)
    return True


def keep_photo(actor: Actor, contact_id: int, picture: bytes) -> Contact:
    """Keep a contact's photo, as `photos.drawn` has made it, instead of the one before; the same again changes nothing.

    Raises Contact.DoesNotExist.
    """
    contact = Contact.visible_to(actor).get(pk=contact_id)
    stem = f"{folder_of(contact)}{hashlib.sha256(picture).hexdigest()}"
    if shown(contact).startswith(stem):
        return contact
    # The same picture may come, go and come again: each time it is another file, so that none goes that is still shown.
    with storing.written(f"{stem}-{secrets.token_hex(4)}.jpg", BytesIO(picture)) as file:
        return show_photo(actor, contact_id, file)


@transaction.atomic(durable=True)
def show_photo(actor: Actor, contact_id: int, file: storing.Stored) -> Contact:
    """Show the photo that lies there; the one before goes with the commit. Raises Contact.DoesNotExist."""
    contact = Contact.locked(actor, contact_id)
    before = shown(contact)
    if before.rpartition("-")[0] == file.key.rpartition("-")[0]:
        return contact
    contact.avatar_url, file.is_named = link_to(file.key), True
    contact.save(update_fields=["avatar_url"])
    story = steps.Story(actor)
    story.say(letters.contact_updated(contact))
    told: dict[str, Any] = {"contact_name": contact.label, "changed": ["avatar_url"]}
    story.note(Verb.CONTACT_UPDATED, contact, contact_id=contact.pk, **told)
    story.tell()
    if before:
        transaction.on_commit(partial(default_storage.delete, before), robust=True)
    return contact


def shown(contact: Contact) -> str:
    """Where the contact's photo lies; "" for none, and for one that is not the contact's own file."""
    _root, _, token = contact.avatar_url.rpartition(ROOT)
    try:
        key = key_of(token)
    except BadSignature:
        return ""
    return key if key.startswith(folder_of(contact)) else ""


def folder_of(contact: Contact) -> str:
    return f"t{contact.tenant_id}/{FOLDER}/{contact.pk}/"
