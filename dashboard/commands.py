"""What the dashboard's socket does for a command: check the right, call one action, answer.

Plain synchronous functions of (actor, command); they run in the sockets' own threads. `join`, `leave` and `presence`
are about the socket itself and live with the consumer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.permissions import require
from conversations import actions
from conversations.models import Contact, Conversation, Kind, Message, Sender
from conversations.payloads import message_shape
from conversations.serializers import checked_reaction
from conversations.typing import show_typing
from realtime import commands
from realtime.events import Event, MessageSent, SyncData

MOST_SYNCED = 100
Handler = Callable[[Actor, Any], Event | None]


def send(actor: Actor, command: commands.SendMessage) -> MessageSent:
    """`message`: stored, shown to everyone, answered to this socket by `message_sent`."""
    require(actor, "conversation.reply")
    if command.message_type not in Kind.values:
        raise Refused(_("There is no such message type."), code="invalid_choice", attr="message_type")
    message, _is_new = actions.send_message(
        actor,
        command.conversation_id,
        content=command.content,
        message_type=command.message_type,
        private=command.private,
        client_message_id=command.client_message_id,
        reply_to=command.reply_to,
        attachments=command.attachments,
    )
    return MessageSent(
        message_id=message.pk,
        client_message_id=message.client_message_id,
        conversation_id=message.conversation_id,
        timestamp=message.created_at,
    )


def typing(actor: Actor, command: commands.SetTyping) -> None:
    """`typing`: to the customer and to the colleagues who have the conversation open."""
    require(actor, "conversation.reply")
    conversation = Conversation.visible_to(actor).select_related("inbox").get(pk=command.conversation_id)
    show_typing(actor, conversation, is_typing=command.is_typing, private=command.private)


def read(actor: Actor, command: commands.Read) -> None:
    """`read`: move the actor's read mark."""
    require(actor, "conversation.read")
    actions.mark_read(actor, command.conversation_id, command.message_id)


def sync(actor: Actor, command: commands.Sync) -> SyncData:
    """`sync`: at most 100 messages after the one named; one that is not here gives the latest 100. Oldest first."""
    return synced(actor, command, Message.with_parts(actor))


def sync_public(actor: Actor, command: commands.Sync) -> SyncData:
    """`sync` without notes, lines of the product's own, and tombstones."""
    rows = Message.with_parts(actor).filter(private=False, deleted_at=None)
    return synced(actor, command, rows.exclude(sender_type=Sender.SYSTEM))


def synced(actor: Actor, command: commands.Sync, rows: QuerySet[Message]) -> SyncData:
    """Messages after the one that was named, or the latest where it is unknown: oldest first, MOST_SYNCED at most."""
    require(actor, "conversation.read")
    conversation = Conversation.visible_to(actor).only("pk").get(pk=command.conversation_id)
    rows = rows.filter(conversation=conversation)
    if rows.filter(pk=command.last_message_id).exists():
        found = list(rows.filter(pk__gt=command.last_message_id).order_by("pk")[:MOST_SYNCED])
    else:
        found = list(rows.order_by("-pk")[:MOST_SYNCED])[::-1]
    shapes = [message_shape(message) for message in found]
    return SyncData(conversation_id=conversation.pk, messages=shapes, count=len(shapes))


def react(actor: Actor, command: commands.React) -> None:
    """`react`: set the actor's one reaction, or take it back."""
    require(actor, "message.react")
    actions.react(actor, command.message_id, checked_reaction(command.reaction) if command.reaction else "")


def delete(actor: Actor, command: commands.Delete) -> None:
    """`delete`: turn a message into a tombstone."""
    require(actor, "message.delete")
    actions.delete_message(actor, command.message_id)


def may_join(actor: Actor, conversation_id: int) -> None:
    """Raise Conversation.DoesNotExist unless the actor may see the conversation whose room they want to enter."""
    require(actor, "conversation.read")
    Conversation.visible_to(actor).only("pk").get(pk=conversation_id)


def newest_contact(actor: Actor) -> int:
    """The id of the company's newest customer; 0 if there is none."""
    return Contact.visible_to(actor).order_by("-pk").values_list("pk", flat=True).first() or 0


HANDLERS: dict[str, Handler] = {
    "message": send,
    "typing": typing,
    "read": read,
    "sync": sync,
    "react": react,
    "delete": delete,
}
