"""What the team says, and what becomes of it."""

from __future__ import annotations

import pytest

from accounts.errors import UnknownReference
from conversations import actions
from conversations.errors import ConversationClosed, EmptyMessage, NotYourMessage
from conversations.models import Conversation, Delivery, Inbox, Message, ReplyTime, Status
from jobs.models import Job
from tests.trade import published, reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_reply_sent_twice_is_stored_audited_and_shown_once(ana: Person, conversation: Conversation) -> None:
    with published(audited=1) as frames:
        first, is_new = actions.send_message(ana.actor, conversation.pk, content="Olá!", client_message_id="c1")
        again, is_news = actions.send_message(ana.actor, conversation.pk, content="outra", client_message_id="c1")

    assert (first.pk, is_new, again.pk, is_news) == (again.pk, True, first.pk, False)
    assert frames.to("agents").types == ["chat_message", "conversation_updated"]
    assert frames.to("supervisors").types == ["audit_log"]
    assert frames.to(f"c{conversation.contact_id}.i{conversation.inbox_id}").types == ["chat_message"]


def test_a_reply_is_pending_until_its_job_has_run(ana: Person, conversation: Conversation) -> None:
    message = reply(ana, conversation)

    assert message.status == Delivery.PENDING
    assert Job.objects.filter(name="conversations.deliver", args=[ana.tenant_id, message.pk]).count() == 1


def test_a_reply_makes_its_author_the_owner_and_ends_the_wait(ana: Person, conversation: Conversation) -> None:
    reply(ana, conversation)

    conversation.refresh_from_db()
    assert (conversation.status, conversation.assignee_id) == (Status.ACTIVE, ana.user_id)
    assert conversation.waiting_since is None
    assert ReplyTime.objects.get().turn == "first"


def test_a_note_reaches_the_team_and_never_the_customer(ana: Person, conversation: Conversation) -> None:
    with published(audited=1) as frames:
        note = reply(ana, conversation, "Cuidado, cliente antigo", private=True)

    assert frames.to("agents").types == ["chat_message", "conversation_updated"]
    assert frames.to(f"c{conversation.contact_id}.i{conversation.inbox_id}") == []
    conversation.refresh_from_db()
    assert (conversation.status, note.status) == (Status.WAITING, Delivery.DELIVERED)
    assert conversation.waiting_since is not None


def test_an_empty_reply_is_refused(ana: Person, conversation: Conversation) -> None:
    with pytest.raises(EmptyMessage), published(audited=0):
        reply(ana, conversation, "  \n ")


def test_a_closed_conversation_takes_notes_only(ana: Person, conversation: Conversation) -> None:
    actions.close_conversation(ana.actor, conversation.pk)

    with pytest.raises(ConversationClosed):
        reply(ana, conversation)
    assert reply(ana, conversation, "para lembrar", private=True).private


def test_a_reply_may_quote_only_its_own_conversation(
    ana: Person, conversation: Conversation, foreign: Conversation, site: Inbox
) -> None:
    question = Message.objects.get(conversation=conversation)
    elsewhere = written(site, identifier="v:outra")

    assert reply(ana, conversation, "sim", reply_to=question.pk).reply_to_id == question.pk
    for wrong in (elsewhere.pk, Message.objects.get(conversation=foreign).pk, 10**9):
        with pytest.raises(UnknownReference):
            reply(ana, conversation, "sim", reply_to=wrong)


def test_another_companys_conversation_does_not_exist(eva: Person, conversation: Conversation) -> None:
    with pytest.raises(Conversation.DoesNotExist):
        reply(eva, conversation)


def test_deleting_keeps_a_tombstone_and_tells_both_sides(ana: Person, conversation: Conversation) -> None:
    message = reply(ana, conversation, "senha: 1234")

    with published(audited=1) as frames:
        actions.delete_message(ana.actor, message.pk)
        actions.delete_message(ana.actor, message.pk)

    message.refresh_from_db()
    assert (message.content, message.deleted_by_id) == ("", ana.user_id)
    assert frames.to("agents").types == ["message_deleted", "conversation_updated"]
    assert frames.to(f"c{conversation.contact_id}.i{conversation.inbox_id}").types == ["message_deleted"]


def test_only_its_author_and_supervisors_delete_a_message(
    ana: Person, bruno: Person, carla: Person, conversation: Conversation
) -> None:
    message = reply(ana, conversation)

    with pytest.raises(NotYourMessage):
        actions.delete_message(bruno.actor, message.pk)
    assert actions.delete_message(carla.actor, message.pk).deleted_by_id == carla.user_id


def test_a_person_has_one_reaction_and_may_take_it_back(ana: Person, conversation: Conversation) -> None:
    message = Message.objects.get(conversation=conversation)

    with published(audited=3) as frames:
        for reaction in ("👍", "👍", "❤️", "", ""):
            actions.react(ana.actor, message.pk, reaction)

    assert [frame["data"]["reaction"] for frame in frames.to("agents")] == ["👍", "❤️", ""]
    assert message.reactions.count() == 0
