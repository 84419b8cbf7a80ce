"""Handing messages to providers behind HTTP: a note before the call, its end after it.

The note is what makes a crash harmless: a try that began and never ended may have reached the customer, so it is not
made again by us; the provider's own report, which carries our number, or a person decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations import letters
from conversations.actions import connecting, echoing, parking, steps
from conversations.actions.delivery import moved
from conversations.actions.messages import locked_with_conversation
from conversations.actions.reporting import tell_status
from conversations.models import (
    Connection,
    Conversation,
    Delivery,
    Inbox,
    Message,
    MessagePart,
    ProviderAccount,
    SendAttempt,
)
from conversations.providers import Outcome, Verdict, remote_of
from conversations.providers.base import SendsParts
from conversations.reasons import Reason
from jobs import later

# For so long a message waits for an older one of the same conversation: customers read them in the order of writing.
IN_ORDER_FOR = timedelta(seconds=60)
ORDER_WAIT = timedelta(seconds=2)
# No call takes longer, the upload of a large file included: what has not ended by then never will.
CALL_TAKES = timedelta(seconds=120)
DELIVER = "conversations.deliver"
UNCERTAIN = SendAttempt.State.UNCERTAIN


@transaction.atomic(durable=True)
def begin_sending(actor: Actor, message_id: int) -> SendAttempt | None:
    """Note that a message is about to be handed over; None where it is not to be handed over now.

    That is so if it is not pending any more, its inbox is paused, an older one goes first, the provider's rate is
    reached (then it is queued for its turn), the window is closed, or an earlier try never ended: it is uncertain.
    Raises Message.DoesNotExist.
    """
    message, conversation = locked_with_conversation(actor, message_id)
    if message.status != Delivery.PENDING or message.deleted_at is not None or message.private:
        return None
    story = steps.Story(actor)
    if open_try := message.attempts.filter(state=SendAttempt.State.CALLING).first():
        give_it_time(story, message, conversation, open_try)
        return None
    if conversation.inbox.connection != Connection.CONNECTED:
        return None
    if is_shut(message, conversation):
        fail(story, message, conversation, Reason("window_closed"))
        story.tell()
        return None
    if turn := turn_of(message, conversation.inbox):
        put_off(message, turn)
        return None
    return SendAttempt.objects.create(
        tenant_id=message.tenant_id,
        inbox_id=message.inbox_id,
        message=message,
        part=message.parts.count() if splitting(conversation) else 0,
        started_at=clock.now(),
    )


def splitting(conversation: Conversation) -> SendsParts | None:
    """The provider, if it carries long messages in parts."""
    provider = remote_of(conversation.inbox)
    return provider if provider is not None and isinstance(provider, SendsParts) else None


def give_it_time(story: steps.Story, message: Message, conversation: Conversation, open_try: SendAttempt) -> None:
    """A try that is under way may still end; one that should have ended long ago died with its worker."""
    due = open_try.started_at + CALL_TAKES
    if clock.now() < due:
        put_off(message, due)
        return
    end_uncertain(story, message, conversation, open_try)
    story.tell()


def is_shut(message: Message, conversation: Conversation) -> bool:
    """Whether the provider's window is closed to this message."""
    return "template" not in message.metadata and not conversation.may_be_answered(clock.now())


def turn_of(message: Message, inbox: Inbox) -> datetime | None:
    """When it is this message's turn; None for now. The account's row keeps the provider's rate over all workers."""
    moment = clock.now()
    older = Message.objects.filter(
        conversation_id=message.conversation_id,
        status=Delivery.PENDING,
        private=False,
        deleted_at__isnull=True,
        pk__lt=message.pk,
        created_at__gt=moment - IN_ORDER_FOR,
    )
    if older.exists():
        return moment + ORDER_WAIT
    account = ProviderAccount.objects.select_for_update(no_key=True).get(inbox=inbox)
    provider = remote_of(inbox)
    free = max(account.next_send_at or moment, moment)
    if free > moment + timedelta(seconds=1):
        return free
    account.next_send_at = free + timedelta(seconds=1 / (provider.rate if provider else 1))
    account.save(update_fields=["next_send_at"])
    return None


def put_off(message: Message, moment: datetime) -> None:
    key = steps.delivery_key(message)
    later(DELIVER, message.tenant_id, message.pk, unique=key, tenant_id=message.tenant_id, run_at=moment)


@transaction.atomic(durable=True)
def settle_sending(actor: Actor, attempt_id: int, outcome: Outcome) -> Message:
    """Note how a try ended. What the customer's provider reported meanwhile stands; a second end changes nothing.

    A message that is to be tried again stays pending, and its job's own backoff brings it back; one whose account must
    be authorised again waits for that. Raises SendAttempt.DoesNotExist.
    """
    found = SendAttempt.visible_to(actor).get(pk=attempt_id)
    message, conversation = locked_with_conversation(actor, found.message_id)
    attempt = SendAttempt.locked(actor, attempt_id)
    if attempt.state != SendAttempt.State.CALLING:
        return came_late(actor, message, conversation, attempt, outcome)
    story = steps.Story(actor)
    match outcome.verdict:
        case Verdict.TAKEN:
            taken(story, message, conversation, attempt, outcome)
        case Verdict.UNCERTAIN:
            end_uncertain(story, message, conversation, attempt, outcome.error)
        case _:
            attempt.end(SendAttempt.State.REFUSED, outcome.error)
            refused(story, message, conversation, outcome)
    let_next_go(message)
    story.tell()
    return message


def came_late(
    actor: Actor, message: Message, conversation: Conversation, attempt: SendAttempt, outcome: Outcome
) -> Message:
    """An end of what was given up as uncertain: whether the provider has it, or surely has not, is certain now."""
    if attempt.state != UNCERTAIN or message.status != Delivery.FAILED:
        return message
    if outcome.verdict is Verdict.TAKEN:
        attempt.end(SendAttempt.State.TAKEN, provider_id=outcome.provider_id)
        message.provider_id = message.provider_id or outcome.provider_id
        message.save(update_fields=["provider_id"])
        if is_last(message, conversation, attempt):
            tell_status(actor, message, conversation, Delivery.SENT, "", anew=True)
    elif outcome.verdict is not Verdict.UNCERTAIN:
        attempt.end(SendAttempt.State.REFUSED, outcome.error)
        surely_not(actor, message, conversation, attempt, outcome)
    return message


def surely_not(
    actor: Actor, message: Message, conversation: Conversation, attempt: SendAttempt, outcome: Outcome
) -> None:
    """What was uncertain surely did not arrive: it goes out after all, or has failed for the reason that came late. One
    that somebody has left as it is, or tried again, stays so.
    """
    if message.failure.get("code") != "uncertain" or message.attempts.filter(pk__gt=attempt.pk).exists():
        return
    if outcome.verdict is Verdict.PERMANENT:
        tell_status(actor, message, conversation, Delivery.FAILED, outcome.error, anew=True)
        return
    story = moved(actor, message, conversation, Delivery.PENDING)
    if outcome.verdict is Verdict.AUTH:
        connecting.pause(story, conversation.inbox, outcome.error)
    put_off(message, clock.now() + timedelta(seconds=outcome.retry_after or 0))
    story.note_in(conversation, Verb.MESSAGE_RETRIED, message, message_id=message.pk)
    story.tell()


def taken(
    story: steps.Story, message: Message, conversation: Conversation, attempt: SendAttempt, outcome: Outcome
) -> None:
    """The provider has it. Its reports may have come before its answer: they were parked and are let go now.

    A long message is sent when all of its parts are.
    """
    attempt.end(SendAttempt.State.TAKEN, provider_id=outcome.provider_id)
    message.provider_id = message.provider_id or outcome.provider_id
    message.save(update_fields=["provider_id"])
    if message.may_become(outcome.status) and is_last(message, conversation, attempt):
        story.say(*moved(story.actor, message, conversation, outcome.status).letters)
    parking.release(conversation.inbox, outcome.provider_id)
    if message.deleted_at is not None:  # While it was under way, so that nobody could take it back.
        echoing.deletion(message, conversation)


def is_last(message: Message, conversation: Conversation, attempt: SendAttempt) -> bool:
    """Keep what the provider calls this part, where there are several; whether it was the last of them."""
    count = parts_in(message, conversation)
    if count > 1:
        known = {"tenant_id": message.tenant_id, "inbox_id": message.inbox_id, "provider_id": attempt.provider_id}
        MessagePart.objects.get_or_create(message=message, number=attempt.part, defaults=known)
    return attempt.part + 1 >= count


def parts_in(message: Message, conversation: Conversation) -> int:
    """As how many messages of the provider's it goes."""
    provider = splitting(conversation)
    return len(provider.parts_of(message)) if provider else 1


def end_uncertain(
    story: steps.Story, message: Message, conversation: Conversation, attempt: SendAttempt, error: str = ""
) -> None:
    attempt.end(UNCERTAIN, error)
    fail(story, message, conversation, partly(message, conversation, Reason("uncertain")))


def refused(story: steps.Story, message: Message, conversation: Conversation, outcome: Outcome) -> None:
    """The provider surely does not have it."""
    if outcome.verdict is Verdict.AUTH:
        connecting.pause(story, conversation.inbox, outcome.error)
    if outcome.verdict is Verdict.PERMANENT:
        reason = partly(message, conversation, outcome.error)
        fail(story, message, conversation, reason, closes_window=outcome.closes_window)


def fail(
    story: steps.Story, message: Message, conversation: Conversation, reason: str, *, closes_window: bool = False
) -> None:
    """The message does not go out, with the reason for the team. The provider's word on the window is the last."""
    if not message.may_become(Delivery.FAILED):
        return
    story.say(*moved(story.actor, message, conversation, Delivery.FAILED, reason).letters)
    if closes_window:
        conversation.window_until = min(conversation.window_until or clock.now(), clock.now())
        conversation.save(update_fields=["window_until"])
        story.say(*letters.conversation_updated(conversation))
    story.note_in(conversation, Verb.MESSAGE_FAILED, message, message_id=message.pk, error=message.error)


def partly(message: Message, conversation: Conversation, reason: str) -> str:
    """The reason, with how much of a long message the customer has already."""
    sent = message.parts.count() if splitting(conversation) else 0
    if not sent:
        return reason
    known = reason if isinstance(reason, Reason) else Reason("refused", reason)
    return Reason(known.code, known.detail, sent=sent, count=parts_in(message, conversation))


def let_next_go(message: Message) -> None:
    """A younger message that waited for this one need not wait any longer."""
    waiting = Message.objects.filter(
        conversation_id=message.conversation_id,
        status=Delivery.PENDING,
        private=False,
        deleted_at__isnull=True,
        pk__gt=message.pk,
    )
    if message.status != Delivery.PENDING and (following := waiting.order_by("pk").first()):
        steps.queue_delivery(following)
