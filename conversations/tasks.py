"""Jobs of the trade: parse the arguments, call one action."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from accounts.actor import Actor, Origin
from accounts.credentials import actor_for
from accounts.models import Membership
from conversations.actions import (
    advance,
    discard_orphans,
    discard_unclaimed,
    give_up_delivery,
    queue_undelivered,
    release_conversations,
    retry_message,
    survey_after_close,
    wake,
)
from conversations.errors import NotFailed
from conversations.models import Conversation, Delivery, Message
from conversations.providers import provider_of, remote_of
from conversations.sending import hand_over
from conversations.typing import end_typing
from jobs import every, task


@task(
    "conversations.deliver",
    attempts=8,
    when_dead="conversations.give_up_delivery",
    when_replayed="conversations.retry_delivery",
)
def deliver(tenant_id: int, message_id: int) -> None:
    """Hand one message to its provider. One that is not pending any more was delivered by an earlier run; one that was
    deleted before its turn came never goes out.
    """
    actor = Actor.system(tenant_id)
    pending = Message.visible_to(actor).filter(status=Delivery.PENDING, deleted_at__isnull=True)
    message = pending.select_related("inbox").filter(pk=message_id).first()
    if message is None:
        return
    if remote := remote_of(message.inbox):
        hand_over(actor, remote, message_id)
        return
    outcome = provider_of(message.inbox).send(message.inbox, message)
    advance(actor, message_id, outcome.status, error=outcome.error, provider_id=outcome.provider_id)


@task("conversations.give_up_delivery", attempts=8)
def give_up(tenant_id: int, message_id: int) -> None:
    """Tell the team of a message that does not go out."""
    give_up_delivery(Actor.system(tenant_id), message_id)


@task("conversations.retry_delivery", attempts=8)
def retry(tenant_id: int, message_id: int) -> None:
    """A dead letter is tried again: its message waits again, if it failed at all."""
    with suppress(NotFailed):  # It arrived after all, or somebody has tried it again already.
        retry_message(Actor.system(tenant_id), message_id)


@task("conversations.wake", attempts=8)
def wake_when_due(tenant_id: int, conversation_id: int) -> None:
    """End a snooze."""
    wake(Actor.system(tenant_id), conversation_id)


@task("conversations.release", attempts=8)
def release(tenant_id: int, user_id: int) -> None:
    """Take from a user, batch by batch, what they may not see any more."""
    while release_conversations(Actor.system(tenant_id), user_id):
        pass


@task("conversations.survey_after_close", attempts=8)
def ask_after_close(tenant_id: int, conversation_id: int, closed_at: str) -> None:
    """Send the survey of a close that still stands."""
    survey_after_close(Actor.system(tenant_id), conversation_id, datetime.fromisoformat(closed_at))


@every(seconds=60, name="conversations.sweep_undelivered")
def sweep_undelivered() -> None:
    """Find messages whose delivery job was lost."""
    queue_undelivered()


@every(seconds=3600, name="conversations.discard_files")
def discard_files() -> None:
    """Throw away files that nobody sent."""
    discard_unclaimed()


@every(seconds=24 * 3600, name="conversations.discard_orphans")
def discard_lost_bytes() -> None:
    """Throw away what lies on the disk and belongs to no row."""
    discard_orphans()


@task("conversations.end_typing", attempts=1)
def end_of_typing(tenant_id: int, conversation_id: int, user_id: int, private: bool) -> None:  # noqa: FBT001 - a job's arguments
    """Take back that somebody writes who said so by a request and nothing since."""
    system = Actor.system(tenant_id)
    member = Membership.visible_to(system).select_related("tenant", "user").filter(user_id=user_id).first()
    conversation = Conversation.visible_to(system).select_related("inbox").filter(pk=conversation_id).first()
    if member and conversation:
        end_typing(actor_for(member, origin=Origin.JOB), conversation, private=private)
