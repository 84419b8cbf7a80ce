"""Read marks: how far the team, and the customer, have read."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import clock
from accounts.actor import Actor, Role
from conversations import letters
from conversations.actions import echoing, steps
from conversations.models import Conversation, Delivery, Inbox, Message, ReadMark, Sender
from jobs import later


@transaction.atomic(durable=True)
def mark_read(actor: Actor, conversation_id: int, message_id: int | None = None) -> Conversation:
    """Note that the actor has read everything up to a message (None: the newest). A mark never moves back.

    An agent's mark lowers the conversation's unread count; the customer's turns the team's messages to `read`. Nothing
    is written in the audit: reading changes nothing for anybody else.

    An id beyond the newest message means that one. Raises Conversation.DoesNotExist, and Message.DoesNotExist for a
    message of another conversation.
    """
    conversation = Conversation.locked(actor, conversation_id)
    newest = message_to_mark(actor, conversation, message_id)
    if newest is None or not move_mark(actor, conversation, newest):
        return conversation

    story = steps.Story(actor)
    moment = clock.now()
    story.say(
        *letters.message_read(
            conversation, message_id=newest, user_id=actor.user_id, contact_id=actor.contact_id, moment=moment
        )
    )
    if actor.role is Role.CONTACT:
        reached_contact(story, conversation, newest, Delivery.READ)
    else:
        read_by_team(story, conversation, newest)
        echoing.read(conversation)
    story.tell()
    return conversation


def message_to_mark(actor: Actor, conversation: Conversation, message_id: int | None) -> int | None:
    """The message named, if the actor sees it here; the newest if none is named, or one that is not written yet."""
    visible = Message.visible_to(actor)
    here = visible.filter(conversation=conversation)
    if message_id is not None and (found := here.filter(pk=message_id).only("pk").first()):
        return found.pk
    newest = here.order_by("-pk").values_list("pk", flat=True).first()
    if message_id is None or (
        newest is not None and message_id > newest and not visible.filter(pk=message_id).exists()
    ):
        return newest
    raise Message.DoesNotExist


def move_mark(actor: Actor, conversation: Conversation, message_id: int) -> bool:
    """Move the actor's own mark forward; False if it stood there, or further, already."""
    mark, is_new = ReadMark.objects.get_or_create(
        conversation=conversation,
        sender_key=actor.key,
        defaults={
            "tenant_id": actor.tenant_id,
            "user_id": actor.user_id,
            "message_id": message_id,
            "read_at": clock.now(),
        },
    )
    if not is_new and mark.message_id < message_id:
        mark.message_id, mark.read_at = message_id, clock.now()
        mark.save(update_fields=["message_id", "read_at"])
        return True
    return is_new


def read_by_team(story: steps.Story, conversation: Conversation, message_id: int) -> None:
    """Count what the contact wrote after the newest mark of any agent."""
    if message_id <= conversation.read_up_to:
        return
    later_ones = Message.objects.filter(conversation=conversation, sender_type=Sender.CONTACT, pk__gt=message_id)
    conversation.read_up_to = message_id
    conversation.unread_count = later_ones.count()
    conversation.save(update_fields=["read_up_to", "unread_count"])
    story.say(*letters.conversation_updated(conversation))


@transaction.atomic(durable=True)
def mark_received(actor: Actor, conversation_id: int, message_id: int) -> None:
    """Note that the acting customer's widget has got everything of the team's up to a message, seen or not.

    A second time, and after it was read, changes nothing. Raises Conversation.DoesNotExist.
    """
    conversation = Conversation.locked(actor, conversation_id)
    story = steps.Story(actor)
    reached_contact(story, conversation, message_id, Delivery.DELIVERED)
    story.tell()


def reached_contact(story: steps.Story, conversation: Conversation, message_id: int, status: Delivery) -> None:
    """Everything of the team's up to here has been delivered, or read: each message that this is news of says so."""
    messages = list(Message.unread_by_contact(conversation, message_id).exclude(status=status))
    for message in messages:
        message.status, message.error, message.failure = status, "", {}
        story.say(*letters.message_status(message, conversation, clock.now()))
    Message.objects.bulk_update(messages, ["status", "error", "failure"])


@transaction.atomic(durable=True)
def show_writing(actor: Actor, conversation_id: int, *, is_typing: bool = True) -> bool:
    """Have the customer's provider show that somebody answers, or no more; whether the inbox wants it.

    Raises Conversation.DoesNotExist.
    """
    conversation = Conversation.with_parts(actor).select_related("inbox__account").get(pk=conversation_id)
    if not conversation.inbox.account.config.get("send_typing") or not conversation.may_be_answered(clock.now()):
        return False
    (echoing.typing if is_typing else echoing.silence)(conversation)
    return True


@transaction.atomic(durable=True)
def listen(actor: Actor, inbox_id: int, contact_id: int) -> None:
    """Have the inbox's provider tell from now on that a contact writes. Raises Inbox.DoesNotExist."""
    inbox = Inbox.visible_to(actor).get(pk=inbox_id)
    key = f"listen:{inbox.pk:012}:{contact_id:012}"
    later("conversations.listen", inbox.tenant_id, inbox.pk, contact_id, unique=key, tenant_id=inbox.tenant_id)


@transaction.atomic(durable=True)
def await_silence(actor: Actor, conversation_id: int, *, private: bool, moment: datetime) -> None:
    """Have it looked at `moment` whether somebody who said so by a request still writes."""
    later(
        "conversations.end_typing",
        actor.tenant_id,
        conversation_id,
        actor.user_id,
        private,
        unique=f"end-typing:{conversation_id:012}:{actor.key}",
        tenant_id=actor.tenant_id,
        run_at=moment,
    )
