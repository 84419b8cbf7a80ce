"""The one shape of each thing: what REST, frames and snapshots show is built here.

A function named after a thing plus `_data` returns the dict that REST answers with, one with `_shape` or `_fields` what
frames hold. Rows must come with what they need loaded (`Message.with_parts`, `Conversation.with_parts`): nothing here
asks the database for more than is said.
"""

from __future__ import annotations

from typing import Any, Literal, cast

from accounts.models import User
from conversations.models import Attachment, Contact, Conversation, Message, Reaction, Sender, Survey
from conversations.shapes import RatingData
from realtime import events

Side = Literal["team", "widget"]
SENDER_WORD = {Sender.CONTACT: "customer", Sender.AGENT: "agent", Sender.BOT: "bot", Sender.SYSTEM: "system"}


def contact_ref(contact: Contact) -> events.ContactRef:
    return events.ContactRef(id=contact.pk, name=contact.label, phone=contact.phone, avatar_url=contact.avatar_url)


def contact_fields(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.pk,
        "tenant_id": contact.tenant_id,
        "name": contact.name,
        "phone": contact.phone,
        "email": contact.email,
        "avatar_url": contact.avatar_url,
        "identifier": str(contact.metadata.get("identifier", "")),
        "verified": contact.verified,
        "metadata": contact.metadata,
        "created_at": contact.created_at,
        "last_seen_at": contact.last_seen_at,
    }


def contact_data(contact: Contact) -> dict[str, Any]:
    """A contact as REST and `contact_updated` show it."""
    return events.ContactUpdated(**contact_fields(contact)).data()


def person_of(user: User, *, side: Side = "team") -> events.Person:
    """A colleague by name; to a customer without the id."""
    return events.Person(id=user.pk if side == "team" else None, name=user.name, avatar_url=user.avatar_url)


def author_of(message: Message, *, side: Side = "team") -> events.Person | None:
    """Who wrote it; null for the product's own lines. Needs sender_user and sender_contact."""
    if message.sender_user is not None:
        return person_of(message.sender_user, side=side)
    if message.sender_contact is not None:
        contact = message.sender_contact
        return events.Person(id=contact.pk, name=contact.label, avatar_url=contact.avatar_url)
    return None


def attachment_shape(attachment: Attachment, *, prefix: str = "/api/v1") -> events.AttachmentData:
    return events.AttachmentData(
        id=attachment.pk,
        name=attachment.name,
        content_type=attachment.content_type,
        size=attachment.size,
        width=attachment.width,
        height=attachment.height,
        url=f"{prefix}/attachments/{attachment.pk}/file",
    )


def attachment_data(attachment: Attachment) -> dict[str, Any]:
    return attachment_shape(attachment).model_dump(mode="json")


def quote_of(message: Message, *, side: Side) -> events.ReplyRef | None:
    """What a reply quotes; a customer never sees a quoted note."""
    quoted = message.reply_to
    if quoted is None or (side == "widget" and not quoted.is_public):
        return None
    return events.ReplyRef(
        id=quoted.pk,
        content="" if quoted.deleted_at else quoted.content[:200],
        sender=SENDER_WORD[Sender(quoted.sender_type)],
        author=author_of(quoted, side=side),
        message_type=quoted.message_type,
    )


def reaction_shape(reaction: Reaction, *, side: Side) -> events.ReactionData:
    user_id = reaction.user_id if side == "team" else None
    return events.ReactionData(reaction=reaction.reaction, user_id=user_id, contact_id=reaction.contact_id)


def failure_of(message: Message) -> events.FailureData | None:
    """Why a message failed, for whoever tells it in another language than English."""
    return events.FailureData(**message.failure) if message.failure else None


def message_shape(message: Message, *, side: Side = "team", prefix: str = "/api/v1") -> events.MessageData:
    """A message for the team or for the customer's widget."""
    gone = message.deleted_at is not None
    team = side == "team"
    quoted = quote_of(message, side=side)
    return events.MessageData(
        id=message.pk,
        conversation_id=message.conversation_id,
        sender_type=cast(Any, str(message.sender_type)),
        sender=cast(Any, SENDER_WORD[Sender(message.sender_type)]),
        author=author_of(message, side=side),
        content="" if gone else message.content,
        message_type=message.message_type,
        status=message.status,
        error=message.error if team else "",
        failure=failure_of(message) if team else None,
        private=message.private,
        client_message_id=message.client_message_id if team or message.from_contact else "",
        reply_to=message.reply_to_id if team or quoted else None,
        quoted=quoted,
        attachments=[] if gone else [attachment_shape(file, prefix=prefix) for file in message.attachments.all()],
        reactions=[] if gone else [reaction_shape(mark, side=side) for mark in message.reactions.all()],
        metadata=message.metadata if team else {},
        created_at=message.created_at,
        timestamp=message.created_at,
        deleted_at=message.deleted_at,
        deleted_by=message.deleted_by_id if team else None,
    )


def message_data(message: Message) -> dict[str, Any]:
    """A message as REST, frames and snapshots show it to the team."""
    return message_shape(message).model_dump(mode="json")


def widget_prefix(inbox_token: str) -> str:
    return f"/api/v1/widget/{inbox_token}"


def widget_message_shape(message: Message, inbox_token: str) -> events.MessageData:
    """A public message as its contact's widget shows it."""
    return message_shape(message, side="widget", prefix=widget_prefix(inbox_token))


def widget_message_data(message: Message, inbox_token: str) -> dict[str, Any]:
    """The same, ready for JSON."""
    return widget_message_shape(message, inbox_token).model_dump(mode="json")


def conversation_fields(conversation: Conversation) -> dict[str, Any]:
    """The conversation as REST shows it; needs contact, inbox and labels."""
    rating = conversation.csat_rating
    return {
        "id": conversation.pk,
        "tenant_id": conversation.tenant_id,
        "contact_id": conversation.contact_id,
        "inbox_id": conversation.inbox_id,
        "channel": conversation.inbox.channel,
        "assignee_id": conversation.assignee_id,
        "team_id": conversation.team_id,
        "status": cast(Any, str(conversation.status)),
        "priority": cast(Any, str(conversation.priority)),
        "labels": conversation.label_names,
        "unread_count": conversation.unread_count,
        "last_message": conversation.last_message,
        "last_message_id": conversation.last_message_id,
        "last_message_sender": conversation.last_message_sender,
        "last_message_type": conversation.last_message_type,
        "last_message_private": conversation.last_message_private,
        "last_message_time": conversation.last_message_at,
        "waiting_since": conversation.waiting_since,
        "window_until": conversation.window_until,
        "snoozed_until": conversation.snoozed_until,
        "created_at": conversation.created_at,
        "closed_at": conversation.closed_at,
        "contact": contact_ref(conversation.contact),
        "csat": None if rating is None else events.SatisfactionData(rating=rating, feedback=conversation.csat_feedback),
    }


def conversation_data(conversation: Conversation) -> dict[str, Any]:
    """A conversation as REST, frames and snapshots show it."""
    return events.ConversationEvent(type="conversation", **conversation_fields(conversation)).data()


def survey_data(survey: Survey) -> dict[str, Any]:
    """A rating as the team's list shows it; needs contact and agent."""
    return RatingData(
        id=survey.pk,
        conversation_id=survey.conversation_id,
        inbox_id=survey.inbox_id,
        contact=contact_ref(survey.contact),
        contact_name=survey.contact.label,
        agent=person_of(survey.agent) if survey.agent else None,
        agent_id=survey.agent_id,
        rating=survey.rating,
        feedback=survey.feedback,
        sent_at=survey.sent_at,
        answered_at=survey.answered_at,
        timestamp=survey.answered_at or survey.sent_at,
    ).model_dump(mode="json")
