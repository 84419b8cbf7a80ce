"""How far the team and the customer have read."""

from __future__ import annotations

import pytest

from accounts.actor import Actor
from conversations import actions
from conversations.models import Conversation, Delivery, Inbox, Message, ReadMark
from tests.trade import published, reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def joana(conversation: Conversation) -> Actor:
    return Actor.contact(conversation.tenant_id, conversation.contact_id)


def unread(conversation: Conversation) -> int:
    return Conversation.objects.get(pk=conversation.pk).unread_count


def test_what_the_customer_wrote_after_the_newest_mark_is_unread(ana: Person, conversation: Conversation, site: Inbox):
    second, _third = written(site, "dois"), written(site, "três")
    assert unread(conversation) == 3

    actions.mark_read(ana.actor, conversation.pk, second.pk)
    assert unread(conversation) == 1

    actions.mark_read(ana.actor, conversation.pk)
    assert unread(conversation) == 0
    written(site, "quatro")
    assert unread(conversation) == 1


def test_the_newest_mark_of_any_agent_counts(ana: Person, bruno: Person, conversation: Conversation, site: Inbox):
    first = Message.objects.get()
    written(site, "dois")
    actions.mark_read(ana.actor, conversation.pk)

    with published(audited=0) as frames:
        actions.mark_read(bruno.actor, conversation.pk, first.pk)

    assert unread(conversation) == 0
    assert frames.to("agents").types == ["message_read"]


def test_a_mark_never_moves_back(ana: Person, conversation: Conversation, site: Inbox):
    first = Message.objects.get()
    last = written(site, "dois")
    actions.mark_read(ana.actor, conversation.pk)

    with published(audited=0) as frames:
        actions.mark_read(ana.actor, conversation.pk, first.pk)

    assert frames == []
    assert ReadMark.objects.get().message_id == last.pk


def test_what_the_team_writes_is_never_unread(ana: Person, conversation: Conversation):
    actions.mark_read(ana.actor, conversation.pk)
    reply(ana, conversation)
    reply(ana, conversation, "nota", private=True)

    assert unread(conversation) == 0


def test_a_mark_beyond_the_newest_message_means_that_one(ana: Person, conversation: Conversation):
    actions.mark_read(ana.actor, conversation.pk, 10**12)

    assert ReadMark.objects.get().message_id == Message.objects.get().pk


def test_a_message_of_another_conversation_can_not_be_marked_here(ana: Person, site: Inbox, foreign: Conversation):
    elsewhere = written(site, identifier="v:outra")
    here = written(site).conversation
    later = written(site, "mais", identifier="v:outra")

    for wrong in (elsewhere.pk, later.pk, Message.objects.get(conversation=foreign).pk):
        with pytest.raises(Message.DoesNotExist):
            actions.mark_read(ana.actor, here.pk, wrong)


def test_the_customer_reading_turns_the_teams_messages_to_read(ana: Person, conversation: Conversation):
    one, note = reply(ana, conversation), reply(ana, conversation, "nota", private=True)
    two = reply(ana, conversation, "mais")

    with published(audited=0) as frames:
        actions.mark_read(joana(conversation), conversation.pk, one.pk)

    assert frames.to("agents").types == ["message_read", "message_status"]
    assert [Message.objects.get(pk=message.pk).status for message in (one, two, note)] == [
        Delivery.READ,
        Delivery.PENDING,
        Delivery.DELIVERED,
    ]
    assert frames.to(f"c{conversation.contact_id}.i{conversation.inbox_id}").types == ["message_status"]


def test_the_customer_can_not_mark_a_note(ana: Person, conversation: Conversation):
    note = reply(ana, conversation, "nota", private=True)
    reply(ana, conversation)

    with pytest.raises(Message.DoesNotExist):
        actions.mark_read(joana(conversation), conversation.pk, note.pk)


def test_the_customer_learns_that_the_team_has_read_but_not_who(ana: Person, conversation: Conversation):
    with published() as frames:
        actions.mark_read(ana.actor, conversation.pk)

    (told,) = frames.to(f"c{conversation.contact_id}.i{conversation.inbox_id}")
    assert set(told["data"]) == {"conversation_id", "message_id", "read_at"}
