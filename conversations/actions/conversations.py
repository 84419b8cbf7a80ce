"""What happens to a conversation as a whole: begin, give, put off, close, reopen, sort."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_noop as _

from accounts import clock
from accounts.actor import Actor
from accounts.errors import Refused, UnknownReference
from accounts.models import Membership
from accounts.permissions import allowed
from audit.models import Verb
from conversations import letters
from conversations.actions import steps
from conversations.errors import AlreadyAssigned, ConversationOpen, NotAssignable
from conversations.models import Channel, Contact, Conversation, Inbox, Label, Status, Team
from jobs import later

# A close may be undone for a moment; a message that has gone out may not.
SETTLED_AFTER = timedelta(seconds=30)

TAKEN = gettext_noop("%(by)s took the conversation.")
GIVEN = gettext_noop("%(by)s assigned the conversation to %(to)s.")
RELEASED = gettext_noop("%(by)s put the conversation back into the queue.")
MOVED = gettext_noop("%(by)s transferred the conversation to %(to)s.")
SNOOZED = gettext_noop("%(by)s put the conversation off.")
WOKEN = gettext_noop("The conversation is back.")
RESUMED = gettext_noop("%(by)s ended the snooze.")
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
        "labels": sorted(label.name for label in conversation.labels.all()),
        "team_id": conversation.team_id,
    }
    after = before | fields
    after["labels"] = sorted(set(after["labels"]))
    if before == after:
        return conversation
    team = known_team(actor, after["team_id"])
    if before["labels"] != after["labels"]:
        conversation.labels.set(known_labels(actor, after["labels"]))
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
def assign(actor: Actor, conversation_id: int, *, user_id: int | None, team_id: int | None = None) -> Conversation:
    """Give an open conversation to a colleague, to oneself, or back to the queue (`user_id` None).

    One that another agent owns is refused to an agent (AlreadyAssigned says who has it); supervisors may. The same
    owner again changes nothing. Raises Conversation.DoesNotExist, ConversationClosed, UnknownReference, NotAssignable.
    """
    conversation = Conversation.locked(actor, conversation_id)
    conversation.ensure_open()
    owner = conversation.assignee_id
    if owner not in (None, user_id, actor.user_id) and not allowed(actor, "conversation.take_over"):
        raise AlreadyAssigned(owner_name(actor, owner))
    return hand_over(actor, conversation, user_id=user_id, team_id=team_id, verb=Verb.CONVERSATION_ASSIGNED)


@transaction.atomic(durable=True)
def transfer(
    actor: Actor, conversation_id: int, *, user_id: int | None = None, team_id: int | None = None
) -> Conversation:
    """Move an open conversation to a colleague or to a team's queue, whoever owns it.

    Raises as `assign` does, and Refused("required") without a destination.
    """
    if user_id is None and team_id is None:
        raise Refused(_("Say to whom: user_id or team_id."), code="required", attr="user_id")
    conversation = Conversation.locked(actor, conversation_id)
    conversation.ensure_open()
    return hand_over(actor, conversation, user_id=user_id, team_id=team_id, verb=Verb.CONVERSATION_TRANSFERRED)


def hand_over(
    actor: Actor, conversation: Conversation, *, user_id: int | None, team_id: int | None, verb: Verb
) -> Conversation:
    """The common part of assign and transfer: check the destination, change, tell."""
    member = destination(actor, conversation, user_id)
    team = known_team(actor, team_id)
    before = {"assignee_id": conversation.assignee_id, "team_id": conversation.team_id}
    after = {"assignee_id": user_id, "team_id": team.pk if team else conversation.team_id}
    if before == after:
        return conversation

    conversation.give_to(user_id)
    conversation.team_id = after["team_id"]
    conversation.save(update_fields=["assignee", "team", "answered", "status"])
    to = member.user.name if member else team.name if team else ""
    story = steps.Story(actor)
    activity, text = hand_over_line(actor, user_id, verb, to)
    story.say(*steps.line(conversation, activity, text, by=actor.name, to=to))
    story.say(*letters.conversation_updated(conversation))
    story.note_in(conversation, verb, **steps.changed(before, after))
    story.tell()
    return conversation


def hand_over_line(actor: Actor, user_id: int | None, verb: Verb, to: str) -> tuple[str, str]:
    """Which line of the product's own says what happened."""
    if verb == Verb.CONVERSATION_TRANSFERRED or (user_id is None and to):
        return "transferred", MOVED
    if user_id is None:
        return "released", RELEASED
    return ("taken", TAKEN) if user_id == actor.user_id else ("assigned", GIVEN)


def destination(actor: Actor, conversation: Conversation, user_id: int | None) -> Membership | None:
    """The colleague who is to have it; raises UnknownReference or, for one who may not see the inbox, NotAssignable."""
    if user_id is None:
        return None
    member = steps.active_member(actor, user_id)
    if member is None:
        raise UnknownReference("user_id")
    if not steps.may_see(member, conversation):
        raise NotAssignable(attr="user_id")
    return member


def known_team(actor: Actor, team_id: int | None) -> Team | None:
    """The tenant's team, held until commit; raises UnknownReference if it is missing."""
    if team_id is None:
        return None
    team = Team.visible_to(actor).select_for_update(no_key=True).filter(pk=team_id).first()
    if team is None:
        raise UnknownReference("team_id")
    return team


def owner_name(actor: Actor, user_id: int | None) -> str:
    """Who has it, for the colleague who is refused; one who has left the company is nobody in particular."""
    member = Membership.visible_to(actor).select_related("user").filter(user_id=user_id or 0).first()
    return member.user.name if member else gettext("Somebody else")


@transaction.atomic(durable=True)
def snooze(actor: Actor, conversation_id: int, *, until: datetime) -> Conversation:
    """Put an open conversation off until a moment; it wakes by itself, or when the customer writes.

    Raises Conversation.DoesNotExist, ConversationClosed, and Refused("bad_time") for a moment that is not ahead.
    """
    conversation = Conversation.locked(actor, conversation_id)
    conversation.ensure_open()
    if until <= clock.now():
        raise Refused(_("Choose a time that is still ahead."), code="bad_time", attr="until")
    if conversation.status == Status.SNOOZED and conversation.snoozed_until == until:
        return conversation

    conversation.status, conversation.snoozed_until = Status.SNOOZED, until
    conversation.save(update_fields=["status", "snoozed_until"])
    wake_later(conversation)
    story = steps.Story(actor)
    story.say(*steps.line(conversation, "snoozed", SNOOZED, by=actor.name, until=until.isoformat()))
    story.say(*letters.conversation_updated(conversation))
    story.note_in(conversation, Verb.CONVERSATION_SNOOZED, until=until.isoformat())
    story.tell()
    return conversation


def wake_later(conversation: Conversation) -> None:
    """Queue the end of a snooze: one job for each conversation, which looks again if it comes too early."""
    later(
        "conversations.wake",
        conversation.tenant_id,
        conversation.pk,
        run_at=conversation.snoozed_until,
        unique=f"wake:{conversation.pk}",
        tenant_id=conversation.tenant_id,
    )


@transaction.atomic(durable=True)
def wake(actor: Actor, conversation_id: int) -> Conversation:
    """End a snooze whose time has come. One that was put off again meanwhile, or by a clock that is ahead of ours, is
    looked at again when it is due; one that was woken or closed is left as it is.
    """
    conversation = Conversation.locked(actor, conversation_id)
    if conversation.status != Status.SNOOZED or conversation.snoozed_until is None:
        return conversation
    if conversation.snoozed_until > clock.now():
        wake_later(conversation)
        return conversation
    return woken(actor, conversation, WOKEN)


def woken(actor: Actor, conversation: Conversation, text: str) -> Conversation:
    """The common part of a snooze's end, by time or by hand: only a person's hand is named."""
    conversation.wake()
    conversation.save(update_fields=["status", "snoozed_until"])
    story = steps.Story(actor)
    names = {"by": actor.name} if actor.user_id else {}
    story.say(*steps.line(conversation, "woken", text, **names))
    story.say(*letters.conversation_updated(conversation))
    story.note_in(conversation, Verb.CONVERSATION_WOKEN)
    story.tell()
    return conversation


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
