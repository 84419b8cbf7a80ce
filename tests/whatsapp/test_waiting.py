"""What is told of a message that we do not have: it waits for that for a while, and goes without a noise."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now
from prometheus_client import REGISTRY

from accounts import clock
from audit.models import AuditRecord, Verb
from conversations.actions.waiting import HELD_FOR, LOOKS
from conversations.models import Conversation, Delivery, Inbox, Message, SetAside
from jobs.models import Job, State
from jobs.worker import drain
from tests.trade import reply
from tests.whatsapp.lines import became, delivery, post, said
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
REACTION = {"message_id": "wamid.strange", "emoji": "👍"}


def arrives(line: Inbox, value: dict[str, Any]) -> None:
    assert post(line, delivery(value)).status_code == 200
    drain()


def dropped(kind: str) -> float:
    return REGISTRY.get_sample_value("niochat_happenings_dropped_total", {"channel": "whatsapp", "kind": kind}) or 0.0


def later_by(after: timedelta) -> None:
    """Let everything happen that is due so long after now."""
    Job.objects.filter(state=State.READY, run_at__lte=now() + after).update(run_at=now() - timedelta(seconds=1))
    with clock.at(now() + after):
        drain()


def test_a_report_on_what_somebody_else_sent_is_looked_at_three_times_and_forgotten(
    line: Inbox, caplog: pytest.LogCaptureFixture
):
    before = dropped("status")
    arrives(line, became("wamid.strange", "delivered"))
    for look in (*LOOKS, HELD_FOR["status"] - timedelta(seconds=5)):
        later_by(look)
        assert SetAside.objects.get().reason == SetAside.Reason.EARLY

    with caplog.at_level(logging.INFO, logger="conversations"):
        later_by(HELD_FOR["status"] + timedelta(seconds=1))

    assert SetAside.objects.count() == Job.objects.count() == 0
    assert dropped("status") == before + 1
    assert "a status of a message that never came was dropped" in caplog.text
    assert "wamid" not in caplog.text
    assert not AuditRecord.objects.filter(verb=Verb.DELIVERY_QUARANTINED).exists()


def test_a_reaction_to_a_message_of_long_ago_waits_for_days_without_being_tried_again_and_again(line: Inbox):
    before = dropped("reaction")
    arrives(line, said(type="reaction", reaction=REACTION))
    for look in LOOKS:
        later_by(look)

    (job,) = Job.objects.all()
    assert (job.state, job.attempts) == (State.READY, 0)
    assert timedelta(days=6) < job.run_at - now() < timedelta(days=7)

    later_by(timedelta(days=7, seconds=1))
    assert SetAside.objects.count() == Job.objects.count() == 0
    assert dropped("reaction") == before + 1


def test_a_report_that_was_quicker_than_our_own_call_is_applied_when_that_ends(line: Inbox, ana: Person):
    arrives(line, said("Oi"))
    ours = reply(ana, Conversation.objects.get())
    Job.objects.all().delete()
    arrives(line, became("wamid.ours", "delivered"))
    assert SetAside.objects.get().reason == SetAside.Reason.EARLY

    Message.objects.filter(pk=ours.pk).update(provider_id="wamid.ours", status=Delivery.SENT)
    later_by(LOOKS[0])

    ours.refresh_from_db()
    assert ours.status == Delivery.DELIVERED
    assert SetAside.objects.count() == Job.objects.count() == 0


def test_what_waits_is_let_go_by_its_message_days_later(line: Inbox):
    arrives(line, said(type="reaction", reaction=REACTION))
    for look in LOOKS:
        later_by(look)

    with clock.at(now() + timedelta(days=3)):
        post(line, delivery(said("Atrasada", wamid="wamid.strange")))
        drain()

    assert Message.objects.get().reactions.get().reaction == "👍"
    assert SetAside.objects.count() == Job.objects.count() == 0


def test_forty_strange_reports_leave_no_dead_letter(line: Inbox):
    post(line, delivery(*(became(f"wamid.strange{number}", "sent") for number in range(40))))
    drain()
    assert SetAside.objects.count() == 40

    for look in (*LOOKS, HELD_FOR["status"] + timedelta(seconds=1)):
        later_by(look)

    assert SetAside.objects.count() == Job.objects.count() == 0
