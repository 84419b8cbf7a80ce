"""What came in and is not believed, or could not be applied: supervisors hear of it, admins decide about it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from accounts import clock
from accounts.actor import Actor
from audit.models import AuditRecord, Verb
from conversations.actions import parking, steps
from conversations.models import Doubt, Inbox, SetAside, WebhookDelivery
from jobs import later

PROCESS = "conversations.process_delivery"
# A provider may post a thousand of a kind that we do not read: one alarm for each reason tells as much.
TOLD_EVERY = timedelta(minutes=10)


def queue_alone(row: WebhookDelivery) -> None:
    """Have a delivery read beside the others of its inbox. Runs inside its caller's transaction."""
    later(PROCESS, row.tenant_id, row.pk, unique=f"delivery:{row.pk}", tenant_id=row.tenant_id)


def alarm(story: steps.Story, row: SetAside | WebhookDelivery, doubt: str) -> None:
    """Tell the supervisors, and the book, that something was set aside; not again of the same inbox for a while."""
    known = AuditRecord.visible_to(story.actor).filter(
        verb=Verb.DELIVERY_QUARANTINED,
        at__gt=clock.now() - TOLD_EVERY,
        details__inbox_id=row.inbox_id,
        details__reason=doubt,
    )
    if known.exists():
        return
    inbox = Inbox.visible_to(story.actor).get(pk=row.inbox_id)
    story.note(Verb.DELIVERY_QUARANTINED, row, inbox_id=inbox.pk, name=inbox.name, reason=doubt)


@transaction.atomic(durable=True)
def bury_set_aside(actor: Actor, pk: int) -> SetAside:
    """A happening was tried as often as anything is: it stays for people to look at. Raises SetAside.DoesNotExist."""
    row = SetAside.locked(actor, pk)
    if row.reason == SetAside.Reason.FAILED:
        story = steps.Story(actor)
        row.reason = SetAside.Reason.DEAD
        row.save(update_fields=["reason"])
        alarm(story, row, Doubt.DEAD_LETTER)
        story.tell()
    return row


@transaction.atomic(durable=True)
def quarantine_again(actor: Actor, pk: int, doubt: str) -> SetAside:
    """A happening that was tried again is (still) not believed: back it goes. Raises SetAside.DoesNotExist."""
    row = SetAside.locked(actor, pk)
    is_news = row.reason == SetAside.Reason.EARLY
    row.reason, row.error = SetAside.Reason.QUARANTINED, doubt
    row.save(update_fields=["reason", "error"])
    if is_news:
        story = steps.Story(actor)
        alarm(story, row, doubt)
        story.tell()
    return row


@transaction.atomic(durable=True)
def rerun_set_aside(actor: Actor, pk: int) -> SetAside:
    """Have a happening applied after all; its age is forgiven. One that is being tried already is let be.

    Raises SetAside.DoesNotExist.
    """
    row = SetAside.locked(actor, pk)
    if not row.rests:
        return row
    before = row.reason
    row.reason = SetAside.Reason.FAILED
    row.save(update_fields=["reason"])
    key = parking.key_of(row.pk)
    later(parking.APPLY, row.tenant_id, row.pk, True, unique=key, tenant_id=row.tenant_id)
    story = steps.Story(actor)
    story.note(Verb.DELIVERY_RETRIED, row, inbox_id=row.inbox_id, reason=before, error=row.error)
    story.tell()
    return row


@transaction.atomic(durable=True)
def discard_set_aside(actor: Actor, pk: int) -> None:
    """Throw a happening away. Raises SetAside.DoesNotExist."""
    row = SetAside.locked(actor, pk)
    story = steps.Story(actor)
    story.note(Verb.DELIVERY_DISCARDED, row, inbox_id=row.inbox_id, reason=row.reason, error=row.error)
    row.delete()
    story.tell()


@transaction.atomic(durable=True)
def reread_delivery(actor: Actor, pk: int) -> WebhookDelivery:
    """Have a delivery read once more, on its own: what was applied of it stays as it is.

    Raises WebhookDelivery.DoesNotExist.
    """
    row = WebhookDelivery.locked(actor, pk)
    if row.state in (WebhookDelivery.State.RECEIVED, WebhookDelivery.State.APART):
        return row
    story = steps.Story(actor)
    story.note(Verb.DELIVERY_RETRIED, row, inbox_id=row.inbox_id, reason=row.state, error=row.error)
    row.end(WebhookDelivery.State.APART)
    queue_alone(row)
    story.tell()
    return row


@transaction.atomic(durable=True)
def discard_delivery(actor: Actor, pk: int) -> None:
    """Throw away a delivery that nobody can read. Raises WebhookDelivery.DoesNotExist, for one that was read too."""
    row = WebhookDelivery.locked(actor, pk, state=WebhookDelivery.State.QUARANTINED)
    story = steps.Story(actor)
    story.note(Verb.DELIVERY_DISCARDED, row, inbox_id=row.inbox_id, reason=row.state, error=row.error)
    row.delete()
    story.tell()
