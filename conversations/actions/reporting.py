"""What providers report of messages: how far ours have come, and what customers did to theirs afterwards."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction

from accounts import clock
from accounts.actor import Actor, Origin
from audit.models import Verb
from conversations import letters
from conversations.actions import steps
from conversations.actions.delivery import moved
from conversations.actions.messages import locked_with_conversation
from conversations.errors import NotThereYet
from conversations.models import Conversation, Delivery, Message, SendAttempt

REACHED = (Delivery.DELIVERED, Delivery.READ)
MOST_EDITS = 20


@transaction.atomic(durable=True)
def report_status(
    actor: Actor, inbox_id: int, *, provider_id: str, status: Delivery, error: str = "", our_id: str = ""
) -> Message:
    """Raise the state of the message that the provider calls so, or that bears our number; old news changes nothing.

    A message of which we did not know whether the provider has it is found by our number, and is certain from now on.
    Raises NotThereYet for one that nobody here has sent, or whose call has not come back.
    """
    found, is_this_try = reported(actor, inbox_id, provider_id, our_id)
    message, conversation = locked_with_conversation(actor, found)
    if not is_this_try and status not in REACHED:
        return message
    if not message.provider_id:
        message.provider_id = provider_id
        message.save(update_fields=["provider_id"])
    was_uncertain = message.status == Delivery.FAILED and is_uncertain(message)
    # Of an uncertain one either word is news: the provider has it, and brought it on its way or not.
    if not message.may_become(status) and not (was_uncertain and status in (Delivery.SENT, Delivery.FAILED)):
        return message
    certain(message, provider_id)
    tell_status(actor, message, conversation, status, error, anew=was_uncertain)
    return message


def reported(actor: Actor, inbox_id: int, provider_id: str, our_id: str) -> tuple[int, bool]:
    """The message's number, and whether the report is of its latest try: an earlier one's failure is no news."""
    rows = Message.visible_to(actor).filter(inbox_id=inbox_id)
    if found := rows.filter(provider_id=provider_id).values_list("pk", flat=True).first():
        return found, True
    number = re.fullmatch(r"m(\d{1,18})", our_id)
    ours = rows.filter(pk=int(number[1]), sender_type__in=["agent", "bot"]).first() if number else None
    if ours is None:
        raise NotThereYet
    earlier = SendAttempt.objects.filter(message=ours, provider_id=provider_id).exists()
    return ours.pk, not earlier and not ours.provider_id


def is_uncertain(message: Message) -> bool:
    last = message.attempts.order_by("-pk").first()
    return last is not None and last.state == SendAttempt.State.UNCERTAIN


def certain(message: Message, provider_id: str) -> None:
    """The provider speaks of it, so it has it: a try that never ended has ended well."""
    open_tries = message.attempts.filter(state__in=[SendAttempt.State.CALLING, SendAttempt.State.UNCERTAIN])
    open_tries.update(state=SendAttempt.State.TAKEN, provider_id=provider_id, ended_at=clock.now())


def tell_status(
    actor: Actor, message: Message, conversation: Conversation, status: Delivery, error: str, *, anew: bool
) -> None:
    """Write the state and tell it. From a failure that was none, screens go by `pending`: states only rise for them."""
    story = moved(actor, message, conversation, Delivery.PENDING) if anew else steps.Story(actor)
    story.say(*moved(actor, message, conversation, status, error).letters)
    if status == Delivery.FAILED:
        story.note_in(conversation, Verb.MESSAGE_FAILED, message, message_id=message.pk, error=message.error)
    story.tell()


def may_edit(actor: Actor, message: Message) -> bool:
    """Customers change what they wrote; a gateway tells what was made of the team's messages on the phone."""
    by_phone = actor.origin is Origin.WEBHOOK and actor.contact_id is None
    return message.is_public and not message.from_contact if by_phone else message.sender_key == actor.key


@transaction.atomic(durable=True)
def edit_message(actor: Actor, message_id: int, *, content: str, edit_id: str, stamp: str) -> Message:
    """Take over what the acting customer made of their message, or the phone of one of the team's. What it said before
    is kept for the team.

    `stamp` is the moment of the edit (ISO 8601); one that is older than the last, or was taken over already, changes
    nothing. Raises Message.DoesNotExist.
    """
    message, conversation = locked_with_conversation(actor, message_id)
    edits: list[dict[str, Any]] = message.metadata.get("edits", [])
    known = edit_id in [one["id"] for one in edits] or any(stamp and one["stamp"] > stamp for one in edits)
    if known or message.deleted_at is not None or not may_edit(actor, message):
        return message
    before = {"id": edit_id, "stamp": stamp, "content": message.content, "at": clock.now().isoformat()}
    message.metadata = {**message.metadata, "edits": [*edits, before][-MOST_EDITS:]}
    message.content = content
    message.save(update_fields=["content", "metadata"])
    story = steps.Story(actor)
    story.say(*letters.message_updated(Message.with_parts(actor).get(pk=message.pk), conversation))
    if conversation.last_message_id == message.pk:
        conversation.show_last(message)
        conversation.save(update_fields=["last_message"])
        story.say(*letters.conversation_updated(conversation))
    story.note_in(conversation, Verb.MESSAGE_EDITED, message, message_id=message.pk)
    story.tell()
    return message
