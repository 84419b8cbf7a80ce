"""What an inbox's account tells of how it fares."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from accounts.models import Tenant
from conversations import actions
from conversations.models import Conversation, Inbox
from tests.telegram.lines import telegram_inbox
from tests.trade import written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_counts_the_open_conversations_that_take_templates_only(davi: Person, line: Inbox):
    first, second, third = (written(line, identifier=f"+559198888777{number}").conversation for number in range(3))
    Conversation.objects.filter(pk=first.pk).update(window_until=now() - timedelta(seconds=1))
    Conversation.objects.filter(pk=second.pk).update(window_until=None)

    shown = davi.client().get(f"/api/v1/inboxes/{line.pk}/account").json()

    assert shown["windows"] == {"open": 1, "shut": 2}
    actions.close_conversation(davi.actor, third.pk)
    assert davi.client().get(f"/api/v1/inboxes/{line.pk}/account").json()["windows"]["open"] == 0


def test_a_channel_without_a_window_counts_none(davi: Person, aurora: Tenant):
    other = telegram_inbox(aurora)
    written(other, identifier="telegram:1")

    assert davi.client().get(f"/api/v1/inboxes/{other.pk}/account").json()["windows"] == {}
