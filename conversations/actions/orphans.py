"""Bytes that belong to nobody: their worker died between the disk and the database. Found by going through the disk.

Nothing here changes a row, so none of it opens a transaction over the disk.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from django.core.files.storage import default_storage

from accounts import clock
from accounts.models import Tenant
from conversations.actions import photos
from conversations.actions.attachments import DISCARD_BATCH, UNCLAIMED_FOR, delete_bytes, folder_of
from conversations.models import Attachment, Contact

T = TypeVar("T")


def discard_orphans() -> int:
    """Delete the files and photos that no row names. Returns how many went.

    Works over all tenants, for the schedule. What is younger than a day is left alone: its transaction may still be
    open. Of files, this month's and last month's folders are looked through, and one of the older ones each time.
    """
    return sum(discard_orphans_of(pk) for pk in Tenant.objects.order_by("pk").values_list("pk", flat=True))


def discard_orphans_of(tenant_id: int) -> int:
    found = 0
    for keys in batches(lost_files(tenant_id)):
        delete_bytes(list(keys))
        found += len(keys)
    return found


def lost_files(tenant_id: int) -> Iterator[str]:
    moment = clock.now()
    for folder in due_folders(tenant_id, moment):
        for keys in batches(old_files(folder, moment)):
            named = set(Attachment.objects.filter(key__in=keys).values_list("key", flat=True))
            yield from (key for key in keys if key not in named)
    yield from lost_photos(tenant_id, moment)


def due_folders(tenant_id: int, moment: datetime) -> list[str]:
    """Those whose turn it is: the young ones, and another of the older ones each day."""
    young = {folder_of(tenant_id, moment), folder_of(tenant_id, moment.replace(day=1) - timedelta(days=1))}
    root = f"t{tenant_id}"
    years = [name for name in folders_in(root) if name.isdigit()]
    older = [
        path
        for year in years
        for name in folders_in(f"{root}/{year}")
        if (path := f"{root}/{year}/{name}") not in young
    ]
    turn = [sorted(older)[moment.toordinal() % len(older)]] if older else []
    return [*sorted(young), *turn]


def lost_photos(tenant_id: int, moment: datetime) -> Iterator[str]:
    """The old photos that their contacts do not show. A contact whose photo's link we can't read keeps all of them: it
    may have been signed with a key that somebody brings back.
    """
    root = f"t{tenant_id}/{photos.FOLDER}"
    for names in batches(name for name in folders_in(root) if name.isdigit()):
        files = {int(name): list(old_files(f"{root}/{name}", moment)) for name in names}
        yield from unshown(tenant_id, {pk: keys for pk, keys in files.items() if keys})


def unshown(tenant_id: int, files: dict[int, list[str]]) -> Iterator[str]:
    """Those of these photos, by contact, that nobody is shown."""
    rows = Contact.objects.filter(tenant_id=tenant_id, pk__in=files).only("avatar_url", "tenant_id")
    contacts = {contact.pk: contact for contact in rows}
    for pk, keys in files.items():
        contact = contacts.get(pk)
        kept = kept_of(contact, keys) if contact else ()
        yield from (key for key in keys if key not in kept)


def kept_of(contact: Contact, keys: list[str]) -> Collection[str]:
    if shown := photos.shown(contact):
        return (shown,)
    return keys if photos.ROOT in contact.avatar_url else ()


def folders_in(path: str) -> list[str]:
    try:
        return sorted(default_storage.listdir(path)[0])
    except FileNotFoundError:  # Nobody sent a file yet, or not that month.
        return []


def old_files(folder: str, moment: datetime) -> Iterator[str]:
    """The names of a folder's files that are older than a day."""
    try:
        _folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        key = f"{folder}/{name}"
        if written_at(key, moment) < moment - UNCLAIMED_FOR:
            yield key


def written_at(key: str, moment: datetime) -> datetime:
    """When a file was written; this moment for one that went while we looked."""
    try:
        return default_storage.get_modified_time(key)
    except FileNotFoundError:
        return moment


def batches(items: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """As many at a time as one query asks for."""
    rest = iter(items)
    while some := tuple(islice(rest, DISCARD_BATCH)):
        yield some
