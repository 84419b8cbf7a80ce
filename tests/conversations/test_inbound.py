"""What customers write: one path, whatever happens twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from conversations import actions
from conversations.models import Contact, Conversation, Inbox, Message, Status
from realtime.models import Connection
from tests.trade import published, reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_first_message_makes_contact_conversation_and_message(site: Inbox) -> None:
    with published(audited=3) as frames:
        message = written(site, "Oi")

    assert frames.to("agents").types == [
        "contact_created",
        "conversation_updated",
        "chat_message",
        "conversation_updated",
    ]
    assert message.conversation.status == Status.WAITING
    assert message.conversation.unread_count == 1
    assert message.status == "delivered"


def test_the_same_external_id_twice_is_one_message(erp: Inbox) -> None:
    first = written(erp, "pedido 1", external_id="x1")

    with published(audited=0) as frames:
        again = written(erp, "pedido 1", external_id="x1")

    assert (again.pk, list(frames)) == (first.pk, [])


def once(inbox: Inbox, external_id: str) -> int:
    try:
        return written(inbox, "pedido", external_id=external_id).pk
    finally:
        connection.close()


def test_five_copies_at_once_are_one_message(erp: Inbox) -> None:
    with ThreadPoolExecutor(5) as pool:
        found = set(pool.map(lambda _: once(erp, "x1"), range(5)))

    assert len(found) == Message.objects.count() == Contact.objects.count() == 1


def test_three_photos_at_once_of_somebody_new_are_one_conversation(erp: Inbox) -> None:
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda number: once(erp, f"x{number}"), range(3)))

    assert len(set(found)) == 3
    assert Conversation.objects.count() == Contact.objects.count() == 1


def test_writing_again_reopens_and_an_absent_owner_loses_it(
    ana: Person, conversation: Conversation, site: Inbox
) -> None:
    reply(ana, conversation)
    actions.close_conversation(ana.actor, conversation.pk)

    written(site, "ainda não chegou")

    conversation.refresh_from_db()
    assert (conversation.status, conversation.assignee_id) == (Status.WAITING, None)
    assert conversation.open_intervals.count() == 2


def test_a_present_owner_keeps_what_is_reopened(ana: Person, conversation: Conversation, site: Inbox) -> None:
    reply(ana, conversation)
    actions.close_conversation(ana.actor, conversation.pk)
    Connection.objects.create(
        id="x", process="p", tenant_id=ana.tenant_id, user_id=ana.user_id, expires_at="2100-01-01T00:00:00Z"
    )

    written(site, "ainda não chegou")

    conversation.refresh_from_db()
    assert (conversation.status, conversation.assignee_id) == (Status.ASSIGNED, ana.user_id)


def test_an_inbox_may_begin_anew_instead_of_reopening(conversation: Conversation, ana: Person, site: Inbox) -> None:
    Inbox.objects.filter(pk=site.pk).update(reopen=False)
    actions.close_conversation(ana.actor, conversation.pk)

    assert written(site, "outro assunto").conversation_id != conversation.pk


def test_what_a_customer_newly_says_of_themselves_is_taken_over(conversation: Conversation, site: Inbox) -> None:
    with published() as frames:
        written(site, "sou eu", name="Joana S. Lima", email="joana@example.com")

    contact = Contact.objects.get()
    assert (contact.name, contact.email) == ("Joana S. Lima", "joana@example.com")
    assert "contact_updated" in frames.types
