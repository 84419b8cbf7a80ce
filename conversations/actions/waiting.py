"""What was told of a message that we do not have: it waits for that, and not for ever.

Most of it is a report that was quicker than the answer to our own call. The rest is never ours: another program sends
by the same number, or the customer reacts to what was written before the inbox was here. Nobody has to look at that.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from accounts import clock
from accounts.actor import Actor
from conversations import metrics
from conversations.actions import parking
from conversations.models import Inbox, SetAside
from jobs import later

logger = logging.getLogger("conversations")

# It is let go as soon as its message is there. Besides it is looked at after so long, since both may happen at one
# moment; and a last time when it is given up.
LOOKS = (timedelta(seconds=3), timedelta(minutes=1))
# A call of ours has ended by then, and with it is known what the provider calls its message. What customers do to their
# own messages may be told days before the message itself, for so long providers repeat what was not taken.
HELD_FOR = {
    "status": timedelta(minutes=15),
    "reaction": timedelta(days=7),
    "edit": timedelta(days=7),
    "revoke": timedelta(days=7),
}


@transaction.atomic(durable=True)
def wait_on(actor: Actor, pk: int) -> bool:
    """Have what waits for its message looked at later once more, or forget it if it has waited for long enough.

    False for what is no mere remark on a message, and for what does not wait (any more): that is never forgotten here.
    Raises SetAside.DoesNotExist.
    """
    row = SetAside.locked(actor, pk)
    kind = str(row.body.get("type"))
    if row.reason != SetAside.Reason.EARLY or kind not in HELD_FOR:
        return False
    if look := next_look(row.created_at, HELD_FOR[kind]):
        later(parking.APPLY, row.tenant_id, row.pk, unique=parking.key_of(row.pk), tenant_id=row.tenant_id, run_at=look)
        return True
    row.delete()
    transaction.on_commit(partial(note_dropped, row.inbox, kind), robust=True)
    return True


def note_dropped(inbox: Inbox, kind: str) -> None:
    metrics.dropped.labels(inbox.channel, kind).inc()
    logger.info("inbox %s: a %s of a message that never came was dropped", inbox.pk, kind)


def next_look(came_at: datetime, held_for: timedelta) -> datetime | None:
    """When to look again; None once it has been held for so long."""
    looks = (came_at + after for after in (*LOOKS, held_for))
    return next((look for look in looks if look > clock.now()), None)
