"""A customer's message is stored with a fixed list of what it changes: whatever it changed must be on that list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone

from conversations import actions
from conversations.models import Conversation, Inbox
from tests.trade import reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
Before = Callable[[Person, Conversation], object]


def stand(row: Model) -> dict[str, Any]:
    """The values of all its columns."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def closed(ana: Person, conversation: Conversation) -> None:
    reply(ana, conversation)
    actions.close_conversation(ana.actor, conversation.pk)


BEFORE: dict[str, Before] = {
    "waiting": lambda _ana, _conversation: None,
    "assigned": lambda ana, it: actions.assign(ana.actor, it.pk, user_id=ana.user_id),
    "answered": reply,
    "snoozed": lambda ana, it: actions.snooze(ana.actor, it.pk, until=timezone.now() + timedelta(hours=1)),
    "closed": closed,
}


@pytest.mark.parametrize("keeps_owner", [True, False], ids=["the owner keeps it", "it goes to the queue"])
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_what_is_told_of_a_conversation_is_what_is_stored(
    ana: Person, site: Inbox, conversation: Conversation, before: Before, keeps_owner: bool
) -> None:
    Inbox.objects.filter(pk=site.pk).update(keep_owner=keeps_owner, reopen=True)
    before(ana, conversation)

    message = written(site, "Ainda está aí?")

    assert message.conversation_id == conversation.pk
    assert stand(message.conversation) == stand(Conversation.objects.get(pk=conversation.pk))
    assert stand(message) == stand(type(message).objects.get(pk=message.pk))
    assert stand(message.conversation.contact) == stand(
        type(message.conversation.contact).objects.get(pk=message.conversation.contact_id)
    )
