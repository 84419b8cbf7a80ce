"""What the team writes on the phone itself, beside the product: it appears as the team's, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations import letters
from conversations.actions import echoing, parking, steps
from conversations.actions.inbound import Written, answered, await_file, begin_for_contact, crossing, opened
from conversations.actions.messages import locked_with_conversation
from conversations.actions.reporting import certain, tell_status
from conversations.errors import NotThereYet
from conversations.models import (
    Between,
    Contact,
    Conversation,
    Delivery,
    Inbox,
    Message,
    Reaction,
    SendAttempt,
    Sender,
)
from realtime.events import Letter

SENDER = "phone"
# So long ago a call may have been made of whose end we know nothing.
UNCERTAIN_FOR = timedelta(minutes=10)


@transaction.atomic(durable=True)
def record_from_phone(actor: Actor, inbox_id: int, written: Written) -> tuple[Message, bool]:
    """Store what somebody of the team sent to a customer by the phone; returns the message and whether it is new.

    Gateways tell of what we sent ourselves in the same words: that is known by its id, or is the message of a call
    whose end we never heard. Raises NotThereYet while a call is under way, whose message it may be, and Crossed.
    """
    inbox = Inbox.in_use(actor, inbox_id)
    story, moment = steps.Story(actor), clock.now()
    known, earlier = opened(story, inbox, written, moment)
    if ours := earlier or being_sent(actor, inbox, known.contact, written, moment):
        return ours, False
    with crossing():
        message = store(story, known, written, moment)
    story.tell()
    return message, True


@transaction.atomic(durable=True)
def react_on_phone(actor: Actor, message_id: int, reaction: str, *, stamp: str = "") -> Message:
    """Take over the team's reaction as the phone shows it: a customer sees one of the team's, whoever made it. An empty
    one takes it back; the echo of what was made here changes nothing, nor does one whose `stamp` (ISO 8601) is older
    than the last one's. Raises Message.DoesNotExist.
    """
    message, conversation = locked_with_conversation(actor, message_id)
    if stamp and message.is_overtaken(SENDER, stamp):
        return message
    if message.deleted_at is not None or message.our_reaction() == reaction or echoing.is_echo(message):
        return message
    story = steps.Story(actor)
    ours = Reaction.objects.filter(message=message, contact__isnull=True)
    for mark in ours.exclude(sender_key=SENDER) if reaction else ours:
        story.say(*told(message, conversation, "", mark.user_id))
    ours.delete()
    if reaction:
        Reaction.objects.create(tenant_id=actor.tenant_id, message=message, sender_key=SENDER, reaction=reaction)
        story.say(*told(message, conversation, reaction))
    marks: dict[str, Any] = {"reaction": reaction, "from_phone": True}
    story.note_in(conversation, Verb.MESSAGE_REACTED, message, message_id=message.pk, **marks)
    story.tell()
    return message


def told(message: Message, conversation: Conversation, reaction: str, user_id: int | None = None) -> list[Letter]:
    return letters.message_reaction(message, conversation, reaction=reaction, user_id=user_id, contact_id=None)


def being_sent(actor: Actor, inbox: Inbox, contact: Contact, written: Written, moment: datetime) -> Message | None:
    """The message of ours that this is the echo of, certain from now on."""
    theirs = SendAttempt.objects.filter(inbox=inbox, message__conversation__contact=contact, message__provider_id="")
    if theirs.filter(state=SendAttempt.State.CALLING).exists():
        raise NotThereYet
    lost = theirs.filter(state=SendAttempt.State.UNCERTAIN, started_at__gt=moment - UNCERTAIN_FOR)
    same = lost.filter(Q(message__content=written.content) | ~Q(message__message_type="text"))
    found = same.filter(message__message_type=written.message_type).order_by("-pk").first()
    if found is None:
        return None
    conversation = Conversation.locked(actor, found.message.conversation_id)
    message = Message.locked(actor, found.message_id)
    message.provider_id = written.external_id
    message.save(update_fields=["provider_id"])
    certain(message, written.external_id)
    tell_status(actor, message, conversation, Delivery.SENT, "", anew=message.status == Delivery.FAILED)
    return message


def store(story: steps.Story, known: Between, written: Written, moment: datetime) -> Message:
    """Put the message into the contact's conversation, closed or not: it answers nobody's question anew."""
    inbox = known.inbox
    conversation = known.conversation or begin_for_contact(story, inbox, known.contact, moment)
    message = Message(
        tenant_id=inbox.tenant_id,
        conversation=conversation,
        inbox=inbox,
        sender_type=Sender.AGENT,
        sender_key=SENDER,
        content=written.content,
        message_type=written.message_type,
        status=Delivery.SENT,
        provider_id=written.external_id,
        reply_to=answered(story.actor, conversation, written),
        metadata={**written.metadata, "from_phone": True},
        created_at=moment,
    )
    message.save(force_insert=True)
    message.knows_parts()
    conversation.show_last(message)
    conversation.waiting_since = None
    conversation.first_replied_at = conversation.first_replied_at or moment
    conversation.answered = True
    conversation.settle()
    conversation.save()
    await_file(message, written)
    if known.is_awaited:
        parking.release(inbox, written.external_id)
    story.say(*letters.chat_message(message, conversation), *letters.conversation_updated(conversation))
    story.note_in(conversation, Verb.MESSAGE_SENT, message, message_id=message.pk, from_phone=True)
    return message
