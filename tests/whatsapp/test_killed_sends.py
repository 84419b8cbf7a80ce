"""A worker killed at each moment of a send: what surely did not leave goes out, what may have left is said to be
uncertain, and nothing reaches the customer twice.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from conversations import actions
from conversations.models import Conversation, Inbox, Message, SendAttempt
from jobs.models import Job, State
from niochat.simulators.whatsapp_http import WhatsAppServer
from tests.jobs.test_worker import process, until
from tests.patience import PATIENCE_S
from tests.trade import fresh, reply
from tests.whatsapp.connected import chat, line, meta
from tests.whatsapp.lines import became, delivery, post
from tests.whatsapp.test_chaos import hurry, killed
from tests.world import Person

__all__ = ["chat", "line", "meta", "process"]
pytestmark = pytest.mark.django_db(transaction=True)


def taken_over(process: Any) -> None:
    """Another worker does what is left, until nothing is."""
    process(DEBUG="1")
    until(hurry)


def is_uncertain(message: Message) -> bool:
    """Whether the team is told that it may or may not have arrived."""
    attempts = list(SendAttempt.objects.filter(message=message).values_list("state", flat=True))
    shown = fresh(message)
    return (attempts, shown.status, "not certain" in shown.error) == (["uncertain"], "failed", True)


@pytest.fixture
def deaf() -> Iterator[str]:
    """An address at which a connection is never made: nothing leaves us."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        yield f"http://127.0.0.1:{address[1]}"
        for one in waiting:
            one.close()


def lead_to(inbox: Inbox, url: str) -> None:
    inbox.account.config["graph_url"] = url
    inbox.account.save(update_fields=["config"])


@pytest.mark.postgres
def test_killed_before_its_note_it_goes_out_once(ana: Person, chat: Conversation, meta: WhatsAppServer, process: Any):
    message = reply(ana, chat)
    with transaction.atomic():
        Conversation.objects.select_for_update().get(pk=chat.pk)  # The note waits for the conversation.
        worker = process("--lease", 2, DEBUG="1")
        until(lambda: Job.objects.filter(name="conversations.deliver", state=State.RUNNING).exists())
        killed(worker)
    assert not SendAttempt.objects.exists()

    taken_over(process)

    assert (fresh(message).status, len(meta.world.sent)) == ("sent", 1)
    assert SendAttempt.objects.get().state == "taken"


def test_killed_between_its_note_and_the_call_it_is_uncertain_and_goes_out_when_a_person_says_so(
    ana: Person, chat: Conversation, meta: WhatsAppServer, process: Any, deaf: str
):
    lead_to(chat.inbox, deaf)
    message = reply(ana, chat)
    worker = process("--lease", 2, DEBUG="1")
    until(lambda: SendAttempt.objects.filter(state="calling").exists())
    killed(worker)
    lead_to(chat.inbox, meta.url)

    taken_over(process)
    assert is_uncertain(message)
    assert meta.world.sent == []

    actions.retry_message(ana.actor, message.pk)
    until(hurry)
    assert (fresh(message).status, len(meta.world.sent)) == ("sent", 1)


def test_killed_after_the_provider_took_it_it_is_uncertain_until_the_provider_speaks_and_not_sent_again(
    ana: Person, chat: Conversation, meta: WhatsAppServer, process: Any, monkeypatch: pytest.MonkeyPatch
):
    take, answers = meta.world.take, threading.Event()

    def take_and_wait(body: dict[str, Any]) -> dict[str, Any]:
        answer = take(body)
        answers.wait(PATIENCE_S)
        return answer

    monkeypatch.setattr(meta.world, "take", take_and_wait)
    message = reply(ana, chat)
    worker = process("--lease", 2, DEBUG="1")
    until(lambda: meta.world.sent)
    killed(worker)
    answers.set()

    taken_over(process)
    assert is_uncertain(message)
    actions.queue_undelivered()
    until(hurry)
    (sent,) = meta.world.sent

    post(chat.inbox, delivery(became(sent["wamid"], "sent", biz_opaque_callback_data=sent["biz_opaque_callback_data"])))
    until(hurry)
    assert (fresh(message).status, fresh(message).error, len(meta.world.sent)) == ("sent", "", 1)
    assert SendAttempt.objects.get().state == "taken"
