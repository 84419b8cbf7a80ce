"""Bytes on the disk that no row names: what a rolled back upload leaves behind is found and thrown away."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from conversations import actions
from conversations.models import Attachment, Conversation, Inbox
from conversations.tasks import discard_lost_bytes
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
TWO_DAYS_S = 2 * 24 * 3600


def uploaded(person: Person, site: Inbox, conversation: Conversation, name: str = "nota.txt") -> Attachment:
    content = b"ola"
    return actions.attach_file(
        person.actor, site, conversation, name=name, content=BytesIO(content), size=3, sender_key=person.actor.key
    )


def grown_old(key: str) -> None:
    file = Path(default_storage.path(key)).stat()
    os.utime(default_storage.path(key), (file.st_atime - TWO_DAYS_S, file.st_mtime - TWO_DAYS_S))


def lying_there() -> set[str]:
    """Every file of the store, by its name."""
    root = Path(default_storage.path(""))
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_bytes_whose_upload_was_rolled_back_are_thrown_away_a_day_later(
    ana: Person, site: Inbox, conversation: Conversation
):
    kept = uploaded(ana, site, conversation)
    before = lying_there()
    nowhere = Inbox(tenant_id=site.tenant_id)
    with pytest.raises(ValueError, match="unsaved related object"):
        # What can't be stored as a row fails after its bytes were written.
        uploaded(ana, nowhere, conversation)
    [lost] = lying_there() - before

    discard_lost_bytes()
    assert default_storage.exists(lost), "its transaction might still be open"

    grown_old(lost)
    grown_old(kept.key)
    discard_lost_bytes()

    assert not default_storage.exists(lost)
    assert default_storage.exists(kept.key)
