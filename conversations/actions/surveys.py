"""CSAT: ask, and take the answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts import clock
from accounts.actor import Actor, Role
from audit.models import Verb
from conversations import letters
from conversations.actions import steps
from conversations.errors import BadRating, SurveyExpired
from conversations.models import Conversation, Survey

BEST = 5
SENT_ONCE_IN = timedelta(minutes=1)


@transaction.atomic(durable=True)
def send_survey(actor: Actor, conversation_id: int) -> Survey:
    """Send a survey now. One that was sent within the last minute is meant by a second click: it is returned.

    Raises Conversation.DoesNotExist.
    """
    conversation = Conversation.locked(actor, conversation_id)
    moment = clock.now()
    if recent := sent_since(conversation, moment - SENT_ONCE_IN):
        return recent
    story = steps.Story(actor)
    survey = steps.ask(story, conversation, moment)
    story.tell()
    return survey


@transaction.atomic(durable=True)
def survey_after_close(actor: Actor, conversation_id: int, closed_at: datetime) -> Survey | None:
    """Send the survey of a close that still stands, unless one has been sent since; returns None where it doesn't.

    Raises Conversation.DoesNotExist.
    """
    conversation = Conversation.locked(actor, conversation_id)
    if conversation.closed_at != closed_at:
        return None
    if sent := sent_since(conversation, closed_at):
        return sent
    story = steps.Story(actor)
    survey = steps.ask(story, conversation, clock.now())
    story.tell()
    return survey


def sent_since(conversation: Conversation, moment: datetime) -> Survey | None:
    """The newest survey of a conversation, if it was sent at this moment or later."""
    return Survey.objects.filter(conversation=conversation, sent_at__gte=moment).order_by("-pk").first()


@transaction.atomic(durable=True)
def answer_survey(actor: Actor, survey_id: int, *, rating: int, feedback: str = "") -> Survey:
    """Take the customer's answer, or a changed one, for 14 days after sending. The same again changes nothing.

    Raises Survey.DoesNotExist, BadRating for anything but a whole number from 1 to 5, SurveyExpired.
    """
    if type(rating) is not int or not 1 <= rating <= BEST:
        raise BadRating
    found = Survey.visible_to(actor).only("conversation_id").get(pk=survey_id)
    conversation = Conversation.locked(Actor.system(actor.tenant_id), found.conversation_id)
    survey = Survey.locked(actor, survey_id)
    moment = clock.now()
    if moment > survey.closes_at:
        raise SurveyExpired
    if (survey.rating, survey.feedback) == (rating, feedback):
        return survey

    before = {"rating": survey.rating, "feedback": survey.feedback}
    survey.rating, survey.feedback, survey.answered_at = rating, feedback, survey.answered_at or moment
    survey.save(update_fields=["rating", "feedback", "answered_at"])
    conversation.csat_rating, conversation.csat_feedback = rating, feedback
    conversation.save(update_fields=["csat_rating", "csat_feedback"])
    story = steps.Story(actor)
    story.say(
        *letters.csat_update(survey, conversation.contact, moment, tell_agent=hears_alone(conversation, survey)),
        *letters.conversation_updated(conversation),
    )
    story.note_in(
        conversation, Verb.SURVEY_ANSWERED, survey, **steps.changed(before, {"rating": rating, "feedback": feedback})
    )
    story.tell()
    return survey


def hears_alone(conversation: Conversation, survey: Survey) -> bool:
    """Whether the rated agent may hear of it, and does not already as a supervisor or an admin."""
    rated = steps.active_member(Actor.system(survey.tenant_id), survey.agent_id or 0)
    return rated is not None and rated.role == Role.AGENT and steps.may_see(rated, conversation)
