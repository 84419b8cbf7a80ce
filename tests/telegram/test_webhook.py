"""What Telegram posts: believed with the secret, applied once for each update, and shown to the team."""

from __future__ import annotations

import json
import time

import pytest

from conversations.models import (
    Contact,
    ContactIdentity,
    Conversation,
    Inbox,
    Message,
    ProviderAccount,
    Reaction,
    SetAside,
    WebhookDelivery,
)
from jobs.worker import drain
from tests.telegram.lines import JOANA, fixture, post, said, update
from tests.trade import published
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("secret", ["", "wrong", "hook-secret-", "é"])
def test_without_the_secret_it_is_401_and_nothing_is_kept(line: Inbox, secret: str):
    answer = post(line, said(), **{"X-Telegram-Bot-Api-Secret-Token": secret})

    assert (answer.status_code, WebhookDelivery.objects.count()) == (401, 0)


def test_an_inbox_without_a_secret_believes_nobody(line: Inbox):
    ProviderAccount.objects.update(sealed={})

    assert post(line, said(), **{"X-Telegram-Bot-Api-Secret-Token": ""}).status_code == 401


def test_what_is_no_update_is_set_aside_and_not_asked_for_again(line: Inbox):
    assert post(line, b"[]").status_code == 200
    drain()

    assert WebhookDelivery.objects.get().state == "quarantined"


def test_an_update_counts_once_however_it_is_written(line: Inbox):
    told = said("Oi")
    for raw in (json.dumps(told), json.dumps(told, indent=1), json.dumps(told, sort_keys=True)):
        assert post(line, raw.encode()).status_code == 200
    drain()

    assert WebhookDelivery.objects.count() == Message.objects.count() == 1


def test_a_customer_is_known_by_number_and_username_and_has_no_phone(line: Inbox):
    post(line, said("Oi", name="Joana"))
    drain()

    contact = Contact.objects.get()
    names = dict(ContactIdentity.objects.values_list("identifier", "address"))
    assert (contact.name, contact.phone) == ("Joana", "")
    assert names == {f"telegram:{JOANA}": str(JOANA), "telegram:@joana": ""}


def test_who_takes_over_a_username_does_not_take_over_the_conversation(line: Inbox):
    post(line, said("Sou a Joana", username="vendas"))
    drain()
    post(line, said("Sou outro", who=2222222, username="vendas", name="Outro"))
    drain()

    assert Conversation.objects.count() == Contact.objects.count() == 2
    holder = ContactIdentity.objects.get(identifier="telegram:@vendas").contact
    assert holder.name == "Outro"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("text", "text"), ("photo", "image"), ("voice", "audio"), ("audio", "audio"), ("video", "video"),
        ("document", "document"), ("sticker", "sticker"), ("location", "location"), ("contact", "contacts"),
    ],
)  # fmt: skip
def test_each_kind_arrives_as_what_it_is(line: Inbox, name: str, kind: str):
    told = fixture(name)["payload"]
    told["message"]["date"] = int(time.time())
    post(line, told)
    drain()

    message = Message.objects.get(sender_type="contact")
    assert message.message_type == kind
    assert (message.metadata.get("media", {}).get("state") == "waiting") == (
        kind in "image audio video document sticker"
    )


def test_the_same_number_in_two_chats_is_two_messages_and_a_reply_finds_its_own(line: Inbox):
    post(line, said("da Joana", number=7))
    post(line, said("do Beto", number=7, who=2222222, username="beto", name="Beto"))
    drain()
    quoted = {"message_id": 7, "chat": {"id": JOANA, "type": "private"}, "date": 1, "text": "da Joana"}
    post(line, said("respondo", reply_to_message=quoted))
    drain()

    answer = Message.objects.get(content="respondo")
    assert answer.reply_to is not None
    assert answer.reply_to.content == "da Joana"


def test_an_edit_and_a_reaction_change_what_is_shown(line: Inbox):
    told = said("Oi", number=40)
    post(line, told)
    drain()
    person, chat = told["message"]["from"], told["message"]["chat"]
    post(line, update("edited_message", {**told["message"], "text": "Oi!", "edit_date": told["message"]["date"] + 5}))
    reaction = {"chat": chat, "user": person, "message_id": 40, "date": 1, "old_reaction": []}
    post(line, update("message_reaction", {**reaction, "new_reaction": [{"type": "emoji", "emoji": "❤"}]}))
    drain()

    message = Message.objects.get()
    assert message.content == "Oi!"
    assert list(Reaction.objects.values_list("reaction", flat=True)) == ["❤"]


def test_an_early_edit_waits_for_its_message(line: Inbox):
    told = said("Oi", number=41)
    post(line, update("edited_message", {**told["message"], "text": "Oi!", "edit_date": told["message"]["date"] + 5}))
    drain()
    assert SetAside.objects.get().reason == "early"

    post(line, told)
    drain()
    assert (Message.objects.get().content, SetAside.objects.count()) == ("Oi!", 0)


def test_a_pressed_button_stops_waiting_at_once_and_is_an_answer(line: Inbox):
    post(line, said("Oi"))
    drain()
    answer = post(line, fixture("callback_query")["payload"])
    drain()

    assert json.loads(answer.content) == {"method": "answerCallbackQuery", "callback_query_id": "4382bfdwdsb323b2d9"}
    assert Message.objects.latest("pk").content == "O azul"


def test_groups_are_ignored_and_the_account_says_so(davi: Person, line: Inbox):
    with published() as frames:
        post(line, fixture("group")["payload"])
        drain()

    account = davi.client().get(f"/api/v1/inboxes/{line.pk}/account").json()
    assert (Message.objects.count(), frames.types, SetAside.objects.count()) == (0, [], 0)
    assert account["facts"]["ignored_group"] == "Plantas de Belém"
