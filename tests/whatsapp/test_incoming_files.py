"""Files that customers send: shown at once, fetched afterwards, or said to be lost."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from conversations.models import Attachment, Inbox, Message
from jobs.worker import drain
from niochat.simulators.whatsapp_http import WhatsAppServer
from tests.trade import published
from tests.whatsapp.connected import line, meta
from tests.whatsapp.lines import delivery, post, said
from tests.world import Person

__all__ = ["line", "meta"]
pytestmark = pytest.mark.django_db(transaction=True)


def sends_picture(meta: WhatsAppServer, line: Inbox, content: bytes, kind: str = "image/png") -> Message:
    media_id = meta.world.upload(content, kind)
    post(line, delivery(said(type="image", image={"id": media_id, "mime_type": kind}, wamid=f"wamid.{media_id}")))
    drain()
    return Message.objects.get(provider_id=f"wamid.{media_id}")


def test_a_picture_is_shown_at_once_and_its_file_follows(line: Inbox, meta: WhatsAppServer, ana: Person):
    picture = io.BytesIO()
    Image.new("RGB", (12, 7)).save(picture, "PNG")
    with published() as frames:
        message = sends_picture(meta, line, picture.getvalue())

    file = Attachment.objects.get(message=message)
    assert (file.content_type, file.width, file.height, message.metadata["media"]["state"]) == (
        "image/png",
        12,
        7,
        "stored",
    )
    updated = [frame for frame in frames.to("agents") if frame["type"] == "message_updated"]
    assert updated[0]["data"]["message"]["attachments"][0]["id"] == file.pk
    assert ana.client().get(f"/api/v1/attachments/{file.pk}").json()["url"].startswith("http")


def test_an_expired_file_is_said_to_be_lost(line: Inbox, meta: WhatsAppServer):
    meta.world.moods.media_expired = True

    assert sends_picture(meta, line, b"x").metadata["media"]["state"] == "lost"


def test_a_file_that_is_too_large_is_not_taken(line: Inbox, meta: WhatsAppServer, settings):
    settings.ATTACHMENT_MAX_BYTES = 1000

    assert sends_picture(meta, line, b"x" * 1001).metadata["media"]["state"] == "lost"
    assert Attachment.objects.count() == 0
