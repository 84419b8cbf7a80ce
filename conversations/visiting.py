"""What the widget's socket does for a command: look the visitor's right up, call one action, answer.

Plain synchronous functions of (visitor, ip, command); they run in the sockets' own threads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.permissions import require
from accounts.rates import count
from conversations import actions
from conversations.models import Conversation, Message
from conversations.serializers import checked_reaction
from conversations.typing import show_typing
from conversations.visitors import Visitor
from realtime import commands
from realtime.events import Event, MessageSent

NEW_CONTACTS_AN_HOUR = 60
Handler = Callable[[Visitor, str, Any], Event | None]


def write(visitor: Visitor, ip: str, command: commands.WidgetMessage) -> MessageSent:
    """`message`: stored, shown to the team, answered by `message_sent`; a stranger's first one makes them a contact."""
    actor = visitor.actor(ip=ip)
    require(actor, "widget.chat")
    is_new = visitor.contact is None
    if is_new:
        count("widget-contact", ip, most=NEW_CONTACTS_AN_HOUR, seconds=3600)
    written = actions.Written(
        identifier=visitor.identifier,
        content=command.content,
        # Later on the team may have corrected these: only a stranger's are news.
        name=visitor.name if is_new else "",
        email=visitor.email if is_new else "",
        verified=visitor.verified,
        client_message_id=command.client_message_id,
        reply_to=command.reply_to,
        attachments=command.attachments,
        upload_key=visitor.upload_key,
    )
    message, _ = actions.receive_message(actor, visitor.inbox.pk, written)
    return MessageSent(
        message_id=message.pk,
        client_message_id=message.client_message_id,
        conversation_id=message.conversation_id,
        timestamp=message.created_at,
    )


def typing(visitor: Visitor, ip: str, command: commands.WidgetTyping) -> None:
    """`typing`: to everyone who may see the conversation; before there is one, to nobody."""
    actor = visitor.actor(ip=ip)
    require(actor, "widget.chat")
    theirs = Conversation.visible_to(actor).filter(inbox=visitor.inbox).select_related("inbox")
    conversation = Conversation.current(theirs).first()
    if conversation is not None and conversation.is_open:
        show_typing(actor, conversation, is_typing=command.is_typing, preview=command.preview)


def read(visitor: Visitor, ip: str, command: commands.WidgetRead) -> None:
    """`read`: the visitor has seen everything up to this message."""
    actor = visitor.actor(ip=ip)
    require(actor, "widget.chat")
    message = own_message(visitor, command.message_id)
    actions.mark_read(actor, message.conversation_id, message.pk)


def received(visitor: Visitor, ip: str, command: commands.WidgetReceived) -> None:
    """`received`: the widget has got everything up to this message."""
    actor = visitor.actor(ip=ip)
    require(actor, "widget.chat")
    message = own_message(visitor, command.message_id)
    actions.mark_received(actor, message.conversation_id, message.pk)


def react(visitor: Visitor, ip: str, command: commands.React) -> None:
    """`react`: set the visitor's one reaction, or take it back."""
    actor = visitor.actor(ip=ip)
    require(actor, "widget.chat")
    message = own_message(visitor, command.message_id)
    actions.react(actor, message.pk, checked_reaction(command.reaction) if command.reaction else "")


def own_message(visitor: Visitor, message_id: int) -> Message:
    """A public message of this visitor in this inbox; raises Message.DoesNotExist for any other."""
    return Message.visible_to(visitor.actor()).filter(inbox=visitor.inbox).only("conversation_id").get(pk=message_id)


HANDLERS: dict[str, Handler] = {
    "read": read,
    "received": received,
    "react": react,
}
