"""How far messages have come: what the delivery job, the widget and the providers report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations import letters
from conversations.actions import steps
from conversations.actions.messages import locked_with_conversation
from conversations.errors import NotFailed, NotUncertain
from conversations.models import Connection, Conversation, Delivery, Message
from conversations.reasons import Reason, parts_of
from jobs.models import Job, State

# A pending message that is older has lost its job.
SWEEP_AFTER = timedelta(seconds=60)
SWEEP_BATCH = 500
# Reasons of a failure that may be none: nobody has decided about it, or somebody has.
UNCERTAIN, LEFT = "uncertain", "left"


@transaction.atomic(durable=True)
def advance(actor: Actor, message_id: int, status: Delivery, *, error: str = "", provider_id: str = "") -> Message:
    """Raise a message's delivery state. Late, early and repeated reports are no news and change nothing.

    `provider_id` is kept the first time it is told. Raises Message.DoesNotExist.
    """
    message, conversation = locked_with_conversation(actor, message_id)
    if provider_id and not message.provider_id:
        message.provider_id = provider_id
        message.save(update_fields=["provider_id"])
    if not message.may_become(status):
        return message

    story = moved(actor, message, conversation, status, error)
    if status == Delivery.FAILED:
        story.note_in(conversation, Verb.MESSAGE_FAILED, message, message_id=message.pk, error=message.error)
    story.tell()
    return message


def moved(actor: Actor, message: Message, conversation: Conversation, status: Delivery, error: str = "") -> steps.Story:
    """Write a message's new state; what there is to tell of it, untold."""
    message.status, message.error, message.failure = status, error[:300], parts_of(error)
    message.save(update_fields=["status", "error", "failure", "provider_id"])
    story = steps.Story(actor)
    story.say(*letters.message_status(message, conversation, clock.now()))
    return story


@transaction.atomic(durable=True)
def give_up_delivery(actor: Actor, message_id: int) -> Message:
    """Have a message fail whose delivery is a dead letter, with words for the team; the letter's own go into the book.

    A letter that was replayed meanwhile, or a message that went out after all, changes nothing. The letter stays locked
    until commit, so a replay comes either before this or after it. Raises Message.DoesNotExist.
    """
    message, conversation = locked_with_conversation(actor, message_id)
    letter = dead_letters(message).select_for_update().first()
    if letter is None or message.deleted_at is not None or not message.may_become(Delivery.FAILED):
        return message
    reason = Reason("given_up", attempts=letter.attempts) if letter.attempts > 1 else Reason("undelivered")
    story = moved(actor, message, conversation, Delivery.FAILED, reason)
    told: dict[str, Any] = {
        "message_id": message.pk,
        "error": reason,
        "job_id": letter.pk,
        "job_error": letter.last_error,
    }
    story.note_in(conversation, Verb.MESSAGE_FAILED, message, **told)
    story.tell()
    return message


@transaction.atomic(durable=True)
def retry_message(actor: Actor, message_id: int) -> tuple[Message, bool]:
    """Have a failed message of ours sent once more; returns it, and whether anything changed.

    One that is on its way already is left alone. The provider's number of the failed try is forgotten: the next one has
    its own. Of a long message of which the customer has some parts the rest is sent.

    Raises Message.DoesNotExist, and NotFailed for whatever was delivered, is no message of ours or is gone.
    """
    message, conversation = locked_with_conversation(actor, message_id)
    if not message.is_public or message.from_contact or message.deleted_at is not None:
        raise NotFailed
    if message.status == Delivery.PENDING:
        return message, False
    if message.status != Delivery.FAILED:
        raise NotFailed

    if not message.parts.exists():
        message.provider_id = ""
    story = moved(actor, message, conversation, Delivery.PENDING)
    dead_letters(message).delete()
    steps.queue_delivery(message)
    story.note_in(conversation, Verb.MESSAGE_RETRIED, message, message_id=message.pk)
    story.tell()
    return message, True


@transaction.atomic(durable=True)
def leave_message(actor: Actor, message_id: int) -> tuple[Message, bool]:
    """Leave an uncertain message as it is, so that nobody else has to decide; returns it, and whether that is news.

    What the provider says of it later is heard all the same. Raises Message.DoesNotExist and NotUncertain.
    """
    message, conversation = locked_with_conversation(actor, message_id)
    code = message.failure.get("code") if message.status == Delivery.FAILED else None
    if code == LEFT:
        return message, False
    if code != UNCERTAIN or message.deleted_at is not None:
        raise NotUncertain
    reason = Reason(LEFT, **message.failure.get("values", {}))
    story = moved(actor, message, conversation, Delivery.FAILED, reason)
    story.note_in(conversation, Verb.MESSAGE_LEFT, message, message_id=message.pk)
    story.tell()
    return message, True


def dead_letters(message: Message) -> QuerySet[Job]:
    """The message's delivery, if it was given up."""
    return Job.objects.filter(unique_key=steps.delivery_key(message), state=State.DEAD)


@transaction.atomic(durable=True)
def queue_undelivered() -> int:
    """Queue again what is still pending and has no job: the state is on the row, so a lost job loses no message.

    Works over all tenants, for the schedule; returns how many were queued. One whose job runs or waits, be it for
    another attempt, keeps that job; a dead letter stays dead until somebody replays it. What waits for its inbox to be
    authorised is queued by that.
    """
    key = Concat(Value(steps.DELIVERY), Cast(OuterRef("pk"), CharField()))
    overdue = Message.objects.filter(
        ~Exists(Job.objects.filter(unique_key=key)),
        inbox__connection__in=[Connection.NONE, Connection.CONNECTED],
        status=Delivery.PENDING,
        private=False,
        deleted_at__isnull=True,
        created_at__lt=clock.now() - SWEEP_AFTER,
    )
    found = list(overdue.order_by("created_at")[:SWEEP_BATCH])
    for message in sorted(found, key=steps.delivery_key):
        steps.queue_delivery(message)
    return len(found)
