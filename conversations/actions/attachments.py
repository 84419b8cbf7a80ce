"""Files: taken in, checked by their content, and thrown away when no message claims them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import BinaryIO, NamedTuple

import filetype
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_noop as _
from PIL import Image, UnidentifiedImageError

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations.actions import steps, storing
from conversations.errors import EmptyFile, FileTooLarge, TypeMismatch
from conversations.models import Attachment, Conversation, Inbox

UNCLAIMED_FOR = timedelta(hours=24)
DISCARD_BATCH = 200
MOST_PIXELS = 40_000_000
HEAD_BYTES = 8192
# Pictures that browsers show, whose size a screen wants to know before they come. The rest are files like any other.
SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif"}
# What a name promises that the content must keep; anything else is stored as what the content is.
PROMISES = {
    "image": (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".heic"),
    "audio": (".mp3", ".ogg", ".oga", ".opus", ".m4a", ".wav", ".flac", ".aac"),
    "video": (".mp4", ".mov", ".mkv", ".avi"),
    "application/pdf": (".pdf",),
}


class Looked(NamedTuple):
    """What a file's content says it is; the size in pixels for a picture."""

    content_type: str
    width: int | None = None
    height: int | None = None


def attach_file(
    actor: Actor,
    inbox: Inbox,
    conversation: Conversation | None,
    *,
    name: str,
    content: BinaryIO,
    size: int,
    sender_key: str,
) -> Attachment:
    """Store an uploaded file until its uploader's next message claims it. `size` is in bytes.

    The stored name is made by us; the uploader's appears only in Content-Disposition. Raises EmptyFile, FileTooLarge
    (the file, or the tenant's quota) and TypeMismatch for content that is not what the name promises.
    """
    check_size(actor, size)
    looked = look(name, content)
    draft = Attachment(
        tenant_id=actor.tenant_id,
        inbox=inbox,
        conversation=conversation,
        sender_key=sender_key,
        name=shown_name(name),
        size=size,
        **looked._asdict(),
    )
    with storing.written(new_key(actor.tenant_id), content) as file:
        return add_file(actor, draft, file)


@transaction.atomic(durable=True)
def add_file(actor: Actor, draft: Attachment, file: storing.Stored) -> Attachment:
    """Keep an upload whose bytes lie there."""
    draft.key, draft.created_at = file.key, clock.now()
    draft.save(force_insert=True)
    file.is_named = True
    story = steps.Story(actor)
    story.note(Verb.ATTACHMENT_UPLOADED, draft, size=draft.size, content_type=draft.content_type)
    story.tell()
    return draft


def new_key(tenant_id: int) -> str:
    """A name that nobody can guess, in its month's folder."""
    return f"{folder_of(tenant_id, clock.now())}/{secrets.token_urlsafe(24)}"


def folder_of(tenant_id: int, moment: datetime) -> str:
    return f"t{tenant_id}/{moment:%Y/%m}"


def check_size(actor: Actor, size: int) -> None:
    """Refuse what is empty, too large, or more than the tenant's share."""
    if size == 0:
        raise EmptyFile(attr="file")
    if size > settings.ATTACHMENT_MAX_BYTES:
        most = settings.ATTACHMENT_MAX_BYTES // 2**20
        raise FileTooLarge(_("A file may have at most %(most)s MiB."), {"most": most}, attr="file")
    kept = Attachment.objects.filter(tenant_id=actor.tenant_id, deleted_at__isnull=True)
    used = kept.aggregate(sum=Sum("size"))["sum"] or 0
    if used + size > settings.ATTACHMENT_QUOTA_BYTES:
        raise FileTooLarge(
            _("The company's storage is full; delete files, or ask for more."), code="quota", attr="file"
        )


def look(name: str, content: BinaryIO) -> Looked:
    """What the content is, by its first bytes; for a picture its size, read from its header without decoding it."""
    head = content.read(HEAD_BYTES)
    kind = filetype.guess(head)
    content_type = kind.mime if kind else plain_type(head)
    for promised, endings in PROMISES.items():
        if name.lower().endswith(endings) and not content_type.startswith(promised):
            raise TypeMismatch(attr="file")
    return measured(content_type, content) if content_type in SHOWN else Looked(content_type)


def plain_type(head: bytes) -> str:
    """Text, unless it is the kind of text that a browser would run: that is never anything but a download."""
    try:
        text = head.decode(errors="strict" if len(head) < HEAD_BYTES else "ignore")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "application/octet-stream" if "\x00" in text or "<" in text[:512] else "text/plain"


def measured(content_type: str, content: BinaryIO) -> Looked:
    """A picture's size; one that can't be read, or would need a huge amount of memory to show, is refused."""
    content.seek(0)
    try:
        with Image.open(content) as picture:
            width, height = picture.size
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise TypeMismatch(attr="file") from None
    if width * height > MOST_PIXELS:
        raise TypeMismatch(_("The picture has too many pixels."), attr="file")
    return Looked(content_type, width, height)


def shown_name(name: str) -> str:
    """The uploader's file name without folders and control characters, at most 200 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(character for character in last if character.isprintable()).strip(". ")
    return clean[-200:] or "file"


@transaction.atomic(durable=True)
def discard_unclaimed() -> int:
    """Delete the files that no message claimed within a day, and those of deleted messages; returns how many.

    Works over all tenants, for the schedule. The bytes go after commit: a file without a row is waste, a row
    without its file would be a loss.
    """
    waste = Q(message__isnull=True, created_at__lt=clock.now() - UNCLAIMED_FOR) | Q(deleted_at__isnull=False)
    # Locked, so that nobody claims one meanwhile; what is being claimed at this moment is none.
    rows = list(Attachment.objects.filter(waste).select_for_update(skip_locked=True)[:DISCARD_BATCH])
    keys = [row.key for row in rows]
    Attachment.objects.filter(pk__in=[row.pk for row in rows]).delete()
    transaction.on_commit(lambda: delete_bytes(keys))
    return len(rows)


def delete_bytes(keys: list[str]) -> None:
    for key in keys:
        default_storage.delete(key)
