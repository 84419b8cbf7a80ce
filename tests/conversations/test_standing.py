"""Each frame says how its conversation stood at the one before, so that a follower counts without knowing them all."""

from __future__ import annotations

import pytest

from conversations import actions
from conversations.models import Conversation, Inbox
from tests.trade import published, reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_conversation_stood_nowhere_before(site: Inbox) -> None:
    with published() as frames:
        written(site)

    told = [frame["data"] for frame in frames.to("agents") if frame["type"] == "conversation_updated"]
    assert told[0]["previous"] is None
    assert all(later["previous"] == {"status": "waiting", "assignee_id": None} for later in told[1:])


def test_a_change_tells_where_from(ana: Person, conversation: Conversation) -> None:
    reply(ana, conversation)
    with published() as frames:
        actions.close_conversation(ana.actor, conversation.pk)

    told = next(frame["data"] for frame in frames.to("agents") if frame["type"] == "conversation_updated")
    assert told["previous"] == {"status": "active", "assignee_id": ana.user_id}
    assert told["status"] == "closed"


def test_rest_shows_the_conversation_alone(ana: Person, conversation: Conversation) -> None:
    assert "previous" not in ana.client().get(f"/api/v1/conversations/{conversation.pk}").json()
