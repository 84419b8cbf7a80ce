"""Bytes on the disk: written before any lock is taken, gone with what was rolled back, found where nobody knows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.utils import timezone

from accounts import clock
from accounts.actor import Actor
from conversations import actions
from conversations.actions import steps, storing
from conversations.models import Attachment, Contact, Conversation, Inbox, Message
from conversations.photos import key_of
from conversations.providers.base import Fetched
from conversations.tasks import discard_lost_bytes
from tests.trade import written
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


def breaks(error: Exception) -> Any:
    def tell(_story: steps.Story) -> None:
        raise error

    return tell


def an_image_on_its_way(conversation: Conversation) -> int:
    message = Message.objects.get(conversation=conversation)
    Message.objects.filter(pk=message.pk).update(metadata={"media": {"state": "waiting"}}, message_type="image")
    return message.pk


def test_what_is_rolled_back_takes_its_bytes_along(
    ana: Person, site: Inbox, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
):
    message_id, before = an_image_on_its_way(conversation), lying_there()
    monkeypatch.setattr(steps.Story, "tell", breaks(RuntimeError("at the very end")))
    system = Actor.system(site.tenant_id)
    for act in (
        lambda: uploaded(ana, site, conversation),
        lambda: actions.keep_media(system, message_id, Fetched(b"ola", "text/plain")),
        lambda: actions.keep_photo(system, conversation.contact_id, b"a photo"),
    ):
        with pytest.raises(RuntimeError):
            act()

    assert lying_there() == before
    assert Attachment.objects.count() == 0


def test_a_file_that_came_already_leaves_no_second_one(site: Inbox, conversation: Conversation):
    message_id, system = an_image_on_its_way(conversation), Actor.system(site.tenant_id)
    actions.keep_media(system, message_id, Fetched(b"ola", "text/plain"))
    before = lying_there()

    actions.keep_media(system, message_id, Fetched(b"ola outra vez", "text/plain"))

    assert lying_there() == before
    assert Attachment.objects.get().size == 3


def test_no_lock_waits_for_the_disk(
    ana: Person, site: Inbox, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
):
    message_id, system = an_image_on_its_way(conversation), Actor.system(site.tenant_id)
    save, within = default_storage.save, []

    def watched(*args: Any) -> str:
        within.append(connection.in_atomic_block)
        return save(*args)

    monkeypatch.setattr(default_storage, "save", watched)
    uploaded(ana, site, conversation)
    actions.keep_media(system, message_id, Fetched(b"ola", "text/plain"))
    actions.keep_photo(system, conversation.contact_id, b"a photo")

    assert within == [False, False, False]


def test_bytes_of_an_upload_of_whose_end_nobody_knows_are_thrown_away_a_day_later(
    ana: Person, site: Inbox, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
):
    kept = uploaded(ana, site, conversation)
    before = lying_there()
    with monkeypatch.context() as patch:
        patch.setattr(steps.Story, "tell", breaks(OperationalError("the connection broke")))
        with pytest.raises(OperationalError):
            uploaded(ana, site, conversation)
    [lost] = lying_there() - before

    discard_lost_bytes()
    assert default_storage.exists(lost), "its transaction might still be open"

    grown_old(lost)
    grown_old(kept.key)
    discard_lost_bytes()

    assert not default_storage.exists(lost)
    assert default_storage.exists(kept.key)


def left_behind(key: str, content: bytes = b"half a fi") -> str:
    """What a worker that was killed at the disk leaves there, two days ago."""
    default_storage.save(key, BytesIO(content))
    grown_old(key)
    return key


@pytest.fixture
def killed_at_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every write is the last thing that its worker does: the transaction never begins."""

    @contextmanager
    def written_and_killed(key: str, content: BinaryIO) -> Iterator[storing.Stored]:
        yield from ()
        default_storage.save(key, File(content))
        raise SystemExit

    monkeypatch.setattr(storing, "written", written_and_killed)


def test_what_a_killed_worker_left_on_the_disk_is_thrown_away_a_day_later(
    ana: Person, site: Inbox, conversation: Conversation, killed_at_the_disk: None
):
    message_id, before, system = an_image_on_its_way(conversation), lying_there(), Actor.system(site.tenant_id)
    for act in (
        lambda: uploaded(ana, site, conversation),
        lambda: actions.keep_media(system, message_id, Fetched(b"ola", "text/plain")),
        lambda: actions.keep_photo(system, conversation.contact_id, b"a photo"),
    ):
        with pytest.raises(SystemExit):
            act()
    left = lying_there() - before
    assert len(left) == 3

    discard_lost_bytes()
    assert left <= lying_there(), "their transactions might still be open"
    for key in left:
        grown_old(key)
    discard_lost_bytes()

    assert lying_there() == before


def test_a_file_of_an_older_month_is_found_when_its_folders_turn_comes(
    site: Inbox, conversation: Conversation, ana: Person, monkeypatch: pytest.MonkeyPatch
):
    kept = uploaded(ana, site, conversation)
    tenant = site.tenant_id
    old = [left_behind(f"t{tenant}/{month}/lost") for month in ("2019/12", "2020/01", "2020/02")]

    went = []
    for day in range(3):
        monkeypatch.setattr(clock, "now", lambda later=timedelta(days=day): timezone.now() + later)
        went.append(actions.discard_orphans())

    assert went == [1, 1, 1]
    assert not any(default_storage.exists(key) for key in old)
    assert default_storage.exists(kept.key)


# --- photos -----------------------------------------------------------------------------------------------------------


def photo_of(contact_id: int) -> Path:
    link = Contact.objects.get(pk=contact_id).avatar_url
    return Path(default_storage.path(key_of(link.rpartition("/photos/")[2])))


def test_a_new_photo_takes_the_place_of_the_old_one_on_the_disk_too(site: Inbox, conversation: Conversation):
    system, before = Actor.system(site.tenant_id), lying_there()
    for picture in (b"one", b"two", b"two", b"one"):
        actions.keep_photo(system, conversation.contact_id, picture)
        assert photo_of(conversation.contact_id).read_bytes() == picture
        assert len(lying_there() - before) == 1


def test_two_customers_with_the_same_photo_lose_nothing_when_one_takes_another(site: Inbox, conversation: Conversation):
    system, other = Actor.system(site.tenant_id), written(site, identifier="v:2").conversation.contact_id
    for contact_id in (conversation.contact_id, other):
        actions.keep_photo(system, contact_id, b"one")

    actions.keep_photo(system, other, b"two")

    assert photo_of(conversation.contact_id).read_bytes() == b"one"


def test_the_old_photo_stays_where_the_new_one_was_rolled_back(
    site: Inbox, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
):
    system = Actor.system(site.tenant_id)
    actions.keep_photo(system, conversation.contact_id, b"one")
    before = lying_there()
    monkeypatch.setattr(steps.Story, "tell", breaks(RuntimeError("at the very end")))
    with pytest.raises(RuntimeError):
        actions.keep_photo(system, conversation.contact_id, b"two")

    assert lying_there() == before
    assert photo_of(conversation.contact_id).read_bytes() == b"one"


def test_a_photo_from_elsewhere_is_only_a_link(site: Inbox, conversation: Conversation):
    system, other = Actor.system(site.tenant_id), written(site, identifier="v:2").conversation.contact_id
    actions.keep_photo(system, other, b"one")
    copied = Contact.objects.get(pk=other).avatar_url
    for link in (copied, "https://example.com/photos/x.jpg"):
        Contact.objects.filter(pk=conversation.contact_id).update(avatar_url=link)
        actions.keep_photo(system, conversation.contact_id, b"two")

    assert photo_of(other).read_bytes() == b"one"


def test_old_photos_that_nobody_is_shown_are_thrown_away_and_shown_ones_never(site: Inbox, conversation: Conversation):
    system, root = Actor.system(site.tenant_id), f"t{site.tenant_id}/photos"
    actions.keep_photo(system, conversation.contact_id, b"shown")
    shown = key_of(Contact.objects.get(pk=conversation.contact_id).avatar_url.rpartition("/photos/")[2])
    grown_old(shown)
    lost = [
        left_behind(f"{root}/{conversation.contact_id}/beside-1.jpg"),
        left_behind(f"{root}/987654321/of-nobody-1.jpg"),
    ]

    actions.discard_orphans()

    assert default_storage.exists(shown)
    assert not any(default_storage.exists(key) for key in lost)


def test_a_photo_whose_link_cannot_be_read_is_kept(site: Inbox, conversation: Conversation):
    system = Actor.system(site.tenant_id)
    actions.keep_photo(system, conversation.contact_id, b"shown")
    path = photo_of(conversation.contact_id)
    key = str(path.relative_to(default_storage.path("")))
    grown_old(key)
    link = Contact.objects.get(pk=conversation.contact_id).avatar_url
    Contact.objects.filter(pk=conversation.contact_id).update(avatar_url=f"{link}x")

    actions.discard_orphans()

    assert path.exists()
