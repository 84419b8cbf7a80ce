"""How was it? Asked once, answered for fourteen days, credited to who earned it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from accounts import clock
from accounts.actor import Actor
from audit.models import AuditRecord
from conversations import actions
from conversations.actions.conversations import SETTLED_AFTER
from conversations.errors import BadRating, SurveyExpired
from conversations.models import Conversation, Inbox, Message, Survey
from jobs.models import Job
from jobs.worker import drain
from tests.trade import published, reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def joana(survey: Survey) -> Actor:
    return Actor.contact(survey.tenant_id, survey.contact_id)


def answer(survey: Survey, rating: Any = 5, feedback: str = "") -> Survey:
    return actions.answer_survey(joana(survey), survey.pk, rating=rating, feedback=feedback)


@pytest.fixture
def survey(ana: Person, conversation: Conversation) -> Survey:
    """Ana has answered and closed; the widget asks Joana."""
    reply(ana, conversation)
    actions.close_conversation(ana.actor, conversation.pk)
    return Survey.objects.get()


def test_closing_a_web_chat_asks_at_once_in_the_widget(survey: Survey, ana: Person):
    assert survey.agent_id == ana.user_id
    assert not Message.objects.filter(metadata__survey=survey.pk).exists()


def test_an_inbox_that_does_not_want_ratings_asks_nothing(ana: Person, conversation: Conversation, site: Inbox):
    Inbox.objects.filter(pk=site.pk).update(csat_enabled=False)

    actions.close_conversation(ana.actor, conversation.pk)

    assert not Survey.objects.exists()


def test_elsewhere_a_close_that_is_undone_within_half_a_minute_asks_nothing(ana: Person, erp: Inbox):
    conversation = written(erp).conversation
    actions.close_conversation(ana.actor, conversation.pk)
    actions.reopen_conversation(ana.actor, conversation.pk)
    Job.objects.update(run_at=now() - timedelta(seconds=1))

    drain()

    assert not Survey.objects.exists()


def test_elsewhere_a_close_that_stands_is_asked_about_once_by_message(ana: Person, erp: Inbox):
    conversation = written(erp).conversation
    reply(ana, conversation)
    began = now()
    actions.close_conversation(ana.actor, conversation.pk)
    job = Job.objects.get(name="conversations.survey_after_close")
    assert job.run_at >= began + SETTLED_AFTER
    Job.objects.update(run_at=now() - timedelta(seconds=1))

    drain()
    actions.survey_after_close(Actor.system(ana.tenant_id), conversation.pk, fresh_close(conversation))

    survey = Survey.objects.get()
    asked = Message.objects.get(metadata__survey=survey.pk)
    assert (asked.sender_type, asked.status, survey.token in asked.content) == ("bot", "sent", False)


def fresh_close(conversation: Conversation) -> Any:
    return Conversation.objects.get(pk=conversation.pk).closed_at


def test_the_rated_agent_stays_whoever_owns_it_later(survey: Survey, ana: Person, bruno: Person, site: Inbox):
    written(site, "voltei")
    actions.assign(bruno.actor, survey.conversation_id, user_id=bruno.user_id)

    assert answer(survey).agent_id == ana.user_id


def test_without_an_owner_the_last_to_answer_is_rated(ana: Person, bruno: Person, conversation: Conversation):
    reply(ana, conversation)
    reply(bruno, conversation)
    actions.assign(ana.actor, conversation.pk, user_id=None)

    actions.close_conversation(ana.actor, conversation.pk)

    assert Survey.objects.get().agent_id == bruno.user_id


def test_an_answer_goes_to_supervisors_and_to_the_rated_agent(survey: Survey, ana: Person):
    with published(audited=1) as frames:
        answer(survey, 4, "Rápido")

    for stream in ("supervisors", f"u{ana.user_id}"):
        (told,) = (frame for frame in frames.to(stream) if frame["type"] == "csat_update")
        assert (told["data"]["rating"], told["data"]["feedback"], told["data"]["contact_name"]) == (
            4,
            "Rápido",
            "Joana Silva",
        )
    assert frames.to("agents").types == ["conversation_updated"]
    assert frames.to("agents")[0]["data"]["csat"] == {"rating": 4, "feedback": "Rápido"}


def test_a_rated_supervisor_hears_of_it_once(carla: Person, conversation: Conversation):
    reply(carla, conversation)
    actions.close_conversation(carla.actor, conversation.pk)

    with published() as frames:
        answer(Survey.objects.get())

    assert frames.types.count("csat_update") == 1


def test_the_customer_may_think_better_of_it_for_fourteen_days(survey: Survey):
    answer(survey, 1, "Ruim")
    with clock.at(survey.sent_at + timedelta(days=14)), published(audited=1):
        answer(survey, 5, "Resolveram!")

    with clock.at(survey.sent_at + timedelta(days=14, seconds=1)), pytest.raises(SurveyExpired):
        answer(survey, 1)
    changed = AuditRecord.objects.filter(verb="survey_answered").latest("number")
    assert changed.details["before"]["rating"] == 1
    assert (Survey.objects.get().rating, Conversation.objects.get().csat_rating) == (5, 5)


@pytest.mark.parametrize("rating", [0, 6, -1, "5", 4.5, True, None, "⭐", [], 5.0])
def test_a_rating_is_a_whole_number_from_1_to_5(rating: Any, survey: Survey):
    with pytest.raises(BadRating), published(audited=0):
        answer(survey, rating)


def test_nobody_answers_for_somebody_else(survey: Survey, site: Inbox, foreign: Conversation):
    other = written(site, identifier="v:outra").conversation
    for stranger in (
        Actor.contact(other.tenant_id, other.contact_id),
        Actor.contact(foreign.tenant_id, survey.contact_id),
    ):
        with pytest.raises(Survey.DoesNotExist):
            actions.answer_survey(stranger, survey.pk, rating=5)


@pytest.mark.parametrize("token", ["", "x", "1", "1.x", "1:abc", "é.é", "999999999999999999999.x"])
def test_a_token_can_not_be_made_up(token: str, survey: Survey):
    with pytest.raises(Survey.DoesNotExist):
        Survey.by_token(token)
    assert Survey.by_token(survey.token) == survey


def test_a_second_click_sends_no_second_survey_but_a_later_one_does(ana: Person, conversation: Conversation):
    first = actions.send_survey(ana.actor, conversation.pk)
    assert actions.send_survey(ana.actor, conversation.pk) == first

    with clock.at(now() + timedelta(minutes=2)):
        assert actions.send_survey(ana.actor, conversation.pk) != first
