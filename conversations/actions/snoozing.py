"""A conversation is put off until a time, and comes back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop
from django.utils.translation import gettext_noop as _

from accounts import clock
from accounts.actor import Actor
from accounts.errors import Refused
from audit.models import Verb
from conversations import letters
from conversations.actions import steps
from conversations.models import Conversation, Status
from jobs import later

SNOOZED = gettext_noop("%(by)s put the conversation off.")
WOKEN = gettext_noop("The conversation is back.")
RESUMED = gettext_noop("%(by)s ended the snooze.")


@transaction.atomic(durable=True)
def snooze(actor: Actor, conversation_id: int, *, until: datetime) -> Conversation:
    """Put an open conversation off until a moment; it wakes by itself, or when the customer writes.

    Raises Conversation.DoesNotExist, ConversationClosed, and Refused("bad_time") for a moment that is not ahead.
    """
    conversation = Conversation.locked(actor, conversation_id)
    conversation.ensure_open()
    if until <= clock.now():
        raise Refused(_("Choose a time that is still ahead."), code="bad_time", attr="until")
    if conversation.status == Status.SNOOZED and conversation.snoozed_until == until:
        return conversation

    conversation.status, conversation.snoozed_until = Status.SNOOZED, until
    conversation.save(update_fields=["status", "snoozed_until"])
    wake_later(conversation)
    story = steps.Story(actor)
    story.say(*steps.line(conversation, "snoozed", SNOOZED, by=actor.name, until=until.isoformat()))
    story.say(*letters.conversation_updated(conversation))
    story.note_in(conversation, Verb.CONVERSATION_SNOOZED, until=until.isoformat())
    story.tell()
    return conversation


def wake_later(conversation: Conversation) -> None:
    """Queue the end of a snooze: one job for each conversation, which looks again if it comes too early."""
    later(
        "conversations.wake",
        conversation.tenant_id,
        conversation.pk,
        run_at=conversation.snoozed_until,
        unique=f"wake:{conversation.pk}",
        tenant_id=conversation.tenant_id,
    )


@transaction.atomic(durable=True)
def wake(actor: Actor, conversation_id: int) -> Conversation:
    """End a snooze whose time has come. One that was put off again meanwhile, or by a clock that is ahead of ours, is
    looked at again when it is due; one that was woken or closed is left as it is.
    """
    conversation = Conversation.locked(actor, conversation_id)
    if conversation.status != Status.SNOOZED or conversation.snoozed_until is None:
        return conversation
    if conversation.snoozed_until > clock.now():
        wake_later(conversation)
        return conversation
    return woken(actor, conversation, WOKEN)


def woken(actor: Actor, conversation: Conversation, text: str) -> Conversation:
    """The common part of a snooze's end, by time or by hand: only a person's hand is named."""
    conversation.wake()
    conversation.save(update_fields=["status", "snoozed_until"])
    story = steps.Story(actor)
    names = {"by": actor.name} if actor.user_id else {}
    story.say(*steps.line(conversation, "woken", text, **names))
    story.say(*letters.conversation_updated(conversation))
    story.note_in(conversation, Verb.CONVERSATION_WOKEN)
    story.tell()
    return conversation
