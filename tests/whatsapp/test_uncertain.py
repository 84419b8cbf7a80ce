"""Messages of which nobody knows whether they arrived: a person decides, and what comes to be known later is heard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import Actor
from audit.models import AuditRecord, Verb
from conversations import actions
from conversations.models import Conversation, Delivery, Inbox, Message, ProviderAccount, SendAttempt
from conversations.providers import Outcome, Verdict
from conversations.reasons import Reason
from jobs.worker import drain
from niochat.simulators.whatsapp_http import WhatsAppServer
from tests.trade import again, fresh, published, reply
from tests.whatsapp.connected import chat, line, meta
from tests.whatsapp.lines import became, delivery, post
from tests.world import Person

__all__ = ["chat", "line", "meta"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def message(ana: Person, chat: Conversation, meta: WhatsAppServer) -> Message:
    """WhatsApp has taken it and hung up; nobody here has heard of it."""
    meta.world.moods.answers.append("taken_but_silent")
    message = reply(ana, chat, "Chegou?")
    drain()
    assert (fresh(message).status, fresh(message).failure["code"]) == ("failed", "uncertain")
    return message


def heard(chat: Conversation, meta: WhatsAppServer, status: str, **more: Any) -> None:
    """What WhatsApp tells of it later, with our number on it."""
    (sent,) = meta.world.sent
    told = became(sent["wamid"], status, biz_opaque_callback_data=sent["biz_opaque_callback_data"], **more)
    post(chat.inbox, delivery(told))
    drain()


def left(person: Person, message: Message) -> Any:
    return person.client().post(f"/api/v1/messages/{message.pk}/leave")


def test_whoever_leaves_it_decides_for_all(ana: Person, message: Message, meta: WhatsAppServer):
    with published() as frames:
        answers = [left(ana, message), left(ana, message)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.get("Idempotent-Replayed") for answer in answers] == [None, "true"]
    assert (answers[0].json()["status"], answers[0].json()["failure"]["code"]) == ("failed", "left")
    told = [one["data"]["failure"]["code"] for one in frames.to("agents") if one["type"] == "message_status"]
    assert told == ["left"]
    assert AuditRecord.objects.get(verb=Verb.MESSAGE_LEFT).user_id == ana.user_id
    assert len(meta.world.sent) == 1


def test_what_is_left_can_be_sent_again_all_the_same(ana: Person, message: Message, meta: WhatsAppServer):
    left(ana, message)

    assert ana.client().post(f"/api/v1/messages/{message.pk}/retry").status_code == 200
    drain()
    assert (fresh(message).status, len(meta.world.sent)) == ("sent", 2)


def test_only_what_is_uncertain_can_be_left(ana: Person, chat: Conversation, meta: WhatsAppServer):
    meta.world.moods.answers.append("undeliverable")
    refused, fine = reply(ana, chat, "Em vão"), reply(ana, chat, "Oi")
    drain()

    for one in (refused, fine, Message.objects.get(provider_id="wamid.hers")):
        answer = left(ana, one)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "not_uncertain")


@pytest.mark.parametrize("decided", [False, True])
def test_a_late_word_that_it_went_makes_it_certain(
    ana: Person, chat: Conversation, message: Message, meta: WhatsAppServer, decided: bool
):
    if decided:
        left(ana, message)
    heard(chat, meta, "sent")

    shown = fresh(message)
    assert (shown.status, shown.error, shown.failure) == ("sent", "", {})
    assert SendAttempt.objects.get().state == SendAttempt.State.TAKEN


def test_a_late_word_that_it_failed_makes_that_certain_and_says_why(
    chat: Conversation, message: Message, meta: WhatsAppServer
):
    errors = [{"code": 131026, "title": "Message undeliverable"}]
    with published() as frames:
        for _ in range(2):
            heard(chat, meta, "failed", errors=errors)

    assert (fresh(message).status, fresh(message).failure["code"]) == ("failed", "undeliverable")
    assert not frames.to("agents").types.count("message_status") % 2, "from uncertain by way of pending to failed, once"
    assert frames.to("agents").types.count("message_status") == 2


# --- a worker that was given up and comes back


@pytest.fixture
def given_up(ana: Person, chat: Conversation) -> SendAttempt:
    """A try that took so long that another worker has called it uncertain."""
    message = reply(ana, chat, "Devagar")
    attempt = actions.begin_sending(Actor.system(chat.tenant_id), message.pk)
    assert attempt is not None
    SendAttempt.objects.update(started_at=attempt.started_at - timedelta(minutes=5))
    actions.begin_sending(Actor.system(chat.tenant_id), message.pk)
    assert fresh(message).failure["code"] == "uncertain"
    return attempt


def comes_back(attempt: SendAttempt, outcome: Outcome) -> Message:
    return fresh(actions.settle_sending(Actor.system(attempt.tenant_id), attempt.pk, outcome))


UNREACHED = Outcome(Delivery.PENDING, error=Reason("unreachable"), verdict=Verdict.RETRY)


def test_what_surely_never_left_goes_out_by_itself(given_up: SendAttempt, meta: WhatsAppServer):
    assert comes_back(given_up, UNREACHED).status == Delivery.PENDING
    again()

    assert [one["text"]["body"] for one in meta.world.sent] == ["Devagar"]
    assert fresh(given_up.message).status == Delivery.SENT
    assert list(SendAttempt.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "taken"]


def test_what_was_surely_refused_says_why(given_up: SendAttempt):
    refused = Outcome(Delivery.FAILED, error=Reason("undeliverable"), verdict=Verdict.PERMANENT)

    assert comes_back(given_up, refused).failure["code"] == "undeliverable"


def test_what_was_surely_not_taken_for_want_of_rights_waits_for_them(given_up: SendAttempt):
    refused = Outcome(Delivery.PENDING, error=Reason("unauthorised"), verdict=Verdict.AUTH)

    assert comes_back(given_up, refused).status == Delivery.PENDING
    assert ProviderAccount.objects.get().last_failure["code"] == "unauthorised"
    assert Inbox.objects.get(pk=given_up.inbox_id).connection == "paused"


def test_what_was_left_is_not_sent_behind_anybodys_back(ana: Person, given_up: SendAttempt, meta: WhatsAppServer):
    left(ana, given_up.message)

    assert comes_back(given_up, UNREACHED).failure["code"] == "left"
    again()
    assert meta.world.sent == []


def test_what_was_sent_again_is_not_sent_a_third_time(ana: Person, given_up: SendAttempt, meta: WhatsAppServer):
    actions.retry_message(ana.actor, given_up.message_id)
    drain()

    comes_back(given_up, UNREACHED)
    again()
    assert len(meta.world.sent) == 1
    assert fresh(given_up.message).status == Delivery.SENT
