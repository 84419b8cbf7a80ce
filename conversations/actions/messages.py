"""What the team does with messages: send, delete, react."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import clock
from accounts.actor import Actor, Origin
from accounts.models import User
from accounts.permissions import allowed
from audit.models import Verb
from conversations import letters
from conversations.actions import echoing, outgoing, steps
from conversations.errors import EmptyMessage, NotYourMessage
from conversations.models import (
    Attachment,
    Conversation,
    Delivery,
    Kind,
    Message,
    Reaction,
    ReplyTime,
    Sender,
    store_reply,
)
from realtime.publish import publish


@transaction.atomic(durable=True)
def send_message(
    actor: Actor,
    conversation_id: int,
    *,
    content: str,
    message_type: str = "text",
    private: bool = False,
    client_message_id: str = "",
    reply_to: int | None = None,
    metadata: Mapping[str, Any] | None = None,
    attachments: Sequence[int] = (),
) -> tuple[Message, bool]:
    """Store an agent's reply or note, show it to everyone who may see the conversation, and queue its delivery.

    Returns the message and whether it is new. `client_message_id` is chosen by the client; the same one again, by the
    same sender in the same conversation, returns the first message and publishes nothing, whatever the body. A reply to
    a conversation that nobody owns makes its author the owner.

    Raises Conversation.DoesNotExist (another tenant's, or gone), ConversationClosed (notes are welcome even then),
    EmptyMessage, UnknownReference for `reply_to` and `attachments`, and what `outgoing.prepared` refuses.
    """
    conversation = Conversation.locked(actor, conversation_id)
    if earlier := earlier_message(actor, conversation, client_message_id):
        return earlier, False
    if not private:
        conversation.ensure_open()
    files = steps.claimed_files(actor, conversation, attachments, actor.key)
    message = drafted(actor, conversation, files, content, message_type=message_type, private=private, given=metadata)
    message.client_message_id = client_message_id
    message.reply_to = steps.referenced_message(actor, conversation, reply_to)
    note_reply(actor, conversation, message)
    store_reply(message, conversation)
    steps.bind_files(files, message)
    if not private:
        steps.queue_delivery(message)
    verb = Verb.NOTE_ADDED if private else Verb.MESSAGE_SENT
    logged = steps.audited(actor, verb, conversation, message, message_id=message.pk, message_type=message.message_type)
    publish(
        *letters.chat_message(message, conversation),
        *letters.conversation_updated(conversation),
        logged,
    )
    return message, True


def drafted(
    actor: Actor,
    conversation: Conversation,
    files: Sequence[Attachment],
    content: str,
    *,
    message_type: str,
    private: bool,
    given: Mapping[str, Any] | None,
) -> Message:
    """The member's message, not stored yet, in the form in which the inbox's channel takes it; `given` is its metadata.

    Raises EmptyMessage and what `outgoing.prepared` refuses.
    """
    metadata: dict[str, Any] = dict(given or {})
    # A place or a template says what it says in its metadata; whatever it calls itself, nothing at all is no message.
    if not (content.strip() or files or (metadata and message_type != Kind.TEXT)):
        raise EmptyMessage
    if not private:
        content, metadata = outgoing.prepared(
            conversation, content=content, message_type=message_type, metadata=metadata, files=files
        )
    return Message(
        tenant_id=actor.tenant_id,
        conversation=conversation,
        inbox_id=conversation.inbox_id,
        sender_type=steps.type_of_sender.get(actor.role, Sender.AGENT),
        sender_user=author(actor),
        sender_key=actor.key,
        content=content,
        message_type=steps.kind_of(message_type, files),
        status=Delivery.DELIVERED if private else Delivery.PENDING,
        private=private,
        metadata=metadata,
    )


def earlier_message(actor: Actor, conversation: Conversation, client_message_id: str) -> Message | None:
    """The message that a client's repeat means; its own lock on the conversation makes the look reliable."""
    return Message.repeated(actor, conversation.pk, client_message_id) if client_message_id else None


def author(actor: Actor) -> User | None:
    """The acting user as far as a message shows them, without asking the database for what the actor brings along."""
    if actor.user_id is None:
        return None
    return User(pk=actor.user_id, username=actor.username, first_name=actor.name, avatar_url=actor.avatar_url)


def note_reply(actor: Actor, conversation: Conversation, message: Message) -> None:
    """Bring the conversation up to date with what the team is about to say, unsaved.

    A person's public reply ends the customer's wait (its length is kept as a ReplyTime, credited to the sender), makes
    the conversation answered and, where nobody owned it, the sender its owner. Notes and bots change only the preview.
    """
    conversation.show_last(message)
    if message.is_public and message.sender_type == Sender.AGENT:
        if conversation.waiting_since is not None:
            keep_reply_time(conversation, message)
        if conversation.assignee_id is None:
            conversation.give_to(actor.user_id)
        conversation.waiting_since = None
        conversation.first_replied_at = conversation.first_replied_at or message.created_at
        conversation.answered = True
        conversation.settle()


def keep_reply_time(conversation: Conversation, message: Message) -> None:
    """Keep how long this turn of the customer waited, in seconds."""
    if conversation.waiting_since is None or message.sender_user_id is None:
        raise ValueError("only a person's reply to somebody who waits has a reply time")
    first = conversation.first_replied_at is None
    ReplyTime.objects.create(
        tenant_id=conversation.tenant_id,
        conversation=conversation,
        user_id=message.sender_user_id,
        turn=ReplyTime.Turn.FIRST if first else ReplyTime.Turn.NEXT,
        waited_from=conversation.waiting_since,
        replied_at=message.created_at,
        seconds=max(0.0, (message.created_at - conversation.waiting_since).total_seconds()),
    )


def locked_with_conversation(actor: Actor, message_id: int) -> tuple[Message, Conversation]:
    """A message and its conversation, both locked, the conversation first as the lock order has it."""
    found = Message.visible_to(actor).only("conversation_id").get(pk=message_id)
    conversation = Conversation.locked(actor, found.conversation_id)
    return Message.locked(actor, message_id), conversation


@transaction.atomic(durable=True)
def delete_message(actor: Actor, message_id: int) -> Message:
    """Turn a message into a tombstone: its text and files are gone, its place and the audit's record stay.

    A second time changes nothing. Raises Message.DoesNotExist, and NotYourMessage for anybody but its author and
    supervisors.
    """
    message, conversation = locked_with_conversation(actor, message_id)
    if message.sender_key != actor.key and not allowed(actor, "message.delete_any"):
        raise NotYourMessage
    if message.deleted_at is not None:
        return message

    moment, length = clock.now(), len(message.content)
    entomb(message, actor, moment)
    if actor.contact_id is None and actor.origin is not Origin.WEBHOOK:
        echoing.deletion(message, conversation)
    told = letters.message_deleted(message, conversation, moment)
    if conversation.last_message_id == message.pk:
        conversation.last_message = ""
        conversation.save(update_fields=["last_message"])
        told += letters.conversation_updated(conversation)
    logged = steps.audited(
        actor,
        Verb.MESSAGE_DELETED,
        conversation,
        message,
        message_id=message.pk,
        sender=message.sender_key,
        length=length,
    )
    publish(*told, logged)
    return message


def entomb(message: Message, actor: Actor, moment: datetime) -> None:
    """Take away what it said, its files and its reactions."""
    message.content, message.metadata = "", {}
    message.deleted_at, message.deleted_by_id = moment, actor.user_id
    message.save(update_fields=["content", "metadata", "deleted_at", "deleted_by"])
    Attachment.objects.filter(message=message).update(deleted_at=moment)
    Reaction.objects.filter(message=message).delete()


@transaction.atomic(durable=True)
def react(actor: Actor, message_id: int, reaction: str, *, stamp: str = "") -> Message:
    """Set the actor's one reaction to a message; an empty one takes it back. The same again changes nothing, nor does
    one whose `stamp` (ISO 8601, when a provider tells it) is older than the last one's.

    A reaction never reopens, never counts as an answer and never starts a wait. Raises Message.DoesNotExist.
    """
    message, conversation = locked_with_conversation(actor, message_id)
    mine = Reaction.objects.filter(message=message, sender_key=actor.key).first()
    if message.deleted_at is not None or (stamp and message.is_overtaken(actor.key, stamp)):
        return message
    if (mine.reaction if mine else "") == reaction:
        return message

    if mine:
        mine.delete()
    if reaction:
        Reaction.objects.create(
            tenant_id=actor.tenant_id,
            message=message,
            sender_key=actor.key,
            user_id=actor.user_id,
            contact_id=actor.contact_id,
            reaction=reaction,
        )
    if actor.contact_id is None:
        echoing.reaction(message, conversation)
    logged = steps.audited(actor, Verb.MESSAGE_REACTED, conversation, message, message_id=message.pk, reaction=reaction)
    told = letters.message_reaction(
        message, conversation, reaction=reaction, user_id=actor.user_id, contact_id=actor.contact_id
    )
    publish(*told, logged)
    return message
