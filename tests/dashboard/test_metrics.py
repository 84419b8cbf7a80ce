"""The live numbers by their definitions."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts import clock
from accounts.actor import Actor
from conversations import actions
from conversations.models import Conversation, Inbox, Survey
from dashboard import metrics
from realtime.events import DashboardMetrics
from tests.trade import reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = datetime(2026, 3, 20, 15, 0, tzinfo=UTC)


def numbers(person: Person, *, at: datetime = TODAY) -> DashboardMetrics:
    with clock.at(at):
        return metrics.count(person.tenant_id)


def ago(**span: float) -> AbstractContextManager[None]:
    """Let the block happen so long before TODAY."""
    return clock.at(TODAY - timedelta(**span))


def rated(conversation: Conversation, rating: int) -> None:
    """The customer answers the conversation's newest survey."""
    survey = Survey.objects.filter(conversation=conversation).latest("pk")
    actions.answer_survey(Actor.system(conversation.tenant_id), survey.pk, rating=rating)


def test_what_nobody_can_know_is_null(ana: Person) -> None:
    found = numbers(ana).data()

    assert {name for name, value in found.items() if value is None} == {
        *("average_satisfaction", "csat_score", "csat_response_rate"),
        *("resolution_rate", "response_time", "first_response_time"),
    }
    assert (found["total_conversations"], found["agents_online"]) == (0, 0)


def test_a_reopened_conversation_is_not_resolved(ana: Person, site: Inbox) -> None:
    with ago(days=3):
        closed, reopened, open_ = (written(site, identifier=f"v:{number}").conversation for number in range(3))
        for conversation in (closed, reopened):
            actions.close_conversation(ana.actor, conversation.pk)
    with ago(days=2):
        actions.reopen_conversation(ana.actor, reopened.pk)

    found = numbers(ana)
    assert found.resolution_rate == round(1 / 3, 4)
    assert (found.total_conversations, found.open_conversations, found.closed_conversations) == (3, 2, 1)
    assert open_.pk


def test_closed_again_it_counts_once(ana: Person, site: Inbox) -> None:
    with ago(days=3):
        conversation = written(site).conversation
        actions.close_conversation(ana.actor, conversation.pk)
        actions.reopen_conversation(ana.actor, conversation.pk)
        actions.close_conversation(ana.actor, conversation.pk)

    assert numbers(ana).resolution_rate == 1


def test_what_was_over_before_the_window_counts_on_neither_side(ana: Person, site: Inbox) -> None:
    with ago(days=40):
        actions.close_conversation(ana.actor, written(site).conversation.pk)

    found = numbers(ana)
    assert (found.resolution_rate, found.closed_conversations) == (None, 1)


def test_response_times_are_the_means_of_all_turns_and_of_first_turns(ana: Person, site: Inbox) -> None:
    with ago(minutes=60):
        conversation = written(site).conversation
    with ago(minutes=59):
        written(site, "alô?")
    with ago(minutes=50):
        reply(ana, conversation, "um momento", private=True)
        reply(ana, conversation, "Olá!")
    with ago(minutes=40):
        written(site, "obrigada")
    with ago(minutes=38):
        reply(ana, conversation, "De nada")
        reply(ana, conversation, "Até logo")

    found = numbers(ana)
    assert (found.first_response_time, found.response_time) == (600.0, 360.0)


def test_a_wait_begins_anew_when_a_conversation_is_reopened(ana: Person, site: Inbox) -> None:
    with ago(days=5):
        conversation = written(site).conversation
        reply(ana, conversation)
        actions.close_conversation(ana.actor, conversation.pk)
    with ago(minutes=20):
        written(site, "ainda com problema")
    with ago(minutes=10):
        reply(ana, conversation)

    found = numbers(ana)
    assert (found.first_response_time, found.response_time) == (0.0, 300.0)


def test_satisfaction_counts_the_newest_rating_of_each_answer(ana: Person, site: Inbox) -> None:
    with ago(days=2):
        held = [written(site, identifier=f"v:{number}").conversation for number in range(4)]
        for conversation in held:
            reply(ana, conversation)
            actions.close_conversation(ana.actor, conversation.pk)
        for conversation, rating in zip(held, (5, 4, 1), strict=False):
            rated(conversation, rating)
    with ago(days=1):
        rated(held[2], 3)

    found = numbers(ana)
    assert (found.average_satisfaction, found.csat_score, found.csat_response_rate) == (4.0, round(2 / 3, 4), 0.75)


def test_the_window_begins_at_midnight_in_the_tenants_zone() -> None:
    moment = datetime(2026, 3, 20, 2, 30, tzinfo=UTC)

    assert metrics.window_start(ZoneInfo("America/Sao_Paulo"), moment) == datetime(2026, 2, 18, 3, tzinfo=UTC)
    assert metrics.window_start(ZoneInfo("Asia/Tokyo"), moment) == datetime(2026, 2, 18, 15, tzinfo=UTC)


def test_many_askers_at_once_are_answered_by_one_count(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(tenant_id: int) -> DashboardMetrics:
        asked.append(tenant_id)
        return count(tenant_id)

    count = metrics.count
    monkeypatch.setattr(metrics, "count", counted)
    first, second = metrics.current(ana.tenant_id), metrics.current(ana.tenant_id)

    assert (first, asked) == (second, [ana.tenant_id])
