"""Files that a job fetched from a provider: checked by their content, stored, and shown in their message."""

from __future__ import annotations

import mimetypes
from io import BytesIO

from django.db import transaction

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations import letters
from conversations.actions import steps, storing
from conversations.actions.attachments import Looked, check_size, look, new_key, shown_name
from conversations.actions.messages import locked_with_conversation
from conversations.errors import TypeMismatch
from conversations.models import Attachment, Conversation, Message
from conversations.providers.base import Fetched

WAITING = "waiting"


def keep_media(actor: Actor, message_id: int, fetched: Fetched, *, name: str = "") -> Message:
    """Store the file of a message that came in; a second time changes nothing.

    What it is says its content, whatever its name promised. Raises Message.DoesNotExist, EmptyFile and FileTooLarge.
    """
    check_size(actor, len(fetched.content))
    content = BytesIO(fetched.content)
    looked = known(content)
    draft = Attachment(
        tenant_id=actor.tenant_id, name=name or fetched.name, size=len(fetched.content), **looked._asdict()
    )
    with storing.written(new_key(actor.tenant_id), content) as file:
        return add_media(actor, message_id, draft, file)


@transaction.atomic(durable=True)
def add_media(actor: Actor, message_id: int, draft: Attachment, file: storing.Stored) -> Message:
    """Show the file of a message whose bytes lie there, unless it has one. Raises Message.DoesNotExist."""
    message, conversation = locked_with_conversation(actor, message_id)
    if not waits(message):
        return message
    bind(draft, message, conversation, file)
    story = steps.Story(actor)
    tell_media(story, message, conversation, "stored")
    story.note(Verb.ATTACHMENT_UPLOADED, draft, size=draft.size, content_type=draft.content_type)
    story.tell()
    return message


def bind(draft: Attachment, message: Message, conversation: Conversation, file: storing.Stored) -> None:
    """Make the file the message's own; one that came without a name is called after what it is."""
    ending = mimetypes.guess_extension(draft.content_type) or ""
    draft.name = shown_name(draft.name or f"{message.message_type}{ending}")
    draft.inbox_id, draft.conversation, draft.message = message.inbox_id, conversation, message
    draft.sender_key, draft.key, draft.created_at = message.sender_key, file.key, clock.now()
    draft.save(force_insert=True)
    file.is_named = True


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
    """Whether its file is still to come."""
    media = message.metadata.get("media", {})
    return media.get("state") == WAITING and message.deleted_at is None


def known(content: BytesIO) -> Looked:
    """What the content is; a picture that nobody can read is a file like any other."""
    try:
        return look("", content)
    except TypeMismatch:
        return Looked("application/octet-stream")


def tell_media(story: steps.Story, message: Message, conversation: Conversation, state: str) -> None:
    """Note how the fetching of a message's file stands, and show it."""
    message.metadata = {**message.metadata, "media": {**message.metadata["media"], "state": state}}
    message.save(update_fields=["metadata"])
    shown = Message.with_parts(story.actor).get(pk=message.pk)
    story.say(*letters.message_updated(shown, conversation))
