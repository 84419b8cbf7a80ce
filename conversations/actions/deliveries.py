"""What providers post: kept as it came, and what could not be applied of it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts import clock
from accounts.actor import Actor
from accounts.errors import Refused
from conversations.actions import parking, quarantine, steps
from conversations.models import Doubt, ProviderAccount, SetAside, WebhookDelivery
from jobs import later

BACKLOG_MOST = 20_000
BUSY_RETRY_S = 30
DELIVERIES_KEPT = timedelta(days=8)
SET_ASIDE_KEPT = timedelta(days=30)
# The account's row would be written by every delivery; its time is a figure for people.
NOTED_EVERY = timedelta(seconds=10)
# An early happening is looked at again even if nobody says that its message came: both may happen at one moment.
LOOK_AGAIN = timedelta(seconds=3)
DISCARD_BATCH = 1000


@transaction.atomic(durable=True)
def take_delivery(actor: Actor, inbox_id: int, raw: bytes, *, key: str = "") -> bool:
    """Keep what a provider posted and queue its reading; False for the same again, which changes nothing.

    The same are the same bytes, or the same `key` where the provider numbers what it posts.

    Raises Refused("unavailable") while too many wait: the provider comes back.
    """
    if WebhookDelivery.is_backlogged(inbox_id, BACKLOG_MOST):
        raise Refused("Too much is waiting; come back.", code="unavailable", retry_after=BUSY_RETRY_S)
    digest = hashlib.sha256(key.encode() or raw).hexdigest()
    delivery = WebhookDelivery(
        tenant_id=actor.tenant_id, inbox_id=inbox_id, digest=digest, body=raw, received_at=clock.now()
    )
    try:
        with transaction.atomic():
            delivery.save(force_insert=True)
    except IntegrityError:
        return False
    later(quarantine.PROCESS, actor.tenant_id, delivery.pk, unique=f"delivery:{delivery.pk}", tenant_id=actor.tenant_id)
    return True


@transaction.atomic(durable=True)
def finish_delivery(actor: Actor, delivery_id: int, state: str, error: str = "") -> WebhookDelivery:
    """Note that a delivery was read, or that nobody can read it. Raises WebhookDelivery.DoesNotExist."""
    delivery = WebhookDelivery.locked(actor, delivery_id)
    story = steps.Story(actor)
    if delivery.state == WebhookDelivery.State.RECEIVED:
        delivery.state, delivery.error = state, error[:300]
        delivery.save(update_fields=["state", "error"])
        seen = Q(last_delivery_at__isnull=True) | Q(last_delivery_at__lt=delivery.received_at - NOTED_EVERY)
        ProviderAccount.objects.filter(seen, inbox_id=delivery.inbox_id).update(last_delivery_at=delivery.received_at)
        if state == WebhookDelivery.State.QUARANTINED:
            quarantine.alarm(story, delivery, Doubt.UNREADABLE)
    story.tell()
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
            run_at=clock.now() + LOOK_AGAIN,
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
    done = ~Q(state=WebhookDelivery.State.RECEIVED)
    old = WebhookDelivery.objects.filter(done, received_at__lt=Now() - DELIVERIES_KEPT).order_by("pk")
    waste = list(old.values_list("pk", flat=True)[:DISCARD_BATCH])
    count = WebhookDelivery.objects.filter(pk__in=waste).delete()[0]
    kept = SetAside.objects.filter(created_at__lt=Now() - SET_ASIDE_KEPT).order_by(F("pk"))
    forgotten = list(kept.values_list("pk", flat=True)[:DISCARD_BATCH])
    return count + SetAside.objects.filter(pk__in=forgotten).delete()[0]
