"""Files that a job fetched from a provider: checked by their content, stored, and shown in their message."""

from __future__ import annotations

import mimetypes
from io import BytesIO

from django.db import transaction

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations import letters
from conversations.actions import steps
from conversations.actions.attachments import Looked, check_size, look, shown_name, store
from conversations.actions.messages import locked_with_conversation
from conversations.errors import TypeMismatch
from conversations.models import Attachment, Conversation, Message
from conversations.providers.base import Fetched

WAITING = "waiting"


@transaction.atomic(durable=True)
def keep_media(actor: Actor, message_id: int, fetched: Fetched, *, name: str = "") -> Message:
    """Store the file of a message that came in; a second time changes nothing.

    What it is says its content, whatever its name promised. Raises Message.DoesNotExist, EmptyFile and FileTooLarge.
    """
    message, conversation = locked_with_conversation(actor, message_id)
    if not waits(message):
        return message
    check_size(actor, len(fetched.content))
    content = BytesIO(fetched.content)
    looked = known(content)
    called = shown_name(
        name or fetched.name or f"{message.message_type}{mimetypes.guess_extension(looked.content_type) or ''}"
    )
    attachment = stored(message, conversation, content, looked, called)
    story = steps.Story(actor)
    tell_media(story, message, conversation, "stored")
    story.note(Verb.ATTACHMENT_UPLOADED, attachment, size=attachment.size, content_type=looked.content_type)
    story.tell()
    return message


@transaction.atomic(durable=True)
def lose_media(actor: Actor, message_id: int) -> Message:
    """Say that the file of a message can't be had. Raises Message.DoesNotExist."""
    message, conversation = locked_with_conversation(actor, message_id)
    if not waits(message):
        return message
    story = steps.Story(actor)
    tell_media(story, message, conversation, "lost")
    story.tell()
    return message


def waits(message: Message) -> bool:
    media = message.metadata.get("media", {})
    return media.get("state") == WAITING and message.deleted_at is None


def known(content: BytesIO) -> Looked:
    """What the content is; a picture that nobody can read is a file like any other."""
    try:
        return look("", content)
    except TypeMismatch:
        return Looked("application/octet-stream")


def stored(message: Message, conversation: Conversation, content: BytesIO, looked: Looked, name: str) -> Attachment:
    size = content.seek(0, 2)
    return Attachment.objects.create(
        tenant_id=message.tenant_id,
        inbox_id=message.inbox_id,
        conversation=conversation,
        message=message,
        sender_key=message.sender_key,
        key=store(message.tenant_id, content),
        name=name,
        content_type=looked.content_type,
        size=size,
        width=looked.width,
        height=looked.height,
        created_at=clock.now(),
    )


def tell_media(story: steps.Story, message: Message, conversation: Conversation, state: str) -> None:
    message.metadata = {**message.metadata, "media": {**message.metadata["media"], "state": state}}
    message.save(update_fields=["metadata"])
    shown = Message.with_parts(story.actor).get(pk=message.pk)
    story.say(*letters.message_updated(shown, conversation))
