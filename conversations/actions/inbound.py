"""What customers write, whatever the channel: one path for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations import letters
from conversations.actions import identifying, parking, steps
from conversations.errors import Crossed, EmptyMessage
from conversations.models import (
    Attachment,
    Between,
    Contact,
    ContactIdentity,
    Conversation,
    Delivery,
    Inbox,
    Message,
    Sender,
    between,
    store_received,
)
from conversations.providers import remote_of
from jobs import later
from realtime.models import Connection

REOPENED = gettext_noop("The customer wrote again; the conversation is open.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a customer wrote and who they are to the inbox. Empty profile fields leave what is known as it is."""

    identifier: str
    content: str
    name: str = ""
    phone: str = ""
    email: str = ""
    verified: bool = False
    message_type: str = "text"
    external_id: str = ""
    client_message_id: str = ""
    reply_to: int | None = None
    # The same by the provider's id; one that we do not have quotes nothing.
    quoted_id: str = ""
    attachments: Sequence[int] = ()
    # Under which key a visitor uploaded files before they were a contact.
    upload_key: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    # Other names of the same person in the inbox, and what the provider calls them by each: identifier -> address.
    identities: Mapping[str, str] = field(default_factory=dict)
    # Names that may pass to somebody else: kept, and never what they are found by.
    handles: Sequence[str] = ()
    # When the customer wrote it, where the provider says so: before it came in.
    sent_at: datetime | None = None
    # The provider's reference to a file that is still to be fetched.
    media: Mapping[str, str] | None = None

    @property
    def names(self) -> list[str]:
        """Every identifier of the writer."""
        return [self.identifier, *(name for name in self.identities if name != self.identifier)]


@transaction.atomic(durable=True)
def receive_message(actor: Actor, inbox: Inbox | int, written: Written) -> tuple[Message, bool]:
    """Store what a customer wrote, with a new contact and conversation where it is the first, and show it to the team.

    Returns the message and whether it is new: the same `external_id` in an inbox, or the same `client_message_id` of a
    contact, is one message. A closed conversation is reopened, or a new one begun, as the inbox says; its owner keeps
    it only if they are present or the inbox says so.

    Five copies at once end in one: the contact's row is locked before anything is looked up. Who has just read the
    inbox for several messages gives the row, others its number.
    Raises Inbox.DoesNotExist, EmptyMessage, UnknownReference for `reply_to` and `attachments`, and
    Refused("conflict") when something else happened to the same conversation in the same moment.
    """
    inbox = Inbox.in_use(actor, inbox)
    story, moment = steps.Story(actor), clock.now()
    known, earlier = opened(story, inbox, written, moment)
    if earlier:
        return earlier, False
    refresh(story, known.contact, written, moment)
    identifying.hold(inbox, known.contact, written.handles, moment)
    with crossing():
        message = take_in(story, known, written, moment)
    story.tell()
    return message, True


def opened(story: steps.Story, inbox: Inbox, written: Written, moment: datetime) -> tuple[Between, Message | None]:
    """What goes on between the inbox and the contact, who is locked and known by all of their names from now on; and
    the message itself, where it is there already.
    """
    contact, is_known = writer(story, inbox, written, moment)
    known = between(inbox, contact, written.external_id) if is_known else Between(inbox, contact)
    if is_known and (earlier := already_received(known, written)):
        return known, earlier
    identifying.add(inbox, contact, written.identities, moment)
    return known, None


@contextmanager
def crossing() -> Iterator[None]:
    """Raise Crossed where somebody else was quicker with the same message."""
    try:
        yield
    except IntegrityError as crossed:
        raise Crossed from crossed


def take_in(story: steps.Story, known: Between, written: Written, moment: datetime) -> Message:
    """Put the message into the contact's conversation, and say so."""
    conversation, is_news = open_conversation(story, known, moment)
    inbox, contact = known.inbox, known.contact
    sender = Actor.contact(inbox.tenant_id, contact.pk, name=contact.label, origin=story.actor.origin)
    message, files = contact_message(sender, conversation, written, moment)
    conversation.heard_from_contact(moment)
    open_window(conversation, written, moment)
    conversation.show_last(message)
    store_received(message, conversation)
    steps.bind_files(files, message)
    await_file(message, written)
    if known.is_awaited:
        parking.release(inbox, written.external_id)
    story.say(
        *letters.chat_message(message, conversation),
        *letters.conversation_updated(conversation, tell_contact=is_news),
    )
    story.note_in(conversation, Verb.MESSAGE_RECEIVED, message, by=sender, message_id=message.pk)
    return message


def contact_message(
    sender: Actor, conversation: Conversation, written: Written, moment: datetime
) -> tuple[Message, list[Attachment]]:
    """The message itself, unsaved, and the files that were uploaded for it."""
    files = steps.claimed_files(sender, conversation, written.attachments, written.upload_key or sender.key)
    if not written.content.strip() and not files and written.message_type == "text":
        raise EmptyMessage
    message = Message(
        tenant_id=conversation.tenant_id,
        conversation=conversation,
        inbox_id=conversation.inbox_id,
        sender_type=Sender.CONTACT,
        sender_contact=conversation.contact,
        sender_key=sender.key,
        content=written.content,
        message_type=steps.kind_of(written.message_type, files),
        status=Delivery.DELIVERED,
        client_message_id=written.client_message_id,
        provider_id=written.external_id,
        reply_to=answered(sender, conversation, written),
        metadata=dict(written.metadata),
        created_at=moment,
    )
    return message, files


def answered(sender: Actor, conversation: Conversation, written: Written) -> Message | None:
    """The message that is replied to: by our number, or by the provider's where we have it."""
    if written.quoted_id:
        rows = Message.visible_to(sender).select_related("sender_user", "sender_contact")
        return Message.called(rows.filter(conversation=conversation), written.quoted_id)
    return steps.referenced_message(sender, conversation, written.reply_to)


def open_window(conversation: Conversation, written: Written, moment: datetime) -> None:
    """From the customer's own moment the provider lets us write freely for a while, however late we hear of it."""
    provider = remote_of(conversation.inbox)
    if provider is None or provider.window_s is None:
        return
    closes = min(moment, written.sent_at or moment) + timedelta(seconds=provider.window_s)
    conversation.window_until = max(closes, conversation.window_until or closes)


def await_file(message: Message, written: Written) -> None:
    """Have the file of a message fetched; the message itself is shown at once."""
    if written.media:
        later(
            "conversations.fetch_media", message.tenant_id, message.pk, dict(written.media), tenant_id=message.tenant_id
        )


def writer(story: steps.Story, inbox: Inbox, written: Written, moment: datetime) -> tuple[Contact, bool]:
    """The inbox's contact of this identifier, locked, and whether they were known; made if they were not."""
    if known := Contact.locked_as(inbox.pk, written.names):
        return known, True
    try:
        with transaction.atomic():
            if adopted := identifying.adopt(inbox, written.identifier, written.phone, moment):
                return adopted, True
            contact = new_contact(inbox, written, moment)
    except IntegrityError:  # Somebody was quicker with the same identifier: theirs is the contact.
        return cast("Contact", Contact.locked_as(inbox.pk, written.names)), True
    story.say(letters.contact_created(contact))
    story.note(Verb.CONTACT_CREATED, contact, contact_id=contact.pk, contact_name=contact.label)
    return contact, False


def new_contact(inbox: Inbox, written: Written, moment: datetime) -> Contact:
    """Store a customer who was never seen before."""
    contact = Contact.objects.create(
        tenant=inbox.tenant,
        name=written.name,
        phone=written.phone,
        email=written.email,
        verified=written.verified,
        metadata={"identifier": written.identifier} if written.verified or inbox.channel == "api" else {},
        created_at=moment,
        last_seen_at=moment,
    )
    ContactIdentity.objects.create(
        tenant_id=inbox.tenant_id, inbox=inbox, contact=contact, identifier=written.identifier, created_at=moment
    )
    return contact


def refresh(story: steps.Story, contact: Contact, written: Written, moment: datetime) -> None:
    """Take over what the customer newly says of themselves; tell only of what changed. That they were here is stored
    with what they wrote.
    """
    given = {"name": written.name, "phone": written.phone, "email": written.email}
    news = {key: value for key, value in given.items() if value and value != getattr(contact, key)}
    changes = steps.changed_of_contact({key: getattr(contact, key) for key in news}, news)
    contact.last_seen_at = moment
    if written.verified and not contact.verified:
        contact.verified = True
        contact.save(update_fields=["verified"])
    for key, value in news.items():
        setattr(contact, key, value)
    if news:
        contact.save(update_fields=list(news))
        story.say(letters.contact_updated(contact))
        story.note(Verb.CONTACT_UPDATED, contact, contact_id=contact.pk, contact_name=contact.label, **changes)


def already_received(known: Between, written: Written) -> Message | None:
    """The message that this one repeats, by the provider's id or by the client's."""
    inbox, contact, named = known.inbox, known.contact, known.earlier
    if not named and (written.external_id or not written.client_message_id):
        return None
    rows = Message.with_parts(Actor.system(inbox.tenant_id)).select_related("conversation")
    if named:
        return rows.get(pk=named)
    same = rows.filter(conversation__contact=contact, conversation__inbox=inbox, sender_key=f"c{contact.pk}")
    return same.filter(client_message_id=written.client_message_id).order_by("-pk").first()


def open_conversation(story: steps.Story, known: Between, moment: datetime) -> tuple[Conversation, bool]:
    """The contact's last conversation in the inbox if it is open, else reopened as the inbox says, else a new one.

    Also returns whether it was opened just now.
    """
    inbox, contact, last = known.inbox, known.contact, known.conversation
    if last is None or not (last.is_open or inbox.reopen):
        return begin_for_contact(story, inbox, contact, moment), True
    if last.is_open:
        return last, False
    reopen_for_contact(story, last, moment)
    return last, True


def begin_for_contact(story: steps.Story, inbox: Inbox, contact: Contact, moment: datetime) -> Conversation:
    """A new conversation; the team hears of it before its first message."""
    conversation = Conversation.begun(inbox, contact, moment)
    steps.begin(conversation, moment)
    story.say(*letters.conversation_updated(conversation))
    story.note_in(conversation, Verb.CONVERSATION_CREATED, inbox_id=inbox.pk)
    return conversation


def reopen_for_contact(story: steps.Story, conversation: Conversation, moment: datetime) -> None:
    """Reopen; an absent owner loses it to the queue, so that nobody waits for somebody who is not there."""
    owner = conversation.assignee_id
    if owner and not conversation.inbox.keep_owner and not Connection.is_online(conversation.tenant_id, owner):
        conversation.assignee = None
    steps.reopen(conversation, moment)
    story.say(*steps.line(conversation, "reopened_by_contact", REOPENED))
    changes = steps.changed({"assignee_id": owner}, {"assignee_id": conversation.assignee_id})
    story.note_in(conversation, Verb.CONVERSATION_REOPENED, cause="customer", **changes)
