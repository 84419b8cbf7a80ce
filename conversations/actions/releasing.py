"""Conversations whose owner can't see them any more go back into the queue, so that no customer waits for nobody."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from accounts.actor import Actor
from audit.models import Verb
from conversations import letters
from conversations.actions import steps
from conversations.models import Conversation, Inbox, Status
from jobs import later

# As many as one transaction locks; whoever calls comes back for the rest.
RELEASED_AT_ONCE = 50

OWNER_LOST = gettext_noop("The owner can't see this conversation any more; it is back in the queue.")


@transaction.atomic(durable=True)
def release_conversations(actor: Actor, user_id: int) -> int:
    """Take from a user the open conversations that they may not see (any more); returns how many, at most
    RELEASED_AT_ONCE. A member keeps those that they see.
    """
    rows = Conversation.visible_to(actor).filter(out_of_reach(actor, user_id), assignee_id=user_id)
    lost = rows.exclude(status=Status.CLOSED).order_by("pk").values_list("pk", flat=True)[:RELEASED_AT_ONCE]
    story = steps.Story(actor)
    for conversation_id in list(lost):
        conversation = Conversation.locked(actor, conversation_id)
        if conversation.assignee_id == user_id and conversation.is_open:
            release(story, conversation)
    story.tell()
    return len(story.notes)


def out_of_reach(actor: Actor, user_id: int) -> Q:
    """Which conversations a user may not see: all of them, or those of restricted inboxes that aren't theirs."""
    member = steps.active_member(actor, user_id)
    if member is None:
        return Q()
    return Q(inbox_id__in=set(member.tenant.restricted_inbox_ids) - member.seen_inboxes())


def queue_releases(inbox: Inbox) -> None:
    """Have looked at whoever owns something in an inbox that not everybody sees (any more)."""
    owned = Conversation.objects.filter(inbox=inbox, assignee__isnull=False).exclude(status=Status.CLOSED)
    owners = owned.order_by().values_list("assignee_id", flat=True).distinct()
    for key, user_id in sorted((f"release:{inbox.pk}:{user_id}", user_id) for user_id in owners):
        later("conversations.release", inbox.tenant_id, user_id, unique=key, tenant_id=inbox.tenant_id)


def release(story: steps.Story, conversation: Conversation) -> None:
    """Put one conversation back into the queue."""
    owner = conversation.assignee_id
    conversation.give_to(None)
    conversation.save(update_fields=["assignee", "answered", "status"])
    story.say(*steps.line(conversation, "owner_lost", OWNER_LOST))
    story.say(*letters.conversation_updated(conversation))
    story.note_in(
        conversation, Verb.CONVERSATION_ASSIGNED, **steps.changed({"assignee_id": owner}, {"assignee_id": None})
    )
