"""What providers post: kept as it came, and what could not be applied of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, cast

from django.db import connection, transaction
from django.db.models import F, Field, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_noop as _

from accounts import clock
from accounts.actor import Actor
from accounts.errors import Refused
from conversations.actions import parking, quarantine, steps, waiting
from conversations.models import Doubt, ProviderAccount, SetAside, WebhookDelivery
from jobs import later, wake

READ = "conversations.read_deliveries"
READER = "deliveries:"
UNFINISHED = (WebhookDelivery.State.RECEIVED, WebhookDelivery.State.APART)
BACKLOG_MOST = 20_000
BUSY_RETRY_S = 30
# So long a delivery may wait before somebody looks whether its reader was woken at all.
OVERDUE = timedelta(seconds=5)
DELIVERIES_KEPT = timedelta(days=8)
SET_ASIDE_KEPT = timedelta(days=30)
DISCARD_BATCH = 1000


# Two statements would leave a moment between the look and the insert, and cost a journey more.
INSERT = """
    INSERT INTO conversations_webhookdelivery (tenant_id, inbox_id, digest, body, state, error, failure, received_at)
    SELECT %s, %s, %s, %s, %s, %s, %s, %s WHERE NOT EXISTS (
        SELECT 1 FROM conversations_webhookdelivery WHERE inbox_id = %s AND state = %s LIMIT 1 OFFSET %s
    )
    ON CONFLICT (inbox_id, digest) DO NOTHING RETURNING id
"""


@transaction.atomic(durable=True)
def take_delivery(actor: Actor, inbox_id: int, raw: bytes, *, key: str = "") -> bool:
    """Keep what a provider posted and wake its reader; False for the same again, which changes nothing.

    The same are the same bytes, or the same `key` where the provider numbers what it posts. The row itself says that it
    is still to be read: a reader that is not woken because of a crash is woken by the sweep.

    Raises Refused("unavailable") while too many wait: the provider comes back.
    """
    digest = hashlib.sha256(key.encode() or raw).hexdigest()
    row = WebhookDelivery(
        tenant_id=actor.tenant_id, inbox_id=inbox_id, digest=digest, body=raw, received_at=clock.now()
    )
    if not inserted(row):
        if WebhookDelivery.is_backlogged(inbox_id, BACKLOG_MOST):
            raise Refused(_("Too much is waiting; come back."), code="unavailable", retry_after=BUSY_RETRY_S)
        return False
    transaction.on_commit(partial(wake_reader, actor.tenant_id, inbox_id), robust=True)
    return True


def inserted(row: WebhookDelivery) -> bool:
    """Whether the row went in: it is not there already, and not too many wait."""
    names = ("tenant", "inbox", "digest", "body", "state", "error", "failure", "received_at")
    fields = [cast("Field[Any, Any]", row._meta.get_field(name)) for name in names]
    values: list[Any] = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [*values, row.inbox_id, WebhookDelivery.State.RECEIVED.value, BACKLOG_MOST])
        return cursor.fetchone() is not None


def wake_reader(tenant_id: int, inbox_id: int) -> None:
    """Have an inbox's deliveries read: by one reader at a time, so that a conversation stays in its order."""
    wake(READ, tenant_id, inbox_id, unique=f"{READER}{inbox_id:012}", tenant_id=tenant_id)


@transaction.atomic(durable=True)
def queue_reader(actor: Actor, inbox_id: int) -> None:
    """Have an inbox's deliveries read after what else is due."""
    later(READ, actor.tenant_id, inbox_id, unique=f"{READER}{inbox_id:012}", tenant_id=actor.tenant_id)


@transaction.atomic(durable=True)
def queue_readers() -> int:
    """Have deliveries read that have waited for some time: a crash may have swallowed the call of their reader.

    Works over all tenants, for the schedule; returns how many inboxes had something to read.
    """
    waiting = WebhookDelivery.objects.filter(state=WebhookDelivery.State.RECEIVED)
    overdue = waiting.filter(received_at__lt=clock.now() - OVERDUE).order_by("inbox_id")
    found = list(overdue.values_list("tenant_id", "inbox_id").distinct())
    for tenant_id, inbox_id in found:
        later(READ, tenant_id, inbox_id, unique=f"{READER}{inbox_id:012}", tenant_id=tenant_id)
    return len(found)


@transaction.atomic(durable=True)
def finish_deliveries(actor: Actor, inbox_id: int, ids: Sequence[int], *, heard: Collection[int] = ()) -> int:
    """Note that these deliveries were read; returns how many were not noted before.

    `heard` are the inboxes whose health is to say that something came in just now.
    """
    rows = WebhookDelivery.objects.filter(tenant_id=actor.tenant_id, inbox_id=inbox_id, pk__in=ids)
    unfinished = rows.filter(state__in=UNFINISHED)
    count = unfinished.update(state=WebhookDelivery.State.DONE)
    if heard:
        accounts = ProviderAccount.objects.filter(tenant_id=actor.tenant_id, inbox_id__in=heard)
        accounts.update(last_delivery_at=clock.now())
    return count


@transaction.atomic(durable=True)
def quarantine_delivery(actor: Actor, delivery_id: int, error: str) -> WebhookDelivery:
    """Note that nobody can read a delivery. Raises WebhookDelivery.DoesNotExist."""
    delivery = WebhookDelivery.locked(actor, delivery_id)
    if delivery.state in UNFINISHED:
        story = steps.Story(actor)
        delivery.end(WebhookDelivery.State.QUARANTINED, error)
        quarantine.alarm(story, delivery, Doubt.UNREADABLE)
        story.tell()
    return delivery


@transaction.atomic(durable=True)
def part_delivery(actor: Actor, delivery_id: int, error: str) -> WebhookDelivery:
    """Take a delivery that can't be read for reasons nobody foresaw out of the row, to be tried again on its own.

    Raises WebhookDelivery.DoesNotExist.
    """
    delivery = WebhookDelivery.locked(actor, delivery_id)
    if delivery.state == WebhookDelivery.State.RECEIVED:
        delivery.end(WebhookDelivery.State.APART, error)
        quarantine.queue_alone(delivery)
    return delivery


@transaction.atomic(durable=True)
def set_aside(
    actor: Actor, inbox_id: int, body: dict[str, Any], *, key: str, target: str = "", reason: str, error: str = ""
) -> tuple[SetAside, bool]:
    """Keep a happening that was not applied; returns it, and whether it is new.

    A quarantined one stays where it is, with its doubt as `error`, and supervisors hear of it; others are tried again.
    """
    row, is_new = SetAside.objects.get_or_create(
        inbox_id=inbox_id,
        key=key[:300],
        defaults={
            "tenant_id": actor.tenant_id,
            "target": target,
            "body": body,
            "reason": reason,
            "error": error[:300],
            "created_at": clock.now(),
        },
    )
    if is_new and reason != SetAside.Reason.QUARANTINED:
        later(
            parking.APPLY,
            actor.tenant_id,
            row.pk,
            unique=parking.key_of(row.pk),
            tenant_id=actor.tenant_id,
            run_at=clock.now() + waiting.LOOKS[0],
        )
    if is_new and reason == SetAside.Reason.QUARANTINED:
        story = steps.Story(actor)
        quarantine.alarm(story, row, error)
        story.tell()
    return row, is_new


@transaction.atomic(durable=True)
def drop_set_aside(actor: Actor, pk: int) -> bool:
    """Forget a happening that has been applied; False if it was forgotten already."""
    return bool(SetAside.objects.filter(tenant_id=actor.tenant_id, pk=pk).delete()[0])


@transaction.atomic(durable=True)
def discard_deliveries() -> int:
    """Throw away old deliveries that were read, and what was set aside long ago; returns how many.

    Works over all tenants, for the schedule. A provider repeats for seven days; a repeat after that is too old to be
    believed anyway.
    """
    done = ~Q(state__in=UNFINISHED)
    old = WebhookDelivery.objects.filter(done, received_at__lt=Now() - DELIVERIES_KEPT).order_by("pk")
    waste = list(old.values_list("pk", flat=True)[:DISCARD_BATCH])
    count = WebhookDelivery.objects.filter(pk__in=waste).delete()[0]
    kept = SetAside.objects.filter(created_at__lt=Now() - SET_ASIDE_KEPT).order_by(F("pk"))
    forgotten = list(kept.values_list("pk", flat=True)[:DISCARD_BATCH])
    return count + SetAside.objects.filter(pk__in=forgotten).delete()[0]
