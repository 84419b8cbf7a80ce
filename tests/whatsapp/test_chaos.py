"""Deliveries doubled and shuffled, workers killed in the middle: nothing is lost and nothing sent twice."""

from __future__ import annotations

import random
import signal
from collections import Counter
from datetime import timedelta
from functools import partial
from subprocess import Popen
from typing import Any

import pytest
from django.utils.timezone import now

from conversations.models import Conversation, Inbox, Message, SendAttempt, SetAside
from jobs.models import Job, State
from jobs.worker import drain
from niochat.simulators.whatsapp_http import WhatsAppServer
from tests.jobs.test_worker import process, until
from tests.trade import reply
from tests.whatsapp.connected import line, meta
from tests.whatsapp.lines import became, delivery, post, said
from tests.world import Person

__all__ = ["line", "meta", "process"]
pytestmark = pytest.mark.django_db(transaction=True)
CUSTOMERS, MORE = 12, 90


def phone(number: int) -> str:
    return f"55119{80000000 + number % CUSTOMERS}"


def posted(inbox: Inbox, values: list[dict[str, Any]], chance: random.Random) -> None:
    """Post these in any order, a fifth of them twice and not with the same bytes."""
    twice = chance.sample(values, len(values) // 5)
    for value in chance.sample([*values, *twice], len(values) + len(twice)):
        body = delivery(value)
        body["entry"][0]["time"] = chance.random()
        assert post(inbox, body).status_code == 200


def has_taken(meta: WhatsAppServer, goal: int) -> bool:
    return len(meta.world.sent) >= goal


def killed(worker: Popen[bytes]) -> None:
    """Kill it, who works alone: whatever it was calling about has come to its end, minutes ago."""
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    SendAttempt.objects.filter(state="calling").update(started_at=now() - timedelta(minutes=5))


def hurry() -> bool:
    """Let the jobs that wait for their backoff run now; whether all is done."""
    Job.objects.filter(state=State.READY, run_at__gt=now()).update(run_at=now() - timedelta(seconds=1))
    return not Job.objects.filter(state__in=[State.READY, State.RUNNING]).exists()


def test_killed_workers_lose_nothing_and_send_nothing_twice(
    line: Inbox, meta: WhatsAppServer, ana: Person, process: Any
):
    chance = random.Random(11)
    for number in range(CUSTOMERS):
        post(line, delivery(said("Oi", wamid=f"wamid.first{number}", phone=phone(number))))
    drain()
    replies = [
        reply(ana, conversation, f"resposta {n}") for n in range(2) for conversation in Conversation.objects.all()
    ]
    values = [said(f"texto {n}", wamid=f"wamid.more{n}", phone=phone(n)) for n in range(MORE)]
    posted(line, values, chance)

    for goal in (4, 12):
        worker = process("--lease", 2, DEBUG="1")
        until(partial(has_taken, meta, goal))
        killed(worker)
    process(DEBUG="1")
    until(hurry)

    inbound = Message.objects.filter(sender_type="contact")
    assert sorted(inbound.values_list("provider_id", flat=True)) == sorted(
        [f"wamid.first{n}" for n in range(CUSTOMERS)] + [f"wamid.more{n}" for n in range(MORE)]
    )
    times = Counter(sent["biz_opaque_callback_data"] for sent in meta.world.sent)
    assert max(times.values()) == 1
    states = Counter(Message.objects.filter(pk__in=[one.pk for one in replies]).values_list("status", flat=True))
    assert set(states) <= {"sent", "failed"}
    assert SendAttempt.objects.filter(state="uncertain").count() == states["failed"] <= 8

    # The provider's own reports settle what was uncertain and did arrive; all of them end read, in whatever order.
    reports = [
        became(sent["wamid"], status, biz_opaque_callback_data=sent["biz_opaque_callback_data"])
        for sent in meta.world.sent
        for status in ("sent", "delivered", "read")
    ]
    posted(line, reports, chance)
    until(hurry)
    arrived = {int(name.removeprefix("m")) for name in times}
    assert set(Message.objects.filter(status="read", sender_type="agent").values_list("pk", flat=True)) == arrived
    assert SetAside.objects.count() == 0
