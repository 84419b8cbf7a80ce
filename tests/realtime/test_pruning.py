"""Old events go, whole streams' tails at a time, and the floor tells."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from realtime import pruning, streams
from realtime.events import Letter, MessageDeleted
from realtime.models import Epoch, StreamEvent
from realtime.publish import publish
from realtime.sync import Mark, marks
from realtime.tasks import prune_events

pytestmark = pytest.mark.django_db
AGENTS, INBOX = streams.agents(1), streams.inbox(1, 3)


@transaction.atomic
def said(stream: str, count: int) -> None:
    event = MessageDeleted(message_id=1, conversation_id=1, deleted_by=None)
    publish(*(Letter(stream, event) for _ in range(count)))


def test_what_is_too_old_goes_and_the_floor_rises_with_it(monkeypatch):
    monkeypatch.setattr(pruning, "BATCH", 3)
    said(AGENTS, 7)
    said(INBOX, 2)
    old = timezone.now() - timedelta(days=8)
    StreamEvent.objects.filter(stream=AGENTS, seq__lte=5).update(created_at=old)
    StreamEvent.objects.filter(stream=INBOX).update(created_at=old)

    prune_events()

    assert marks([AGENTS, INBOX]) == {AGENTS: Mark(7, 5), INBOX: Mark(2, 2)}
    assert list(StreamEvent.objects.order_by("seq").values_list("stream", "seq")) == [(AGENTS, 6), (AGENTS, 7)]
    assert pruning.prune_events() == 0


def test_a_pruned_stream_goes_on_where_it_was():
    said(AGENTS, 2)
    StreamEvent.objects.update(created_at=timezone.now() - timedelta(days=8))
    prune_events()

    said(AGENTS, 1)

    assert marks([AGENTS]) == {AGENTS: Mark(3, 2)}


def test_a_new_epoch_is_begun_by_command():
    before, said_so = Epoch.current(), StringIO()

    call_command("new_epoch", stdout=said_so)

    assert Epoch.current() != before
    assert Epoch.current() in said_so.getvalue()
