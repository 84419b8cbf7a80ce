"""Who is told of what: a function named after an event returns the letters that tell every stream concerned about it.

The team hears all of it, the customer's widget what is theirs to know, in its own words.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from conversations.models import Contact, Conversation, Inbox, Message, Survey
from conversations.payloads import (
    contact_fields,
    contact_ref,
    conversation_fields,
    failure_of,
    message_shape,
    widget_message_shape,
)
from realtime import events, streams
from realtime.events import Event, Letter


def team_stream(conversation: Conversation) -> str:
    """The stream of everyone on the team who may see the conversation; needs its inbox."""
    if conversation.inbox.restricted:
        return streams.inbox(conversation.tenant_id, conversation.inbox_id)
    return streams.agents(conversation.tenant_id)


def contact_stream(conversation: Conversation) -> str:
    """The stream of the customer's own widget on the site that the conversation came from."""
    return streams.contact(conversation.tenant_id, conversation.contact_id, conversation.inbox_id)


def to_both(conversation: Conversation, event: Event, own: Event | None) -> list[Letter]:
    """One letter to the team, and one to the customer where there is something for them to know and a widget."""
    letters = [Letter(team_stream(conversation), event)]
    if own is not None and conversation.inbox.has_widget:
        letters.append(Letter(contact_stream(conversation), own))
    return letters


def chat_message(message: Message, conversation: Conversation) -> list[Letter]:
    """Tell the team, and the customer if the message is for them."""
    event = events.ChatMessage(
        conversation_id=conversation.pk,
        inbox_id=conversation.inbox_id,
        contact=contact_ref(conversation.contact),
        message=message_shape(message),
    )
    if not message.is_public or not conversation.inbox.has_widget:
        return to_both(conversation, event, None)
    public = widget_message_shape(message, conversation.inbox.token)
    return to_both(conversation, event, events.WidgetMessage(conversation_id=conversation.pk, message=public))


def message_updated(message: Message, conversation: Conversation) -> list[Letter]:
    """Tell the team how a message is now: its words were changed, or its file has come. Needs its parts."""
    event = events.MessageUpdated(conversation_id=conversation.pk, message=message_shape(message))
    return to_both(conversation, event, None)


def message_status(message: Message, conversation: Conversation, moment: datetime) -> list[Letter]:
    """Tell both sides how far a message has come."""
    event = events.MessageStatus(
        message_id=message.pk,
        conversation_id=conversation.pk,
        status=message.status,
        timestamp=moment,
        error=message.error,
        failure=failure_of(message),
    )
    bare = event.model_copy(update={"error": "", "failure": None})
    return to_both(conversation, event, bare if message.is_public else None)


def message_reaction(
    message: Message, conversation: Conversation, *, reaction: str, user_id: int | None, contact_id: int | None
) -> list[Letter]:
    """Tell both sides of a reaction; an empty one was taken back."""
    about = {"message_id": message.pk, "conversation_id": conversation.pk, "reaction": reaction}
    side = "agent" if contact_id is None else "customer"
    event = events.MessageReaction(**about, user_id=user_id, contact_id=contact_id)
    return to_both(conversation, event, events.WidgetReaction(**about, by=side) if message.is_public else None)


def message_deleted(message: Message, conversation: Conversation, moment: datetime) -> list[Letter]:
    """Tell both sides that a message is a tombstone now."""
    about = {"message_id": message.pk, "conversation_id": conversation.pk, "deleted_at": moment}
    event = events.MessageDeleted(**about, deleted_by=message.deleted_by_id)
    return to_both(conversation, event, events.WidgetDeleted(**about) if message.is_public else None)


def message_read(
    conversation: Conversation, *, message_id: int, user_id: int | None, contact_id: int | None, moment: datetime
) -> list[Letter]:
    """Tell the team how far somebody has read; the customer only that the team did."""
    about = {"conversation_id": conversation.pk, "message_id": message_id, "read_at": moment}
    event = events.MessageRead(**about, user_id=user_id, contact_id=contact_id)
    return to_both(conversation, event, None if user_id is None else events.WidgetRead(**about))


def conversation_updated(conversation: Conversation, *, tell_contact: bool = False) -> list[Letter]:
    """Tell the team how the conversation stands now; the customer only when its state changed."""
    previous = events.Standing(**conversation.stood) if conversation.stood else None
    event = events.ConversationUpdated(**conversation_fields(conversation), previous=previous)
    conversation.note_standing()
    status = "open" if conversation.is_open else "closed"
    own = events.WidgetConversation(conversation_id=conversation.pk, status=status) if tell_contact else None
    return to_both(conversation, event, own)


def contact_created(contact: Contact) -> Letter:
    return Letter(streams.agents(contact.tenant_id), events.ContactCreated(**contact_fields(contact)))


def contact_updated(contact: Contact) -> Letter:
    return Letter(streams.agents(contact.tenant_id), events.ContactUpdated(**contact_fields(contact)))


def csat_update(survey: Survey, contact: Contact, moment: datetime, *, tell_agent: bool) -> list[Letter]:
    """Tell those who watch, and the rated agent where `tell_agent` says that they are to hear it on their own."""
    if survey.rating is None:
        raise ValueError("an unanswered survey is no news")
    event = events.CsatUpdate(
        conversation_id=survey.conversation_id,
        survey_id=survey.pk,
        rating=survey.rating,
        feedback=survey.feedback,
        contact_name=contact.label,
        timestamp=moment,
        agent_id=survey.agent_id,
    )
    letters = [Letter(streams.supervisors(survey.tenant_id), event)]
    if survey.agent_id is not None and tell_agent:
        letters.append(Letter(streams.user(survey.tenant_id, survey.agent_id), event))
    return letters


def survey_sent(survey: Survey, conversation: Conversation) -> Letter:
    """Ask in the customer's widget."""
    event = events.WidgetSurvey(conversation_id=conversation.pk, token=survey.token, url=survey.url)
    return Letter(contact_stream(conversation), event)


def session_status(inbox: Inbox, status: str, moment: datetime, reason: str = "") -> Letter:
    """Tell those who watch how an inbox's connection to its provider stands."""
    told: dict[str, Any] = {"status": status, "reason": reason}
    event = events.SessionStatus(session_id=inbox.pk, timestamp=moment, **told)
    return Letter(streams.supervisors(inbox.tenant_id), event)
