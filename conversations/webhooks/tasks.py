"""The jobs behind the webhooks: read a delivery, try again what failed, fetch files, look after accounts."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta

from django.db import DatabaseError

from accounts import clock
from accounts.actor import Actor
from accounts.errors import Refused
from conversations import actions
from conversations.errors import NotThereYet
from conversations.models import ContactIdentity, Inbox, Message, SetAside, WebhookDelivery
from conversations.providers import Outcome, Verdict, gateway_of, remote_of
from conversations.providers.base import Checked, EndsTyping, KnowsTemplates, MediaRefused, NotListed, SetsWebhook
from conversations.providers.happenings import AnyHappening, Typing, restored
from conversations.reasons import Reason
from conversations.sending import NotNow
from conversations.webhooks.apply import Quarantined, apply
from conversations.webhooks.lines import Line
from jobs import every, task

logger = logging.getLogger("conversations.webhooks")
# After so many seconds a reader with more to read makes room for other jobs, and queues itself behind them.
READ_FOR_S = 2.0
# For so long in all a reader waits for more, so long each time.
WAITS_FOR_S, NEXT_IN_S = 0.5, 0.025
# After that nobody wants to know any more who was writing.
LATE = timedelta(seconds=10)


@task("conversations.read_deliveries", attempts=8, alone=True)
def read_deliveries(tenant_id: int, inbox_id: int) -> None:
    """Read what an inbox's provider posted, in the order in which it came, until all is read or it is others' turn.

    Killed in the middle, it begins again: applying is harmless to repeat.
    """
    actor = Actor.system(tenant_id)
    line = Line.read(actor, inbox_id)
    others_turn = time.monotonic() + READ_FOR_S
    for unread in batches(line):
        line = line.renewed(actor) if line else None
        if line is None:
            return
        read = [delivery.pk for delivery in unread if read_whole(line, delivery)]
        actions.finish_deliveries(actor, inbox_id, read, heard=line.newly_heard())
        if time.monotonic() > others_turn:
            actions.queue_reader(actor, inbox_id)
            return


def batches(line: Line | None) -> Iterator[list[WebhookDelivery]]:
    """What waits to be read, some at a time, the oldest first.

    Where it comes in faster than one by one, a moment is waited for the next: to end, to be woken and to be claimed
    anew costs more than to read it. But not for long, since other inboxes' readers may be waiting for the place.
    """
    until, is_busy = time.monotonic() + WAITS_FOR_S, False
    while line:
        found = WebhookDelivery.unread(line.inbox)
        if not found and is_busy and time.monotonic() < until:
            time.sleep(NEXT_IN_S)
            found = WebhookDelivery.unread(line.inbox)
        if not found:
            return
        is_busy = is_busy or len(found) > 1
        yield found


def read_whole(line: Line, delivery: WebhookDelivery) -> bool:
    """Apply what one delivery tells; False for one that was set apart or can't be read, which holds up no other."""
    try:
        return apply_all(line, delivery)
    except DatabaseError:
        raise
    except Exception as error:
        logger.exception("delivery %s could not be read, and is tried again on its own", delivery.pk)
        actions.part_delivery(Actor.system(line.inbox.tenant_id), delivery.pk, Reason("stumbled", type(error).__name__))
        return False


@task("conversations.process_delivery", attempts=8, when_dead="conversations.give_up_reading")
def process_delivery(tenant_id: int, delivery_id: int) -> None:
    """Try again a delivery that was set apart."""
    actor = Actor.system(tenant_id)
    rows = WebhookDelivery.visible_to(actor).filter(state=WebhookDelivery.State.APART)
    delivery = rows.select_related("inbox__tenant", "inbox__account").filter(pk=delivery_id).first()
    line = Line.of(delivery.inbox) if delivery else None
    if delivery and line and apply_all(line, delivery):
        actions.finish_deliveries(actor, delivery.inbox_id, [delivery_id], heard=line.newly_heard())


def apply_all(line: Line, delivery: WebhookDelivery) -> bool:
    """Apply what a delivery tells, each happening on its own: a poisoned one is set aside and holds up nobody.

    False for what nobody can read.
    """
    try:
        happenings = line.provider.parse(bytes(delivery.body))
    except Refused as refused:
        actions.quarantine_delivery(Actor.system(line.inbox.tenant_id), delivery.pk, Reason(refused.code))
        return False
    is_late = clock.now() - delivery.received_at > LATE
    for happening in happenings:
        if not (is_late and isinstance(happening, Typing)):
            apply_or_set_aside(line.addressee(happening), happening)
    return True


@task("conversations.give_up_reading", attempts=8)
def give_up_reading(tenant_id: int, delivery_id: int) -> None:
    """A delivery that our own reader stumbles over, however often, is one that nobody can read."""
    with suppress(WebhookDelivery.DoesNotExist):  # An admin has thrown it away.
        actions.quarantine_delivery(Actor.system(tenant_id), delivery_id, Reason("unread"))


def apply_or_set_aside(inbox: Inbox, happening: AnyHappening) -> None:
    """Apply it; what fails is kept, to be tried again on its own."""
    try:
        apply(inbox, happening)
    except NotThereYet:
        put_aside(inbox, happening, SetAside.Reason.EARLY)
    except Quarantined as refused:
        logger.warning("inbox %s: a happening was quarantined: %s", inbox.pk, refused)
        put_aside(inbox, happening, SetAside.Reason.QUARANTINED, refused.doubt)
    except Exception as error:  # noqa: BLE001 - one customer's oddity must not hold up the others of the batch
        logger.warning("inbox %s: %s failed and is set aside: %s", inbox.pk, happening.type, type(error).__name__)
        put_aside(inbox, happening, SetAside.Reason.FAILED, type(error).__name__)


def put_aside(inbox: Inbox, happening: AnyHappening, reason: str, error: str = "") -> None:
    actions.set_aside(
        Actor.system(inbox.tenant_id),
        inbox.pk,
        happening.model_dump(mode="json"),
        key=happening.key,
        target=happening.waits_for,
        reason=reason,
        error=error,
    )


@task("conversations.apply_set_aside", attempts=8, when_dead="conversations.bury_set_aside")
def apply_set_aside(tenant_id: int, set_aside_id: int, forgives_age: bool = False) -> None:  # noqa: FBT001, FBT002 - a job's arguments
    """Try again what could not be applied; after eight times it is a dead letter, and the row stays. What waits for a
    message waits on, for as long as such a thing is worth waiting for.

    `forgives_age` where an admin wants to have it all the same, however old or unproven it is.
    """
    actor = Actor.system(tenant_id)
    rows = SetAside.visible_to(actor).select_related("inbox__tenant", "inbox__account")
    row = rows.filter(pk=set_aside_id).first()
    line = Line.of(row.inbox) if row else None
    if row is None or line is None:
        return
    happening = restored(row.body)
    # What waits was young enough when it came.
    forgiven = forgives_age or row.reason == SetAside.Reason.EARLY
    try:
        apply(line.addressee(happening), happening, forgives_age=forgiven, is_vouched=forgives_age)
    except Quarantined as refused:
        actions.quarantine_again(actor, row.pk, refused.doubt)
    except NotThereYet:
        if not actions.wait_on(actor, row.pk):
            raise
    else:
        actions.drop_set_aside(actor, row.pk)


@task("conversations.bury_set_aside", attempts=8)
def bury_set_aside(tenant_id: int, set_aside_id: int, forgives_age: bool = False) -> None:  # noqa: FBT001, FBT002 - a job's arguments
    """Have people look at what could not be applied, unless it was thrown away meanwhile."""
    with suppress(SetAside.DoesNotExist):
        actions.bury_set_aside(Actor.system(tenant_id), set_aside_id)


@task("conversations.fetch_media", attempts=8, when_dead="conversations.media_lost")
def fetch_media(tenant_id: int, message_id: int, reference: Mapping[str, str]) -> None:
    """Fetch the file of a message that came in; one that can't be had is told of as lost."""
    actor = Actor.system(tenant_id)
    message = Message.awaiting_file(actor, message_id)
    provider = remote_of(message.inbox) if message else None
    if message is None or provider is None:
        return
    try:
        actions.keep_media(actor, message_id, provider.fetch(message.inbox, reference), name=reference.get("name", ""))
    except (MediaRefused, Refused) as refused:
        logger.warning("message %s: its file was not taken: %s", message_id, refused)
        actions.lose_media(actor, message_id)


@task("conversations.media_lost", attempts=8)
def media_lost(tenant_id: int, message_id: int, reference: Mapping[str, str]) -> None:
    """A file did not come, however often it was asked for."""
    actions.lose_media(Actor.system(tenant_id), message_id)


@task("conversations.check_account", attempts=3)
def check_account(tenant_id: int, inbox_id: int) -> None:
    """Ask the provider how an inbox's account stands, and for its templates."""
    actor = Actor.system(tenant_id)
    inbox = Inbox.connected_to(actor, inbox_id)
    provider = remote_of(inbox) if inbox else None
    if inbox is None or provider is None:
        return
    if gateway_of(inbox):
        actions.look_at_session(actor, inbox_id)
        return
    checked = provider.check(inbox)
    actions.note_check(actor, inbox_id, checked)
    if not checked.error and isinstance(provider, KnowsTemplates):
        try:
            actions.save_templates(actor, inbox_id, provider.templates(inbox))
        except NotListed as refused:
            actions.note_check(actor, inbox_id, Checked({}, refused.args[0]))


@task("conversations.set_webhook", attempts=3)
def set_webhook(tenant_id: int, inbox_id: int) -> None:
    """Tell the provider where to post."""
    actor = Actor.system(tenant_id)
    inbox = Inbox.connected_to(actor, inbox_id)
    provider = remote_of(inbox) if inbox else None
    if inbox is None or provider is None:
        return
    if isinstance(provider, SetsWebhook):
        actions.note_check(actor, inbox_id, provider.set_webhook(inbox))


@task("conversations.send_reaction", attempts=5)
def send_reaction(tenant_id: int, message_id: int) -> None:
    """Bring the team's latest reaction to the provider; customers see one reaction of ours on a message."""
    actor = Actor.system(tenant_id)
    message = Message.told_elsewhere(actor, message_id)
    provider = remote_of(message.inbox) if message else None
    if message is None or provider is None:
        return
    address = ContactIdentity.address_of(message.inbox_id, message.conversation.contact_id)
    repeat_later(provider.react(message.inbox, message, address, message.our_reaction()))


@task("conversations.tell_read", attempts=3)
def tell_read(tenant_id: int, conversation_id: int, typing: bool = False) -> None:  # noqa: FBT001, FBT002 - a job's arguments
    """Show the customer that their newest message was read, or that somebody answers it."""
    actor = Actor.system(tenant_id)
    message = Message.newest_from_contact(actor, conversation_id)
    provider = remote_of(message.inbox) if message else None
    if message is not None and provider is not None:
        repeat_later(provider.mark_read(message.inbox, message.provider_id, typing=typing))


@task("conversations.end_writing", attempts=1)
def end_writing(tenant_id: int, conversation_id: int) -> None:
    """Show the customer that nobody writes any more; where that fails, the next message ends it."""
    message = Message.newest_from_contact(Actor.system(tenant_id), conversation_id)
    provider = remote_of(message.inbox) if message else None
    if message is not None and provider is not None and isinstance(provider, EndsTyping):
        provider.end_typing(message.inbox, message.provider_id)


def repeat_later(outcome: Outcome) -> None:
    """Have the job tried again where that may help."""
    if outcome.verdict in (Verdict.RETRY, Verdict.THROTTLED):
        raise NotNow(outcome.error, outcome.retry_after)


@every(seconds=900, name="conversations.check_accounts")
def check_accounts() -> None:
    """Have every account looked at."""
    actions.queue_account_checks()


@every(seconds=10, name="conversations.queue_readers")
def queue_readers() -> None:
    """Find deliveries whose reader was not woken."""
    actions.queue_readers()


@every(seconds=3600, name="conversations.discard_deliveries")
def discard_deliveries() -> None:
    """Throw away what was read long ago."""
    while actions.discard_deliveries():
        pass
