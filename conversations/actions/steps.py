"""Steps that several actions share. Each runs inside its caller's transaction, on rows that the caller has locked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model, Q
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actor import Actor, Role
from accounts.errors import UnknownReference
from accounts.models import Membership
from audit.models import Verb
from audit.records import record
from conversations import letters
from conversations.models import (
    Attachment,
    Conversation,
    Delivery,
    Kind,
    Message,
    OpenInterval,
    Sender,
    Status,
    Survey,
)
from jobs import later
from realtime.events import Letter
from realtime.publish import publish

DELIVERY = "deliver:"
type_of_sender = {Role.CONTACT: Sender.CONTACT, Role.SYSTEM: Sender.BOT}


class Story:
    """What an action has to tell, collected while it works and told last: telling locks the audit chain and the
    streams, and nothing else may be locked after those.
    """

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.letters: list[Letter] = []
        self.notes: list[Callable[[], Letter]] = []
        self.preparations: list[Callable[[], None]] = []

    def say(self, *letters: Letter) -> None:
        """Add letters, as things stand now."""
        self.letters += letters

    def note(self, verb: Verb, target: Model, *, by: Actor | None = None, **details: Any) -> None:
        """Add an audit record."""
        self.notes.append(lambda: record(by or self.actor, verb, target, **details))

    def note_in(
        self,
        conversation: Conversation,
        verb: Verb,
        target: Model | None = None,
        *,
        by: Actor | None = None,
        **details: Any,
    ) -> None:
        """Add an audit record of something done in a conversation."""
        self.notes.append(lambda: audited(by or self.actor, verb, conversation, target, **details))

    def before_telling(self, step: Callable[[], None]) -> None:
        """Add something that locks streams itself, and so may not be done any earlier."""
        self.preparations.append(step)

    def tell(self) -> None:
        """Record, then publish: the last thing in the transaction. The chain is locked before any stream is."""
        noted = [note() for note in self.notes]
        for step in self.preparations:
            step()
        publish(*self.letters, *noted)


def audited(
    actor: Actor, verb: Verb, conversation: Conversation, target: Model | None = None, **details: Any
) -> Letter:
    """Record what was done in a conversation; every such record names the conversation and its contact."""
    return record(
        actor,
        verb,
        target or conversation,
        conversation_id=conversation.pk,
        contact_id=conversation.contact_id,
        contact_name=conversation.contact.label,
        **details,
    )


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The `before` and `after` of an audit record: only what differs."""
    keys = [key for key in after if before.get(key) != after[key]]
    return {"before": {key: before.get(key) for key in keys}, "after": {key: after[key] for key in keys}}


def changed_of_contact(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Which fields of a contact differ, not how: the book is for ever, the rest is the customer's to erase."""
    return {"changed": sorted(key for key in after if before.get(key) != after[key])}


def line(conversation: Conversation, activity: str, text: str, **names: Any) -> list[Letter]:
    """Write one line of the product's own into the conversation, for the team only.

    `activity` and `names` go into the line's metadata, so that a screen may say it in its reader's language; `text`
    says it in the tenant's. Lists keep showing the last thing that a person said.
    """
    with translation.override(conversation.tenant.language):
        content = _(text) % names
    message = Message(
        tenant_id=conversation.tenant_id,
        conversation=conversation,
        inbox_id=conversation.inbox_id,
        sender_type=Sender.SYSTEM,
        sender_key="system",
        content=content,
        status=Delivery.DELIVERED,
        metadata={"activity": activity, **names},
    )
    message.save(force_insert=True)
    message.knows_parts()
    return letters.chat_message(message, conversation)


def referenced_message(actor: Actor, conversation: Conversation, reply_to: int | None) -> Message | None:
    """The message of this conversation that is answered; raises UnknownReference("reply_to") for any other id."""
    if reply_to is None:
        return None
    rows = Message.visible_to(actor).select_related("sender_user", "sender_contact")
    found = rows.filter(conversation=conversation, pk=reply_to).first()
    if found is None:
        raise UnknownReference("reply_to")
    return found


def claimed_files(actor: Actor, conversation: Conversation, ids: Sequence[int], sender_key: str) -> list[Attachment]:
    """The files that this sender uploaded here and has not sent yet, locked, in the order of their ids.

    A visitor's first ones were uploaded before there was a conversation: those belong to the inbox.
    """
    if not ids:
        return []
    rows = Attachment.objects.filter(
        Q(conversation=conversation) | Q(conversation__isnull=True),
        tenant_id=actor.tenant_id,
        inbox_id=conversation.inbox_id,
        sender_key=sender_key,
        message__isnull=True,
        deleted_at__isnull=True,
        pk__in=ids,
    )
    files = list(rows.select_for_update(no_key=True).order_by("pk"))
    if len(files) != len(set(ids)):
        raise UnknownReference("attachments")
    return files


def bind_files(files: Sequence[Attachment], message: Message) -> None:
    """Make uploaded files part of a message that was stored just now."""
    if files:
        for file in files:
            file.message, file.conversation_id, file.private = message, message.conversation_id, message.private
        Attachment.objects.bulk_update(files, ["message", "conversation", "private"])
    message.knows_parts(files)


def kind_of(message_type: str, files: Sequence[Attachment]) -> str:
    """A message's type; a text with a file is of the file's type."""
    if not files or message_type != Kind.TEXT:
        return message_type
    family = files[0].content_type.split("/")[0]
    return {"image": Kind.IMAGE, "audio": Kind.AUDIO, "video": Kind.VIDEO}.get(family, Kind.DOCUMENT)


def begin(conversation: Conversation, moment: datetime) -> None:
    """Note that a conversation is open from now."""
    OpenInterval.objects.create(tenant_id=conversation.tenant_id, conversation=conversation, opened_at=moment)


def end(conversation: Conversation, actor: Actor, moment: datetime) -> None:
    """Note that a conversation is not open any more."""
    running = OpenInterval.objects.filter(conversation=conversation, closed_at__isnull=True)
    running.update(closed_at=moment, closed_by_id=actor.user_id)


def reopen(conversation: Conversation, moment: datetime) -> None:
    """Bring a closed conversation back into its resting state, unsaved but for its interval.

    An owner who has left meanwhile, or may not see it any more, loses it to the queue.
    """
    if conversation.assignee_id is not None and not may_own(conversation, conversation.assignee_id):
        conversation.assignee = None
    conversation.closed_at = None
    conversation.answered = False
    conversation.status = Status.WAITING
    conversation.status = conversation.resting_status()
    begin(conversation, moment)


def ask(story: Story, conversation: Conversation, moment: datetime) -> Survey:
    """Send a survey: in the widget, and elsewhere as a message whose link is added at delivery.

    The rated agent is fixed here: later rules may take the owner away, the rating stays with who earned it.
    """
    survey = Survey.objects.create(
        tenant_id=conversation.tenant_id,
        conversation=conversation,
        inbox_id=conversation.inbox_id,
        contact_id=conversation.contact_id,
        agent_id=conversation.assignee_id or last_to_reply(conversation),
        sent_at=moment,
    )
    story.say(letters.survey_sent(survey, conversation))
    if conversation.inbox.channel != "webchat":
        story.say(*ask_by_message(conversation, survey))
    story.note_in(conversation, Verb.SURVEY_SENT, survey, agent_id=survey.agent_id)
    return survey


def last_to_reply(conversation: Conversation) -> int | None:
    """Who answered last, for a conversation that has no owner any more."""
    replies = Message.objects.filter(conversation=conversation, sender_type=Sender.AGENT, private=False)
    return replies.order_by("-pk").values_list("sender_user_id", flat=True).first()


def ask_by_message(conversation: Conversation, survey: Survey) -> list[Letter]:
    """Queue the question as a message. Its link is in no row: agents must not be able to answer for the customer."""
    with translation.override(conversation.tenant.language):
        content = _("How did we do? Your answer helps us.")
    message = Message.objects.create(
        tenant_id=conversation.tenant_id,
        conversation=conversation,
        inbox_id=conversation.inbox_id,
        sender_type=Sender.BOT,
        sender_key="system",
        content=content,
        metadata={"survey": survey.pk},
    )
    message.knows_parts()
    queue_delivery(message)
    return letters.chat_message(message, conversation)


def queue_delivery(message: Message) -> None:
    """Have the provider send it after commit. The state is on the row, so a lost job is found by the sweep."""
    later(
        "conversations.deliver",
        message.tenant_id,
        message.pk,
        unique=delivery_key(message),
        tenant_id=message.tenant_id,
    )


def delivery_key(message: Message) -> str:
    """What the message's one delivery job is known by."""
    return f"{DELIVERY}{message.pk}"


def active_member(actor: Actor, user_id: int) -> Membership | None:
    """The active colleague with this user id, if the tenant has one."""
    rows = Membership.visible_to(actor).select_related("user", "tenant")
    return rows.filter(user_id=user_id, is_active=True, user__is_active=True).first()


def may_own(conversation: Conversation, user_id: int) -> bool:
    """Whether this user works here and may see the conversation."""
    member = active_member(Actor.system(conversation.tenant_id), user_id)
    return member is not None and may_see(member, conversation)


def may_see(member: Membership, conversation: Conversation) -> bool:
    """Whether a member may see a conversation's inbox."""
    return not conversation.inbox.restricted or conversation.inbox_id in member.seen_inboxes()
