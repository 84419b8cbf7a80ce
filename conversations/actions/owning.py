"""Whose a conversation is: taken, given, transferred, put back into the queue."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_noop as _

from accounts.actor import Actor
from accounts.errors import Refused, UnknownReference
from accounts.models import Membership
from accounts.permissions import allowed
from audit.models import Verb
from conversations import letters
from conversations.actions import steps
from conversations.errors import AlreadyAssigned, NotAssignable
from conversations.models import Conversation, Team

TAKEN = gettext_noop("%(by)s took the conversation.")
GIVEN = gettext_noop("%(by)s assigned the conversation to %(to)s.")
RELEASED = gettext_noop("%(by)s put the conversation back into the queue.")
MOVED = gettext_noop("%(by)s transferred the conversation to %(to)s.")


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
