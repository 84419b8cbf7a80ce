"""Pushing the numbers: rarely, to those who watch, and never a change too few."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from conversations import actions
from conversations.models import Conversation, Inbox
from dashboard import freshness, metrics, presence, tasks
from jobs.models import Job
from jobs.worker import drain
from realtime import fanout, streams, wire
from realtime.events import DashboardMetrics
from realtime.models import Connection
from realtime.threads import working
from tests.patience import PATIENCE_S
from tests.trade import reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def watches(person: Person, *, seconds: int = 45) -> None:
    Connection.objects.create(
        id=f"s{person.user_id}",
        process="p1",
        tenant_id=person.tenant_id,
        user_id=person.user_id,
        expires_at=Now() + timedelta(seconds=seconds),
    )


def queued(person: Person) -> int:
    return Job.objects.filter(name="dashboard.metrics", args=[person.tenant_id]).count()


def a_second_later() -> None:
    """Let what is due in a second be due, and run it."""
    Job.objects.filter(name="dashboard.metrics").update(run_at=Now())
    drain()


@pytest.fixture
def pushes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, DashboardMetrics]]:
    """What was sent, to which group."""
    sent: list[tuple[str, DashboardMetrics]] = []
    monkeypatch.setattr(freshness, "transient", lambda group, event: sent.append((group, event)))
    return sent


def test_nothing_is_queued_when_nobody_watches(ana: Person, site: Inbox) -> None:
    watches(ana, seconds=-1)
    reply(ana, written(site).conversation)

    assert queued(ana) == 0


def test_many_changes_are_one_push_with_all_of_them(ana: Person, eva: Person, site: Inbox, pushes: list[Any]) -> None:
    watches(ana)
    watches(eva)
    began = now()
    for number in range(5):
        written(site, identifier=f"v:{number}")
    assert (queued(ana), queued(eva)) == (1, 0)
    assert Job.objects.get(name="dashboard.metrics").run_at >= began + freshness.EVERY

    a_second_later()

    ((group, numbers),) = pushes
    assert (group, numbers.open_conversations) == (streams.agents(ana.tenant_id), 5)


def test_what_is_done_to_a_conversation_and_its_rating_makes_the_numbers_stale(ana: Person, site: Inbox) -> None:
    watches(ana)

    def stale(change: Any, *args: Any, **options: Any) -> bool:
        Job.objects.filter(name="dashboard.metrics").delete()
        change(*args, **options)
        return queued(ana) == 1

    assert stale(written, site)
    conversation = written(site).conversation
    assert stale(reply, ana, conversation)
    assert stale(reply, ana, conversation, "E mais isto")
    assert stale(actions.snooze, ana.actor, conversation.pk, until=now() + timedelta(hours=1))
    assert stale(actions.send_survey, ana.actor, conversation.pk)
    assert stale(actions.close_conversation, ana.actor, conversation.pk)
    survey = conversation.surveys.latest("pk")
    assert stale(actions.answer_survey, ana.actor, survey.pk, rating=5)
    assert stale(written, site, "Voltei")
    assert stale(presence.choose, ana.actor, "offline")


def test_what_moves_no_number_queues_nothing(ana: Person, conversation: Conversation) -> None:
    watches(ana)

    message = conversation.messages.get()
    actions.react(ana.actor, message.pk, "👍")
    actions.mark_read(ana.actor, conversation.pk)
    written(conversation.inbox, "mais uma coisa")

    assert queued(ana) == 0


def test_whoever_left_meanwhile_costs_one_look(ana: Person, site: Inbox, pushes: list[Any]) -> None:
    watches(ana)
    written(site)
    Connection.objects.all().delete()

    a_second_later()

    assert (pushes, queued(ana)) == ([], 0)


def test_two_pushes_are_a_second_apart_however_soon_the_second_job_runs(
    ana: Person, site: Inbox, pushes: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    last = now()
    monkeypatch.setattr(freshness, "now", lambda: last)  # However long it takes.
    watches(ana)
    written(site)
    a_second_later()
    written(site, identifier="v:2")

    a_second_later()

    assert len(pushes) == 1
    (job,) = Job.objects.filter(name="dashboard.metrics")
    assert job.run_at == last + freshness.EVERY


@pytest.mark.usefixtures("numbers_stay_fresh")
def test_whoever_begins_to_watch_gets_what_changed_before(ana: Person, bruno: Person, site: Inbox) -> None:
    """The numbers that a newcomer is welcomed with may be a second old, and nobody may have been there to push to."""
    metrics.current(ana.tenant_id)
    written(site)
    watches(ana)

    assert freshness.welcome(ana.tenant_id).open_conversations == 0
    assert freshness.welcome(bruno.tenant_id).open_conversations == 0
    assert queued(ana) == 1


def test_the_clock_alone_moves_the_window_for_those_who_watch(ana: Person, eva: Person) -> None:
    watches(ana)
    watches(eva, seconds=-1)

    tasks.push_metrics_by_the_clock()

    assert (queued(ana), queued(eva)) == (1, 0)


def test_a_write_pays_one_statement_for_it_and_nothing_else(ana: Person, conversation: Conversation) -> None:
    def statements() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            reply(ana, conversation)
        return [
            query["sql"] for query in captured if "jobs_job" in query["sql"] or "realtime_connection" in query["sql"]
        ]

    unwatched = len(statements())
    watches(ana)

    assert len(statements()) == unwatched == 2  # the delivery's job, and this


async def test_the_numbers_reach_who_follows_the_team(ana: Person, site: Inbox) -> None:
    seen: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    class Screen:
        user_id: int | None = None
        family = "native"

        def gap(self, stream: str) -> None:
            raise AssertionError(stream)

    def show(texts: list[str]) -> None:
        for text in texts:
            seen.put_nowait(json.loads(text))

    hall = fanout.fanout()
    try:
        for lane in await hall.follow([streams.agents(ana.tenant_id)], ()):
            lane.join(Screen(), wire.texts, show)
        await working.run(watches, ana)
        await working.run(freshness.push, ana.tenant_id)
        frame = await asyncio.wait_for(seen.get(), PATIENCE_S)
    finally:
        await fanout.stop()

    assert (frame["type"], "seq" in frame) == ("dashboard_metrics", False)
    assert frame["data"]["total_conversations"] == 0
