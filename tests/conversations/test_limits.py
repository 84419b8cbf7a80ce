"""How long a reply may be on each channel: too long a one is refused before it is stored, or goes in parts."""

from __future__ import annotations

import io
from typing import Any

import pytest

from accounts.models import Tenant
from conversations import actions
from conversations.models import Attachment, Conversation, Inbox, Message
from conversations.providers import SLUGS
from conversations.providers.base import SendsParts
from tests.gateways.lines import qr_inbox
from tests.telegram.lines import telegram_inbox
from tests.trade import written
from tests.whatsapp.lines import whatsapp_inbox
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
OURS = 16_384
MAKE = {
    "whatsapp": whatsapp_inbox,
    "telegram": telegram_inbox,
    "whatsapp_qr": lambda tenant: qr_inbox(tenant, "evolution", "http://127.0.0.1:9"),
}
# The channel, whether a file or buttons go along, and the longest text that is taken.
TABLE = [
    ("whatsapp", "", 4096),
    ("whatsapp", "file", 1024),
    ("whatsapp", "buttons", 1024),
    ("whatsapp_qr", "", OURS),
    ("whatsapp_qr", "file", 1024),
    ("telegram", "", OURS),
    ("telegram", "file", OURS),
    ("telegram", "buttons", OURS),
]


def conversation_in(inbox: Inbox) -> Conversation:
    return written(inbox, identifier="+5591988887777").conversation


def attached(person: Person, conversation: Conversation) -> Attachment:
    return actions.attach_file(
        person.actor,
        conversation.inbox,
        conversation,
        name="nota.txt",
        content=io.BytesIO(b"ola"),
        size=3,
        sender_key=person.actor.key,
    )


@pytest.mark.parametrize(("channel", "along", "most"), TABLE)
def test_the_longest_text_is_taken_and_a_longer_one_is_not(
    ana: Person, aurora: Tenant, channel: str, along: str, most: int
):
    conversation = conversation_in(MAKE[channel](aurora))

    def send(content: str) -> Any:
        more: dict[str, Any] = {"metadata": {"buttons": ["Sim"]}} if along == "buttons" else {}
        more |= {"attachments": [attached(ana, conversation).pk]} if along == "file" else {}
        return ana.client().post(f"/api/v1/conversations/{conversation.pk}/messages", {"content": content, **more})

    too_long = send("x" * (most + 1))
    assert too_long.status_code == 422
    assert [(one["code"], one["attr"]) for one in too_long.json()["errors"]] == [("too_long", "content")]
    assert Message.objects.filter(sender_type="agent").count() == 0
    assert send("x" * most).status_code == 200


def test_an_emoji_counts_as_the_channel_counts_it(ana: Person, aurora: Tenant):
    conversation = conversation_in(whatsapp_inbox(aurora))
    path = f"/api/v1/conversations/{conversation.pk}/messages"

    assert ana.client().post(path, {"content": "👍" * 2049}).status_code == 422
    assert ana.client().post(path, {"content": "👍" * 2048}).status_code == 200


def test_a_note_is_not_for_the_channel_and_may_be_longer(ana: Person, aurora: Tenant):
    conversation = conversation_in(whatsapp_inbox(aurora))
    note = {"content": "x" * 5000, "private": True}

    assert ana.client().post(f"/api/v1/conversations/{conversation.pk}/messages", note).status_code == 200


def test_buttons_do_not_go_with_a_file(ana: Person, aurora: Tenant):
    conversation = conversation_in(telegram_inbox(aurora))
    sent = {"content": "?", "metadata": {"buttons": ["Sim"]}, "attachments": [attached(ana, conversation).pk]}
    answer = ana.client().post(f"/api/v1/conversations/{conversation.pk}/messages", sent)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not_supported")


def test_screens_are_told_the_limits_of_each_inbox(ana: Person, aurora: Tenant, site: Inbox):
    whatsapp_inbox(aurora)
    shown = {one["channel"]: one["limits"] for one in ana.client().get("/api/v1/snapshot").json()["inboxes"]}

    assert shown["whatsapp"] == {"text": 4096, "caption": 1024, "buttons": 1024, "splits": False}
    assert shown["webchat"] == {"text": None, "caption": None, "buttons": None, "splits": False}


@pytest.mark.parametrize("provider", SLUGS.values(), ids=lambda provider: provider.slug)
def test_who_says_that_it_splits_can_send_parts(provider: Any):
    assert provider.limits.splits == isinstance(provider, SendsParts)
