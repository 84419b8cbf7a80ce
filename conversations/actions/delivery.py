"""How far messages have come: what the delivery job, the widget and the providers report."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations import payloads
from conversations.actions import steps
from conversations.actions.messages import locked_with_conversation
from conversations.models import Delivery, Message

# A pending message that is older has lost its job.
SWEEP_AFTER = timedelta(seconds=60)
SWEEP_BATCH = 500


@transaction.atomic(durable=True)
def advance(actor: Actor, message_id: int, status: Delivery, *, error: str = "", provider_id: str = "") -> Message:
    """Raise a message's delivery state. Late, early and repeated reports are no news and change nothing.

    `provider_id` is kept the first time it is told. Raises Message.DoesNotExist.
    """
    message, conversation = locked_with_conversation(actor, message_id)
    if not message.may_become(status):
        return message

    message.status, message.error = status, error[:300]
    message.provider_id = message.provider_id or provider_id
    message.save(update_fields=["status", "error", "provider_id"])
    story = steps.Story(actor)
    story.say(*payloads.message_status(message, conversation, clock.now()))
    if status == Delivery.FAILED:
        story.note_in(conversation, Verb.MESSAGE_FAILED, message, message_id=message.pk, error=message.error)
    story.tell()
    return message


@transaction.atomic(durable=True)
def queue_undelivered() -> int:
    """Queue again what is still pending and has no job: the state is on the row, so a lost job loses no message.

    Works over all tenants, for the schedule; returns how many were looked at. One whose job is alive keeps that job.
    """
    overdue = Message.objects.filter(status=Delivery.PENDING, private=False, created_at__lt=clock.now() - SWEEP_AFTER)
    found = list(overdue.order_by("created_at").only("pk", "tenant_id")[:SWEEP_BATCH])
    for message in found:
        steps.queue_delivery(message)
    return len(found)
