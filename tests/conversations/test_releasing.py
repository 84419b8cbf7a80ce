"""Conversations of somebody who can't see them any more: back into the queue, by themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from accounts.actions.platform import set_user_active
from accounts.actor import Actor, Origin, Role
from audit.models import AuditRecord, Verb
from conversations import actions
from conversations.actions import releasing
from conversations.models import Conversation, Inbox, Message, Status
from jobs.worker import drain
from tests.trade import inbox_of, published, reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def restricted_to(inbox: Inbox, *people: Person) -> None:
    """Let only these agents see an inbox."""
    admin = Actor(tenant_id=inbox.tenant_id, role=Role.ADMIN, origin=Origin.API)
    actions.update_inbox(admin, inbox.pk, restricted=True, user_ids=[person.user_id for person in people])


@pytest.fixture
def anas(ana: Person, conversation: Conversation) -> Conversation:
    """A conversation that ana has answered and owns."""
    reply(ana, conversation)
    drain()
    return conversation


def test_who_is_removed_leaves_their_conversations_to_the_queue(ana: Person, davi: Person, anas: Conversation) -> None:
    with published() as frames:
        davi.client().delete(f"/api/v1/users/{ana.user_id}")
        drain()

    anas.refresh_from_db()
    assert (anas.assignee_id, anas.status, anas.answered) == (None, Status.WAITING, False)
    update = frames.to("agents")[-1]["data"]
    assert (update["id"], update["assignee_id"], update["status"]) == (anas.pk, None, "waiting")
    record = AuditRecord.objects.get(verb=Verb.CONVERSATION_ASSIGNED)
    assert (record.user_id, record.details["before"]) == (None, {"assignee_id": ana.user_id})
    line = Message.objects.filter(conversation=anas).latest("pk")
    assert (line.sender_type, line.metadata["activity"]) == ("system", "owner_lost")


def test_who_is_disabled_leaves_their_conversations_to_the_queue(ana: Person, davi: Person, anas: Conversation) -> None:
    davi.client().patch(f"/api/v1/users/{ana.user_id}", {"is_active": False})
    drain()

    anas.refresh_from_db()
    assert (anas.assignee_id, anas.status) == (None, Status.WAITING)


def test_who_is_shut_out_of_the_platform_owns_nothing_anywhere(ana: Person, anas: Conversation) -> None:
    set_user_active(Actor.system(ana.tenant_id, Origin.ADMIN), ana.user_id, active=False)
    drain()

    anas.refresh_from_db()
    assert anas.assignee_id is None


def test_an_agent_who_loses_an_inbox_loses_its_conversations_and_no_other(
    ana: Person, bruno: Person, davi: Person, anas: Conversation, erp: Inbox
) -> None:
    vault = inbox_of(erp.tenant, "Cofre")
    restricted_to(vault, ana, bruno)
    secret = written(vault, "segredo").conversation
    reply(ana, secret)

    davi.client().patch(f"/api/v1/users/{ana.user_id}", {"inbox_ids": []})
    drain()

    secret.refresh_from_db()
    anas.refresh_from_db()
    assert (secret.assignee_id, anas.assignee_id) == (None, ana.user_id)


def test_a_promotion_takes_nothing(ana: Person, davi: Person, anas: Conversation) -> None:
    davi.client().patch(f"/api/v1/users/{ana.user_id}", {"role": "supervisor"})
    with published(audited=0):
        drain()

    anas.refresh_from_db()
    assert (anas.assignee_id, anas.status) == (ana.user_id, Status.ACTIVE)


def test_a_snoozed_conversation_stays_snoozed_without_its_owner_and_a_closed_one_keeps_its_history(
    ana: Person, davi: Person, anas: Conversation, erp: Inbox
) -> None:
    over = written(erp, external_id="x1").conversation
    reply(ana, over)
    actions.close_conversation(ana.actor, over.pk)
    actions.snooze(ana.actor, anas.pk, until=now() + timedelta(hours=1))

    davi.client().delete(f"/api/v1/users/{ana.user_id}")
    drain()

    anas.refresh_from_db()
    over.refresh_from_db()
    assert (anas.assignee_id, anas.status) == (None, Status.SNOOZED)
    assert (over.assignee_id, over.status) == (ana.user_id, Status.CLOSED)


def test_a_second_run_changes_nothing(ana: Person, davi: Person, anas: Conversation) -> None:
    davi.client().delete(f"/api/v1/users/{ana.user_id}")
    drain()

    with published(audited=0) as frames:
        assert actions.release_conversations(Actor.system(ana.tenant_id), ana.user_id) == 0
    assert list(frames) == []


def test_more_than_fit_one_transaction_are_all_released(
    ana: Person, davi: Person, erp: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "RELEASED_AT_ONCE", 2)
    for number in range(5):
        reply(ana, written(erp, identifier=f"c{number}", external_id=f"x{number}").conversation)

    davi.client().delete(f"/api/v1/users/{ana.user_id}")
    drain()

    assert not Conversation.objects.filter(assignee=ana.user_id).exists()


def test_a_closed_conversation_reopens_without_an_owner_who_has_left(
    ana: Person, bruno: Person, davi: Person, anas: Conversation
) -> None:
    actions.close_conversation(ana.actor, anas.pk)
    davi.client().delete(f"/api/v1/users/{ana.user_id}")
    drain()

    reopened = actions.reopen_conversation(bruno.actor, anas.pk)

    assert (reopened.assignee_id, reopened.status) == (None, Status.WAITING)


def test_a_customer_does_not_come_back_to_an_owner_who_has_left_even_where_owners_are_kept(
    ana: Person, davi: Person, erp: Inbox
) -> None:
    Inbox.objects.filter(pk=erp.pk).update(keep_owner=True)
    conversation = written(erp, external_id="x1").conversation
    reply(ana, conversation)
    actions.close_conversation(ana.actor, conversation.pk)
    davi.client().delete(f"/api/v1/users/{ana.user_id}")
    drain()

    back = written(erp, "de novo", external_id="x2").conversation

    assert (back.pk, back.assignee_id, back.status) == (conversation.pk, None, Status.WAITING)


def test_an_inbox_that_is_closed_to_its_owners_takes_its_conversations_from_them(
    ana: Person, bruno: Person, davi: Person, anas: Conversation, site: Inbox
) -> None:
    brunos = written(site, identifier="v:rui").conversation
    reply(bruno, brunos)

    restricted_to(site, bruno)
    drain()

    anas.refresh_from_db()
    brunos.refresh_from_db()
    assert (anas.assignee_id, brunos.assignee_id) == (None, bruno.user_id)

    davi.client().patch(f"/api/v1/inboxes/{site.pk}", {"user_ids": []})
    drain()

    brunos.refresh_from_db()
    assert brunos.assignee_id is None
