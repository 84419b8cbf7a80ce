"""Teams and labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_noop as _

from accounts import clock
from accounts.actor import Actor
from accounts.errors import Refused, UnknownReference
from accounts.models import Membership, User
from audit.models import Verb
from conversations import letters
from conversations.actions import steps
from conversations.directory import label_told, team_told
from conversations.models import Conversation, Label, Status, Team

Thing = TypeVar("Thing", Team, Label)


def taken(name: str) -> Refused:
    return Refused(_("There is a “%(name)s” already."), {"name": name}, code="not_unique", attr="name")


def members(actor: Actor, user_ids: Sequence[int]) -> list[User]:
    """The colleagues with these ids; raises UnknownReference if one of them is not a member."""
    rows = Membership.visible_to(actor).filter(user_id__in=user_ids, is_active=True).select_related("user")
    found = [member.user for member in rows]
    if len(found) != len(set(user_ids)):
        raise UnknownReference("user_ids")
    return found


@transaction.atomic(durable=True)
def create_team(actor: Actor, *, name: str, user_ids: Sequence[int] = ()) -> Team:
    """Store a team. Raises Refused("not_unique") and UnknownReference("user_ids")."""
    people = members(actor, user_ids)
    try:
        with transaction.atomic():
            team = Team.objects.create(tenant_id=actor.tenant_id, name=name, created_at=clock.now())
    except IntegrityError:
        raise taken(name) from None
    team.members.set(people)
    story = steps.Story(actor)
    story.say(team_told(team))
    story.note(Verb.TEAM_CREATED, team, name=name, user_ids=sorted(set(user_ids)))
    story.tell()
    return team


@transaction.atomic(durable=True)
def update_team(actor: Actor, team_id: int, *, name: str | None = None, user_ids: Sequence[int] | None = None) -> Team:
    """Rename a team, or change who is in it. Raises Team.DoesNotExist, and as `create_team` does.

    Conversations name their team by number: for them nothing changes.
    """
    team = Team.locked(actor, team_id)
    before: dict[str, Any] = {"name": team.name, "user_ids": sorted(team.members.values_list("pk", flat=True))}
    after: dict[str, Any] = {
        "name": name if name is not None else team.name,
        "user_ids": sorted(set(user_ids)) if user_ids is not None else before["user_ids"],
    }
    if before == after:
        return team
    if before["user_ids"] != after["user_ids"]:
        team.members.set(members(actor, after["user_ids"]))
    rename(team, after["name"])
    story = steps.Story(actor)
    story.say(team_told(team))
    story.note(Verb.TEAM_UPDATED, team, **steps.changed(before, after))
    story.tell()
    return team


def rename(thing: Team | Label, name: str) -> None:
    """Save under a new name; raises Refused("not_unique")."""
    thing.name = name
    try:
        with transaction.atomic():
            thing.save()
    except IntegrityError:
        raise taken(name) from None


def locked_with_conversations(actor: Actor, kind: type[Thing], pk: int, showing: Q) -> tuple[Thing, list[int]]:
    """A team or a label, and the ids of the open conversations that show it, all locked.

    Conversations go first, as the lock order has it; so one may get the thing just before that is locked, and they are
    looked up once more.
    """
    rows = Conversation.visible_to(actor).filter(~Q(status=Status.CLOSED), showing).order_by("pk")
    locked = rows.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True)
    list(locked)
    thing = kind.locked(actor, pk)
    return thing, list(locked.all())


def tell_conversations(story: steps.Story, ids: Sequence[int]) -> None:
    """Say how these conversations stand now."""
    for conversation in Conversation.with_parts(story.actor).filter(pk__in=ids).order_by("pk"):
        story.say(*letters.conversation_updated(conversation))


@transaction.atomic(durable=True)
def delete_team(actor: Actor, team_id: int) -> None:
    """Take a team away; its conversations stay where they are, without one. Raises Team.DoesNotExist."""
    team, shown_in = locked_with_conversations(actor, Team, team_id, Q(team=team_id))
    team.delete()
    team.pk = team_id
    story = steps.Story(actor)
    tell_conversations(story, shown_in)
    story.say(team_told(team, gone=True))
    story.note(Verb.TEAM_DELETED, team, name=team.name)
    story.tell()


@transaction.atomic(durable=True)
def create_label(actor: Actor, *, name: str, colour: str = "#64748b") -> Label:
    """Store a label. Raises Refused("not_unique")."""
    try:
        with transaction.atomic():
            label = Label.objects.create(tenant_id=actor.tenant_id, name=name, colour=colour, created_at=clock.now())
    except IntegrityError:
        raise taken(name) from None
    story = steps.Story(actor)
    story.say(label_told(label))
    story.note(Verb.LABEL_CREATED, label, name=name)
    story.tell()
    return label


@transaction.atomic(durable=True)
def update_label(actor: Actor, label_id: int, *, name: str | None = None, colour: str | None = None) -> Label:
    """Rename or recolour a label; conversations show it by its name.

    Raises Label.DoesNotExist and Refused("not_unique").
    """
    label, shown_in = locked_with_conversations(actor, Label, label_id, Q(labels=label_id))
    before = {"name": label.name, "colour": label.colour}
    after = {"name": name or label.name, "colour": colour or label.colour}
    if before == after:
        return label
    label.colour = after["colour"]
    rename(label, after["name"])
    story = steps.Story(actor)
    if before["name"] != after["name"]:
        tell_conversations(story, shown_in)
    story.say(label_told(label))
    story.note(Verb.LABEL_UPDATED, label, **steps.changed(before, after))
    story.tell()
    return label


@transaction.atomic(durable=True)
def delete_label(actor: Actor, label_id: int) -> None:
    """Take a label away, from the conversations too. Raises Label.DoesNotExist."""
    label, shown_in = locked_with_conversations(actor, Label, label_id, Q(labels=label_id))
    label.delete()
    label.pk = label_id
    story = steps.Story(actor)
    tell_conversations(story, shown_in)
    story.say(label_told(label, gone=True))
    story.note(Verb.LABEL_DELETED, label, name=label.name)
    story.tell()
