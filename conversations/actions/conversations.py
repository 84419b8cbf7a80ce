"""What happens to a conversation as a whole: begin, sort, close, reopen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from accounts import clock
from accounts.actor import Actor
from accounts.errors import UnknownReference
from audit.models import Verb
from conversations import letters
from conversations.actions import steps
from conversations.actions.owning import known_team
from conversations.actions.snoozing import RESUMED, woken
from conversations.errors import ConversationOpen
from conversations.models import Channel, Contact, Conversation, Inbox, Label, Status
from jobs import later

# A close may be undone for a moment; a message that has gone out may not.
SETTLED_AFTER = timedelta(seconds=30)

CLOSED = gettext_noop("%(by)s closed the conversation.")
REOPENED = gettext_noop("%(by)s reopened the conversation.")


@transaction.atomic(durable=True)
def start_conversation(actor: Actor, *, contact_id: int, inbox_id: int) -> Conversation:
    """Begin a conversation with a contact: the agent who starts it owns it.

    Raises UnknownReference for either id and ConversationOpen when the two already have one.
    """
    inbox = Inbox.visible_to(actor).filter(pk=inbox_id, is_active=True).select_related("tenant").first()
    if inbox is None:
        raise UnknownReference("inbox_id")
    contact = Contact.visible_to(actor).select_for_update(no_key=True).filter(pk=contact_id).first()
    if contact is None:
        raise UnknownReference("contact_id")
    moment = clock.now()
    try:
        with transaction.atomic():
            conversation = Conversation.begun(inbox, contact, moment, owner_id=actor.user_id)
    except IntegrityError:
        raise ConversationOpen from None
    steps.begin(conversation, moment)
    story = steps.Story(actor)
    story.say(*letters.conversation_updated(conversation))
    story.note_in(conversation, Verb.CONVERSATION_CREATED, inbox_id=inbox.pk)
    story.tell()
    return conversation


@transaction.atomic(durable=True)
def update_conversation(actor: Actor, conversation_id: int, **fields: Any) -> Conversation:
    """Change `priority`, `labels` (by name, the whole set) or `team_id` (None: no team). What is the same tells nobody.

    Raises Conversation.DoesNotExist, and UnknownReference for a name or a team that the tenant does not have.
    """
    conversation = Conversation.locked(actor, conversation_id)
    before = {
        "priority": str(conversation.priority),
        "labels": conversation.label_names,
        "team_id": conversation.team_id,
    }
    after = before | fields
    after["labels"] = sorted(set(after["labels"]))
    if before == after:
        return conversation
    team = known_team(actor, after["team_id"])
    if before["labels"] != after["labels"]:
        conversation.relabel(known_labels(actor, after["labels"]))
    conversation.priority, conversation.team = after["priority"], team
    conversation.save(update_fields=["priority", "team"])

    story = steps.Story(actor)
    story.say(*letters.conversation_updated(conversation))
    story.note_in(conversation, Verb.CONVERSATION_UPDATED, **steps.changed(before, after))
    story.tell()
    return conversation


def known_labels(actor: Actor, names: Sequence[str]) -> list[Label]:
    """The tenant's labels of these names, held until commit; raises UnknownReference if one is missing."""
    found = list(Label.visible_to(actor).filter(name__in=names).order_by("pk").select_for_update(no_key=True))
    if len(found) != len(names):
        raise UnknownReference("labels")
    return found


@transaction.atomic(durable=True)
def close_conversation(actor: Actor, conversation_id: int) -> Conversation:
    """End a conversation and, where the inbox asks for ratings, send the survey. A closed one stays as it is.

    Raises Conversation.DoesNotExist.
    """
    conversation = Conversation.locked(actor, conversation_id)
    if not conversation.is_open:
        return conversation

    moment = clock.now()
    before = str(conversation.status)
    conversation.status, conversation.closed_at = Status.CLOSED, moment
    conversation.waiting_since = conversation.snoozed_until = None
    conversation.save()
    steps.end(conversation, actor, moment)
    story = steps.Story(actor)
    story.say(*steps.line(conversation, "closed", CLOSED, by=actor.name))
    story.say(*letters.conversation_updated(conversation, tell_contact=True))
    story.note_in(conversation, Verb.CONVERSATION_CLOSED, before={"status": before}, after={"status": "closed"})
    if conversation.inbox.csat_enabled:
        ask_on_close(story, conversation, moment)
    story.tell()
    return conversation


def ask_on_close(story: steps.Story, conversation: Conversation, moment: datetime) -> None:
    """Send the survey: in the widget at once, since a reopening takes it away; elsewhere once a close has settled."""
    if conversation.inbox.channel == Channel.WEBCHAT:
        steps.ask(story, conversation, moment)
    else:
        tenant_id, closed_at = conversation.tenant_id, moment.isoformat()
        at = moment + SETTLED_AFTER
        later("conversations.survey_after_close", tenant_id, conversation.pk, closed_at, run_at=at, tenant_id=tenant_id)


@transaction.atomic(durable=True)
def reopen_conversation(actor: Actor, conversation_id: int) -> Conversation:
    """Open a closed conversation again, or end a snooze; one that is open and awake stays as it is.

    Raises Conversation.DoesNotExist, and ConversationOpen when the contact meanwhile began another in the same inbox.
    """
    conversation = Conversation.locked(actor, conversation_id)
    if conversation.status == Status.SNOOZED:
        return woken(actor, conversation, RESUMED)
    if conversation.is_open:
        return conversation

    steps.reopen(conversation, clock.now())
    try:
        with transaction.atomic():
            conversation.save()
    except IntegrityError:
        raise ConversationOpen from None
    story = steps.Story(actor)
    story.say(*steps.line(conversation, "reopened", REOPENED, by=actor.name))
    story.say(*letters.conversation_updated(conversation, tell_contact=True))
    story.note_in(conversation, Verb.CONVERSATION_REOPENED, cause="team")
    story.tell()
    return conversation
