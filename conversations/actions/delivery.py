"""How far messages have come: what the delivery job, the widget and the providers report."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations import payloads
from conversations.actions import steps
from conversations.actions.messages import locked_with_conversation
from conversations.models import Delivery, Message
from jobs.models import Job

# A pending message that is older has lost its job.
SWEEP_AFTER = timedelta(seconds=60)
SWEEP_BATCH = 500


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

    message.status, message.error = status, error[:300]
    message.save(update_fields=["status", "error"])
    story = steps.Story(actor)
    story.say(*payloads.message_status(message, conversation, clock.now()))
    if status == Delivery.FAILED:
        story.note_in(conversation, Verb.MESSAGE_FAILED, message, message_id=message.pk, error=message.error)
    story.tell()
    return message


@transaction.atomic(durable=True)
def queue_undelivered() -> int:
    """Queue again what is still pending and has no job: the state is on the row, so a lost job loses no message.

    Works over all tenants, for the schedule; returns how many were queued. One whose job runs or waits, be it for
    another attempt, keeps that job; a dead letter stays dead until somebody replays it.
    """
    key = Concat(Value(steps.DELIVERY), Cast(OuterRef("pk"), CharField()))
    overdue = Message.objects.filter(
        ~Exists(Job.objects.filter(unique_key=key)),
        status=Delivery.PENDING,
        private=False,
        deleted_at__isnull=True,
        created_at__lt=clock.now() - SWEEP_AFTER,
    )
    found = list(overdue.order_by("created_at")[:SWEEP_BATCH])
    for message in sorted(found, key=steps.delivery_key):
        steps.queue_delivery(message)
    return len(found)
