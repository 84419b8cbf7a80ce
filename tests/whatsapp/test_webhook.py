"""What Meta posts: believed if it is signed, kept before it is read, applied once however often it comes."""

from __future__ import annotations

import json
import random
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from accounts.models import Tenant
from conversations import actions
from conversations.actions import deliveries
from conversations.models import (
    Channel,
    Contact,
    ContactIdentity,
    Conversation,
    Delivery,
    Inbox,
    Message,
    Reaction,
    SetAside,
    WebhookDelivery,
)
from conversations.models.connection import READ_AT_ONCE
from conversations.providers import REMOTE
from conversations.webhooks import tasks as webhook_tasks
from jobs.models import Job, State
from jobs.worker import Worker, drain
from tests.jobs.test_worker import until
from tests.trade import inbox_of, published, reply, written
from tests.whatsapp.lines import JOANA, VERIFY_TOKEN, became, delivery, fixture, post, said, signed, whatsapp_inbox
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def verify(inbox: Inbox, **query: str):
    given = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1158201444"} | query
    return Client().get(f"/webhooks/whatsapp/{inbox.token}", given)


# --- the door ---------------------------------------------------------------------------------------------------------


def test_the_handshake_gives_the_challenge_back_as_plain_text(line: Inbox):
    answer = verify(line)

    assert (answer.status_code, answer.content, answer["Content-Type"]) == (
        200,
        b"1158201444",
        "text/plain; charset=utf-8",
    )


def test_a_wrong_verify_token_is_403_and_a_huge_challenge_400(line: Inbox):
    assert verify(line, **{"hub.verify_token": "guess"}).status_code == 403
    assert verify(line, **{"hub.mode": "other"}).status_code == 403
    assert verify(line, **{"hub.challenge": "x" * 257}).status_code == 400


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "nonsense"])
def test_without_a_right_signature_nothing_is_stored(line: Inbox, signature: str):
    answer = post(line, delivery(said()), **{"X-Hub-Signature-256": signature})

    assert (answer.status_code, json.loads(answer.content)["errors"][0]["code"]) == (401, "signature_invalid")
    assert WebhookDelivery.objects.count() == Job.objects.count() == 0


def test_the_raw_bytes_are_what_is_signed(line: Inbox):
    escaped = json.dumps(delivery(said("Olá 👍"))).encode()
    plain = json.dumps(delivery(said("Olá 👍")), ensure_ascii=False).encode()

    assert post(line, plain, **{"X-Hub-Signature-256": signed(plain)}).status_code == 200
    assert post(line, plain, **{"X-Hub-Signature-256": signed(escaped)}).status_code == 401


def test_an_address_that_is_nobodys_is_404_whatever_is_wrong_with_it(line: Inbox, site: Inbox):
    raw = json.dumps(delivery(said())).encode()
    for path in ("whatsapp/nobody", f"telegram/{line.token}", f"whatsapp/{site.token}", f"smoke/{line.token}"):
        answer = Client().generic("POST", f"/webhooks/{path}", raw, headers={"X-Hub-Signature-256": signed(raw)})
        assert answer.status_code == 404, path


def test_a_body_that_is_too_large_is_413(line: Inbox):
    assert post(line, b"x" * (3 * 2**20 + 1)).status_code == 413
    assert WebhookDelivery.objects.count() == 0


def test_a_batch_of_two_megabytes_is_taken(line: Inbox):
    body = json.dumps(delivery(said("Oi"))).encode()

    assert post(line, body + b" " * (2 * 2**20)).status_code == 200


def test_a_delivery_is_stored_first_and_read_by_a_job(line: Inbox):
    assert post(line, delivery(said("Tem em verde?"))).status_code == 200
    assert (WebhookDelivery.objects.count(), Message.objects.count()) == (1, 0)

    drain()

    message = Message.objects.get()
    assert (message.content, message.conversation.contact.name) == ("Tem em verde?", "Joana Silva")
    assert message.conversation.contact.phone == "+5591988887777"
    assert WebhookDelivery.objects.get().state == "done"


def test_the_same_bytes_again_are_a_duplicate_that_leaves_no_trace(line: Inbox):
    body = delivery(said())
    answers = [json.loads(post(line, body).content)["status"] for _ in range(5)]
    drain()

    assert answers == ["received", *["duplicate"] * 4]
    assert Message.objects.count() == 1


def test_past_a_backlog_the_provider_is_asked_to_come_back(line: Inbox, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deliveries, "BACKLOG_MOST", 1)
    answers = [post(line, delivery(said())).status_code for _ in range(4)]

    assert answers == [200, 200, 503, 503]
    drain()
    assert post(line, delivery(said())).status_code == 200


def test_a_delivery_whose_reader_was_not_woken_is_found_by_the_clock(line: Inbox):
    post(line, delivery(said()))
    Job.objects.all().delete()  # What a crash between the two leaves.
    assert actions.queue_readers() == 0

    WebhookDelivery.objects.update(received_at=now() - timedelta(seconds=6))
    assert actions.queue_readers() == 1
    drain()
    assert Message.objects.count() == 1


def test_a_delivery_that_breaks_the_reader_is_tried_again_on_its_own(line: Inbox, monkeypatch: pytest.MonkeyPatch):
    whole = type(REMOTE["whatsapp"]).parse

    def breaks(provider: Any, raw: bytes) -> Any:
        if b"dois" in raw:
            raise RecursionError
        return whole(provider, raw)

    monkeypatch.setattr(type(REMOTE["whatsapp"]), "parse", breaks)
    for words in ("um", "dois", "tres"):
        post(line, delivery(said(words)))
    drain()
    assert sorted(Message.objects.values_list("content", flat=True)) == ["tres", "um"]
    assert WebhookDelivery.objects.filter(state="apart").count() == Job.objects.count() == 1

    monkeypatch.undo()
    Job.objects.update(run_at=now())
    drain()
    assert Message.objects.count() == 3
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"done"}


def test_an_inbox_with_much_to_read_makes_room_for_others(line: Inbox, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(webhook_tasks, "READ_FOR_S", 0)
    for number in range(READ_AT_ONCE + 1):
        post(line, delivery(said(str(number))))

    assert drain() >= 2
    assert list(Message.objects.values_list("content", flat=True)) == [str(n) for n in range(READ_AT_ONCE + 1)]


def test_each_customers_messages_stay_in_their_order_however_many_workers_there_are(line: Inbox):
    workers = [Worker(slots=3).start() for _ in range(2)]
    try:
        for number in range(60):
            post(line, delivery(said(str(number), phone=f"55119{80000000 + number % 3}")))
        until(lambda: Message.objects.count() == 60)
    finally:
        for worker in workers:
            worker.stop()

    for conversation in Conversation.objects.all():
        told = [int(one) for one in conversation.messages.order_by("pk").values_list("content", flat=True)]
        assert told == sorted(told)


@pytest.mark.parametrize(
    "raw", [b"{", b"[]", b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}", '{"a": "ção"}'.encode("latin-1")]
)
def test_what_is_signed_but_no_json_is_quarantined(line: Inbox, raw: bytes):
    assert post(line, raw).status_code == 200
    drain()

    assert WebhookDelivery.objects.get().state == "quarantined"
    assert Job.objects.count() == 0


# --- who it is --------------------------------------------------------------------------------------------------------


def test_what_speaks_of_another_number_is_quarantined(line: Inbox, sol: Tenant):
    whatsapp_inbox(sol, phone_number_id="999")

    assert post(line, delivery(said(), phone_number_id="999")).status_code == 200
    drain()

    assert Message.objects.count() == 0
    assert SetAside.objects.get().reason == "quarantined"


def test_a_message_of_last_month_is_quarantined(line: Inbox):
    post(line, delivery(said(at=time.time() - 30 * 86400)))
    drain()

    assert Message.objects.count() == 0
    assert SetAside.objects.get().error == "too_old"


def test_old_and_new_spelling_of_a_brazilian_number_are_one_contact(line: Inbox):
    post(line, delivery(said("um", phone="5591988887777"), said("dois", phone="559188887777")))
    drain()

    assert Contact.objects.count() == Conversation.objects.count() == 1
    assert ContactIdentity.address_of(line.pk, Contact.objects.get().pk) == "559188887777"


def test_a_customer_is_known_by_phone_and_by_user_id_alike(line: Inbox):
    post(line, delivery(said("um", from_user_id="BR.77")))
    drain()
    nameless = said("dois", from_user_id="BR.77")
    del nameless["messages"][0]["from"]
    nameless["contacts"] = [{"profile": {"username": "joana"}, "user_id": "BR.77"}]
    post(line, delivery(nameless))
    drain()

    assert Contact.objects.count() == 1
    assert set(ContactIdentity.objects.values_list("identifier", flat=True)) == {"+5591988887777", "bsuid:BR.77"}


def test_a_customer_whom_the_team_entered_by_phone_is_the_same_contact(line: Inbox, ana: Person):
    contact, _ = actions.create_contact(ana.actor, name="Joana", phone="(91) 98888-7777")

    post(line, delivery(said(name="")))
    drain()

    assert Conversation.objects.get().contact_id == contact.pk


def test_a_visitor_who_says_to_have_this_number_gets_nobody_elses_messages(line: Inbox, site: Inbox):
    visitor = written(site, phone="+55 91 98888-7777").conversation.contact

    post(line, delivery(said()))
    drain()

    assert Conversation.objects.get(inbox=line).contact_id != visitor.pk


def test_a_new_number_stays_the_same_contact(line: Inbox):
    post(line, delivery(said()))
    system = {"type": "user_changed_number", "wa_id": "5511987654321", "body": "changed"}
    post(line, delivery(said(type="system", system=system), said("Sou eu", phone="5511987654321")))
    drain()

    contact = Contact.objects.get()
    assert contact.phone == "+5511987654321"
    assert Message.objects.filter(sender_type="system").get().metadata["activity"] == "number_changed"


def test_three_pictures_in_one_second_of_a_new_contact_are_one_conversation(line: Inbox):
    for name in ("image", "video", "document"):
        told = fixture(name)["payload"]
        told["entry"][0]["changes"][0]["value"]["messages"][0] |= {
            "timestamp": str(int(time.time())),
            "id": f"wamid.{name}",
        }
        post(line, told)
    Job.objects.filter(name="conversations.fetch_media").delete()
    drain()

    assert (Conversation.objects.count(), Message.objects.filter(sender_type="contact").count()) == (1, 3)


# --- what they do to messages -----------------------------------------------------------------------------------------


def answered(line: Inbox, ana: Person, wamid: str = "wamid.ours") -> Message:
    """Joana wrote, and Ana's answer is at Meta."""
    post(line, delivery(said(wamid="wamid.hers")))
    drain()
    message = reply(ana, Conversation.objects.get())
    Job.objects.all().delete()
    Message.objects.filter(pk=message.pk).update(provider_id=wamid, status=Delivery.SENT)
    return message


def test_a_reply_quotes_the_message_that_it_answers(line: Inbox, ana: Person):
    ours = answered(line, ana)
    post(line, delivery(said("Esse", context={"id": "wamid.ours"}), said("Qual?", context={"id": "wamid.gone"})))
    drain()

    quoted = dict(Message.objects.filter(sender_type="contact").values_list("content", "reply_to"))
    assert (quoted["Esse"], quoted["Qual?"]) == (ours.pk, None)


def test_a_reaction_is_set_replaced_and_taken_back(line: Inbox, ana: Person):
    answered(line, ana)
    for emoji in ("👍", "❤️"):
        post(line, delivery(said(type="reaction", reaction={"message_id": "wamid.ours", "emoji": emoji})))
        drain()
        assert Reaction.objects.get().reaction == emoji
    post(line, delivery(said(type="reaction", reaction={"message_id": "wamid.ours"})))
    drain()

    assert Reaction.objects.count() == 0


def test_a_reaction_that_was_taken_back_does_not_come_back_by_an_older_report(line: Inbox, ana: Person):
    answered(line, ana)
    began = time.time()
    taken_back = said(type="reaction", reaction={"message_id": "wamid.ours"}, at=began + 9)
    older = said(type="reaction", reaction={"message_id": "wamid.ours", "emoji": "👍"}, at=began + 4)

    with published() as frames:
        for told in (taken_back, older):
            post(line, delivery(told))
            drain()

    assert Reaction.objects.count() == 0
    assert frames.to("agents").types == []


def test_an_edit_shows_the_new_words_and_keeps_the_old_ones(line: Inbox, ana: Person):
    answered(line, ana)
    edit = {"original_message_id": "wamid.hers", "message": {"type": "text", "text": {"body": "Oi, tudo bem?"}}}

    with published() as frames:
        post(line, delivery(said(type="edit", edit=edit, at=time.time() + 5)))
        drain()
        older = edit | {"message": {"type": "text", "text": {"body": "Velho"}}}
        post(line, delivery(said(type="edit", edit=older)))
        drain()

    message = Message.objects.get(provider_id="wamid.hers")
    assert (message.content, [one["content"] for one in message.metadata["edits"]]) == ("Oi, tudo bem?", ["Oi"])
    assert frames.to("agents").types == ["message_updated"]


def test_a_revoked_message_is_a_tombstone_of_the_contacts(line: Inbox, ana: Person):
    answered(line, ana)
    post(line, delivery(said(type="revoke", revoke={"original_message_id": "wamid.hers"})))
    drain()

    message = Message.objects.get(provider_id="wamid.hers")
    assert message.deleted_at is not None
    assert (message.content, message.deleted_by) == ("", None)


def test_nobody_edits_or_revokes_what_is_not_theirs(line: Inbox, ana: Person):
    answered(line, ana)
    edit = {"original_message_id": "wamid.ours", "message": {"type": "text", "text": {"body": "hacked"}}}
    post(
        line, delivery(said(type="edit", edit=edit), said(type="revoke", revoke={"original_message_id": "wamid.ours"}))
    )
    drain()

    ours = Message.objects.get(provider_id="wamid.ours")
    assert (ours.content, ours.deleted_at) == ("Olá!", None)


def test_statuses_in_any_order_and_twice_only_rise(line: Inbox, ana: Person):
    ours = answered(line, ana)
    with published() as frames:
        for status in ("read", "sent", "delivered", "read", "sent"):
            post(line, delivery(became("wamid.ours", status), became("wamid.ours", status)))
            drain()

    assert Message.objects.get(pk=ours.pk).status == "read"
    assert frames.to("agents").types == ["message_status"]


@pytest.mark.parametrize(
    ("reported", "told"),
    [
        (["delivered", "failed"], ["delivered"]),
        (["failed", "sent", "delivered", "failed"], ["failed", "delivered"]),
        (["delivered", "delivered", "sent", "read", "read"], ["delivered", "read"]),
    ],
)
def test_each_real_advance_is_told_once_to_either_side(line: Inbox, ana: Person, reported: list[str], told: list[str]):
    ours = answered(line, ana)
    with published() as frames:
        for status in reported:
            post(line, delivery(became("wamid.ours", status), became("wamid.ours", status)))
            drain()

    assert Message.objects.get(pk=ours.pk).status == told[-1]
    changes = [frame for frame in frames if frame["type"] == "message_status"]
    for stream in {frame["stream"] for frame in changes}:
        assert [frame["data"]["status"] for frame in changes if frame["stream"] == stream] == told


def test_a_failure_says_the_providers_reason(line: Inbox, ana: Person):
    ours = answered(line, ana)
    errors = [{"code": 131049, "title": "Not delivered", "error_data": {"details": "Too much marketing."}}]
    post(line, delivery(became("wamid.ours", "failed", errors=errors)))
    drain()

    ours.refresh_from_db()
    assert (ours.status, ours.error) == ("failed", "Too much marketing. (131049)")


def test_what_comes_before_its_message_waits_for_it(line: Inbox):
    edit = {"original_message_id": "wamid.late", "message": {"type": "text", "text": {"body": "Certo"}}}
    post(line, delivery(said(type="edit", edit=edit, at=time.time() + 1)))
    drain()
    assert (SetAside.objects.get().reason, Message.objects.count()) == ("early", 0)

    post(line, delivery(said("Errado", wamid="wamid.late")))
    drain()

    assert Message.objects.get().content == "Certo"
    assert SetAside.objects.count() == Job.objects.count() == 0


def test_what_is_unsupported_is_shown_as_such(line: Inbox):
    post(line, delivery(said(type="poll", poll={"x": 1})))
    drain()

    message = Message.objects.get()
    assert message.content.startswith("O cliente enviou algo")
    assert message.metadata["unsupported"]["type"] == "poll"


# --- when something goes wrong ----------------------------------------------------------------------------------------


def test_a_poisoned_message_holds_up_no_other_and_ends_as_a_dead_letter(line: Inbox, monkeypatch: pytest.MonkeyPatch):
    receive = actions.receive_message

    def poisoned(actor, inbox_id, told):
        if told.content == "veneno":
            raise RuntimeError("whatever")
        return receive(actor, inbox_id, told)

    monkeypatch.setattr(actions, "receive_message", poisoned)
    post(line, delivery(said("um"), said("veneno"), said("três")))
    drain()
    assert sorted(Message.objects.values_list("content", flat=True)) == ["três", "um"]
    for _ in range(9):
        Job.objects.filter(state=State.READY).update(run_at=now() - timedelta(seconds=1))
        drain()

    letter = Job.objects.get()
    assert (letter.state, letter.attempts, letter.name) == ("dead", 8, "conversations.apply_set_aside")
    assert SetAside.objects.get().reason == "dead"


def test_whatever_the_order_and_however_often_everything_is_there_once(line: Inbox):
    chance = random.Random(7)
    bodies = [
        delivery(said(f"texto {number}", wamid=f"wamid.x{number}", phone=f"55119{10000000 + number % 9}"))
        for number in range(60)
    ]
    again = chance.sample(bodies, 12)
    for body in chance.sample([*bodies, *again], 72):
        body["entry"][0]["time"] = chance.random()  # Not the same bytes: the message's own id must tell.
        post(line, body)
    drain()

    assert Message.objects.filter(sender_type="contact").count() == 60
    assert Conversation.objects.count() == 9


def test_old_deliveries_are_thrown_away_and_unread_ones_never(line: Inbox):
    post(line, delivery(said()))
    drain()
    post(line, delivery(said()))
    WebhookDelivery.objects.update(received_at=now() - timedelta(days=9))

    actions.discard_deliveries()

    assert [one.state for one in WebhookDelivery.objects.all()] == ["received"]


def test_another_channel_has_no_account_to_post_to(aurora: Tenant):
    inbox = inbox_of(aurora, "Sem conta", Channel.WHATSAPP)

    assert post(inbox, delivery(said(phone=JOANA))).status_code == 404
