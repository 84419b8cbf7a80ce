"""What Meta posts: believed if it is signed, kept before it is read, applied once however often it comes."""

from __future__ import annotations

import json
import random
import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now
from prometheus_client import REGISTRY

from accounts.models import Tenant
from conversations import actions
from conversations.actions import deliveries
from conversations.models import Channel, Conversation, Inbox, Message, SetAside, WebhookDelivery
from conversations.models.connection import READ_AT_ONCE
from conversations.providers import REMOTE
from conversations.webhooks import tasks as webhook_tasks
from jobs.models import Job, State
from jobs.worker import Worker, drain
from tests.jobs.test_worker import until
from tests.trade import inbox_of
from tests.whatsapp.lines import JOANA, VERIFY_TOKEN, delivery, post, said, signed

pytestmark = pytest.mark.django_db(transaction=True)


def verify(inbox: Inbox, **query: str):
    given = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1158201444"} | query
    return Client().get(f"/webhooks/whatsapp/{inbox.token}", given)


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


def counted(outcome: str) -> float:
    sample = {"provider": "whatsapp", "outcome": outcome}
    return REGISTRY.get_sample_value("niochat_webhooks_total", sample) or 0.0


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "nonsense"])
def test_95_without_a_right_signature_nothing_is_stored_and_it_is_counted(line: Inbox, signature: str):
    before = counted("signature_invalid")
    answer = post(line, delivery(said()), **{"X-Hub-Signature-256": signature})

    assert (answer.status_code, json.loads(answer.content)["errors"][0]["code"]) == (401, "signature_invalid")
    assert WebhookDelivery.objects.count() == Job.objects.count() == 0
    assert counted("signature_invalid") == before + 1


def test_what_is_taken_is_counted_by_what_it_was(line: Inbox):
    before = [counted(outcome) for outcome in ("received", "duplicate", "payload_too_large")]
    body = delivery(said())
    for raw in (body, body, b"x" * (3 * 2**20 + 1)):
        post(line, raw)

    assert [counted(outcome) for outcome in ("received", "duplicate", "payload_too_large")] == [
        count + 1 for count in before
    ]


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
    Job.objects.update(run_at=now() - timedelta(seconds=1))
    drain()
    assert Message.objects.count() == 3
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"done"}


def test_an_inbox_with_much_to_read_makes_room_for_others(line: Inbox, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(webhook_tasks, "READ_FOR_S", 0)
    for number in range(READ_AT_ONCE + 1):
        post(line, delivery(said(str(number))))

    assert drain() >= 2
    assert list(Message.objects.values_list("content", flat=True)) == [str(n) for n in range(READ_AT_ONCE + 1)]


def test_a_busy_reader_waits_a_moment_for_the_next_and_one_with_a_lone_delivery_for_nothing(
    line: Inbox, monkeypatch: pytest.MonkeyPatch
):
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 1:
            post(line, delivery(said("o próximo")))

    monkeypatch.setattr(webhook_tasks, "WAITS_FOR_S", 600)  # However long reading takes.
    monkeypatch.setattr(webhook_tasks, "READ_FOR_S", 600)
    monkeypatch.setattr(webhook_tasks, "time", SimpleNamespace(monotonic=time.monotonic, sleep=nap))
    post(line, delivery(said()))
    webhook_tasks.read_deliveries(line.tenant_id, line.pk)
    assert naps == []

    for words in ("um", "dois"):
        post(line, delivery(said(words)))
    webhook_tasks.read_deliveries(line.tenant_id, line.pk)

    assert [message.content for message in Message.objects.order_by("pk")][1:] == ["um", "dois", "o próximo"]
    assert len(naps) == 2


def test_a_busy_reader_makes_room_after_half_a_second_of_waiting(line: Inbox, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(webhook_tasks, "WAITS_FOR_S", 0)
    monkeypatch.setattr(webhook_tasks, "time", SimpleNamespace(monotonic=time.monotonic))
    for words in ("um", "dois"):
        post(line, delivery(said(words)))

    webhook_tasks.read_deliveries(line.tenant_id, line.pk)

    assert Message.objects.count() == 2


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
