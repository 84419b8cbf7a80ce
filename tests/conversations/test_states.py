"""A conversation's way: waiting, assigned, active, snoozed, closed, and back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from accounts import clock
from accounts.actor import Actor
from accounts.errors import Refused, UnknownReference
from accounts.models import Membership
from conversations import actions
from conversations.errors import AlreadyAssigned, ConversationClosed, ConversationOpen, NotAssignable
from conversations.models import Channel, Conversation, Inbox, OpenInterval, ReplyTime, Status, Team
from conversations.tasks import wake_when_due
from jobs.models import Job
from tests.trade import inbox_of, published, reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
TOMORROW = timedelta(days=1)


def now_is(conversation: Conversation, status: str, owner: Person | None) -> bool:
    fresh = Conversation.objects.get(pk=conversation.pk)
    return (fresh.status, fresh.assignee_id) == (status, owner.user_id if owner else None)


def restricted_to(davi: Person, inbox: Inbox, *people: Person) -> None:
    actions.update_inbox(davi.actor, inbox.pk, restricted=True, user_ids=[person.user_id for person in people])


# --- whose is it ------------------------------------------------------------------------------------------------------


def test_who_takes_a_waiting_one_owns_it(ana: Person, conversation: Conversation):
    actions.assign(ana.actor, conversation.pk, user_id=ana.user_id)

    assert now_is(conversation, Status.ASSIGNED, ana)


def test_an_answer_makes_it_active_and_another_owner_assigned_again(
    ana: Person, bruno: Person, conversation: Conversation
):
    reply(ana, conversation)
    assert now_is(conversation, Status.ACTIVE, ana)

    actions.transfer(ana.actor, conversation.pk, user_id=bruno.user_id)
    assert now_is(conversation, Status.ASSIGNED, bruno)


def test_a_colleagues_answer_leaves_the_owner_and_makes_it_active(
    ana: Person, bruno: Person, conversation: Conversation
):
    actions.assign(ana.actor, conversation.pk, user_id=ana.user_id)

    reply(bruno, conversation)

    assert now_is(conversation, Status.ACTIVE, ana)


def test_an_agent_is_told_who_has_it_already(ana: Person, bruno: Person, conversation: Conversation):
    actions.assign(ana.actor, conversation.pk, user_id=ana.user_id)

    with pytest.raises(AlreadyAssigned, match="Ana"), published(audited=0):
        actions.assign(bruno.actor, conversation.pk, user_id=bruno.user_id)


def test_a_supervisor_may_take_it_over(ana: Person, carla: Person, conversation: Conversation):
    actions.assign(ana.actor, conversation.pk, user_id=ana.user_id)

    actions.assign(carla.actor, conversation.pk, user_id=carla.user_id)

    assert now_is(conversation, Status.ASSIGNED, carla)


def test_an_owner_may_put_it_back_into_the_queue(ana: Person, conversation: Conversation):
    reply(ana, conversation)

    actions.assign(ana.actor, conversation.pk, user_id=None)

    assert now_is(conversation, Status.WAITING, None)


def test_an_agent_transfers_what_is_not_theirs(ana: Person, bruno: Person, conversation: Conversation):
    reply(ana, conversation)

    actions.transfer(bruno.actor, conversation.pk, user_id=bruno.user_id)

    assert now_is(conversation, Status.ASSIGNED, bruno)


def test_a_transfer_to_a_team_goes_to_its_queue(ana: Person, carla: Person, conversation: Conversation):
    team = actions.create_team(carla.actor, name="Vendas")
    reply(ana, conversation)

    with published(audited=1) as frames:
        actions.transfer(ana.actor, conversation.pk, team_id=team.pk)

    assert now_is(conversation, Status.WAITING, None)
    assert frames.to("agents")[-1]["data"]["team_id"] == team.pk
    assert frames.to("agents")[0]["data"]["message"]["metadata"] == {
        "activity": "transferred",
        "by": "Ana",
        "to": "Vendas",
    }


def test_a_transfer_needs_somebody_to_go_to(ana: Person, conversation: Conversation):
    with pytest.raises(Refused, match="required"):
        actions.transfer(ana.actor, conversation.pk)


@pytest.mark.parametrize("who", ["foreign", "missing", "disabled"])
def test_only_an_active_colleague_can_have_it(
    who: str, ana: Person, bruno: Person, eva: Person, conversation: Conversation
):
    Membership.objects.filter(pk=bruno.membership_id).update(is_active=False)
    user_id = {"foreign": eva.user_id, "missing": 10**9, "disabled": bruno.user_id}[who]

    with pytest.raises(UnknownReference) as refused:
        actions.assign(ana.actor, conversation.pk, user_id=user_id)
    assert refused.value.attr == "user_id"


def test_a_foreign_team_is_none(ana: Person, fabio: Person, conversation: Conversation):
    theirs = actions.create_team(fabio.actor, name="Forno")

    for team_id in (theirs.pk, 10**9):
        with pytest.raises(UnknownReference) as refused:
            actions.assign(ana.actor, conversation.pk, user_id=None, team_id=team_id)
        assert refused.value.attr == "team_id"


def test_who_may_not_see_the_inbox_can_not_have_it(
    ana: Person, bruno: Person, davi: Person, conversation: Conversation, site: Inbox
):
    restricted_to(davi, site, ana)

    with pytest.raises(NotAssignable):
        actions.assign(ana.actor, conversation.pk, user_id=bruno.user_id)
    actions.assign(ana.actor, conversation.pk, user_id=davi.user_id)


def test_giving_it_writes_one_line_for_the_team_and_none_for_the_customer(
    ana: Person, bruno: Person, conversation: Conversation
):
    with published(audited=1) as frames:
        actions.assign(ana.actor, conversation.pk, user_id=bruno.user_id)

    line = frames.to("agents")[0]["data"]["message"]
    assert (line["sender"], line["metadata"]["activity"], line["author"]) == ("system", "assigned", None)
    assert frames.to(f"c{conversation.contact_id}.i{conversation.inbox_id}") == []
    assert frames.to("supervisors")[0]["data"]["details"]["after"] == {"assignee_id": bruno.user_id}


# --- snoozed ----------------------------------------------------------------------------------------------------------


def test_a_snooze_ends_by_itself(ana: Person, conversation: Conversation):
    reply(ana, conversation)
    until = now() + TOMORROW
    actions.snooze(ana.actor, conversation.pk, until=until)
    assert now_is(conversation, Status.SNOOZED, ana)
    assert Job.objects.get(name="conversations.wake").run_at == until

    with clock.at(until):
        wake_when_due(conversation.tenant_id, conversation.pk)

    assert now_is(conversation, Status.ACTIVE, ana)


def test_a_snooze_ends_when_the_customer_writes(ana: Person, conversation: Conversation, site: Inbox):
    reply(ana, conversation)
    actions.snooze(ana.actor, conversation.pk, until=now() + TOMORROW)

    written(site, "e então?")

    assert now_is(conversation, Status.ACTIVE, ana)


def test_a_snooze_ends_by_hand(ana: Person, conversation: Conversation):
    actions.snooze(ana.actor, conversation.pk, until=now() + TOMORROW)

    with published(audited=1):
        actions.reopen_conversation(ana.actor, conversation.pk)

    assert now_is(conversation, Status.WAITING, None)


def test_a_job_that_comes_too_early_looks_again(ana: Person, conversation: Conversation):
    until = now() + TOMORROW
    actions.snooze(ana.actor, conversation.pk, until=until)
    Job.objects.all().delete()

    with published(audited=0):
        wake_when_due(conversation.tenant_id, conversation.pk)

    assert now_is(conversation, Status.SNOOZED, None)
    assert Job.objects.get(name="conversations.wake").run_at == until


def test_putting_it_off_again_leaves_one_job(ana: Person, conversation: Conversation):
    for days in (2, 3, 1):
        actions.snooze(ana.actor, conversation.pk, until=now() + days * TOMORROW)

    assert Job.objects.filter(name="conversations.wake").count() == 1


def test_a_wake_up_call_finds_it_closed(ana: Person, conversation: Conversation):
    until = now() + TOMORROW
    actions.snooze(ana.actor, conversation.pk, until=until)
    actions.close_conversation(ana.actor, conversation.pk)

    with clock.at(until), published(audited=0) as frames:
        wake_when_due(conversation.tenant_id, conversation.pk)

    assert frames == []
    assert now_is(conversation, Status.CLOSED, None)


def test_a_snooze_lies_ahead(ana: Person, conversation: Conversation):
    with pytest.raises(Refused, match="bad_time"):
        actions.snooze(ana.actor, conversation.pk, until=now())


def test_a_new_owner_does_not_wake_it(ana: Person, bruno: Person, conversation: Conversation):
    actions.snooze(ana.actor, conversation.pk, until=now() + TOMORROW)

    actions.assign(ana.actor, conversation.pk, user_id=bruno.user_id)

    assert now_is(conversation, Status.SNOOZED, bruno)


# --- closed and open again --------------------------------------------------------------------------------------------


def test_closing_ends_the_wait_and_the_interval(ana: Person, conversation: Conversation):
    closed = actions.close_conversation(ana.actor, conversation.pk)

    interval = OpenInterval.objects.get()
    assert (interval.closed_at, interval.closed_by_id) == (closed.closed_at, ana.user_id)
    assert (closed.waiting_since, closed.snoozed_until) == (None, None)


@pytest.mark.parametrize("act", ["assign", "transfer", "snooze"])
def test_a_closed_one_is_not_given_or_put_off(act: str, ana: Person, conversation: Conversation):
    actions.close_conversation(ana.actor, conversation.pk)
    wanted = {"until": now() + TOMORROW} if act == "snooze" else {"user_id": ana.user_id}

    with pytest.raises(ConversationClosed):
        getattr(actions, act)(ana.actor, conversation.pk, **wanted)


def test_reopening_gives_it_back_to_its_owner_unanswered(ana: Person, bruno: Person, conversation: Conversation):
    reply(ana, conversation)
    actions.close_conversation(ana.actor, conversation.pk)

    actions.reopen_conversation(bruno.actor, conversation.pk)

    assert now_is(conversation, Status.ASSIGNED, ana)
    assert OpenInterval.objects.filter(closed_at=None).count() == 1


def test_a_contact_has_one_open_conversation_in_an_inbox(ana: Person, conversation: Conversation, site: Inbox):
    Inbox.objects.filter(pk=site.pk).update(reopen=False)
    actions.close_conversation(ana.actor, conversation.pk)
    newer = written(site, "outro assunto").conversation

    with pytest.raises(ConversationOpen):
        actions.reopen_conversation(ana.actor, conversation.pk)
    actions.close_conversation(ana.actor, newer.pk)
    actions.reopen_conversation(ana.actor, conversation.pk)
    assert written(site, "aqui de novo").conversation_id == conversation.pk


def test_an_agent_who_starts_one_owns_it(ana: Person, conversation: Conversation, erp: Inbox):
    started = actions.start_conversation(ana.actor, contact_id=conversation.contact_id, inbox_id=erp.pk)

    assert now_is(started, Status.ASSIGNED, ana)
    assert OpenInterval.objects.filter(conversation=started, closed_at=None).exists()


@pytest.mark.parametrize("wrong", ["contact_id", "inbox_id"])
def test_one_is_started_with_what_the_company_has(
    wrong: str, ana: Person, conversation: Conversation, erp: Inbox, foreign: Conversation
):
    right = {"contact_id": conversation.contact_id, "inbox_id": erp.pk}
    for unknown in (getattr(foreign, wrong), 10**9):
        with pytest.raises(UnknownReference) as refused:
            actions.start_conversation(ana.actor, **(right | {wrong: unknown}))
        assert refused.value.attr == wrong


def test_none_is_started_in_an_inbox_that_is_hidden_or_out_of_use(
    ana: Person, bruno: Person, davi: Person, conversation: Conversation, erp: Inbox
):
    restricted_to(davi, erp, ana)
    with pytest.raises(UnknownReference):
        actions.start_conversation(bruno.actor, contact_id=conversation.contact_id, inbox_id=erp.pk)

    actions.delete_inbox(davi.actor, erp.pk)
    with pytest.raises(UnknownReference):
        actions.start_conversation(ana.actor, contact_id=conversation.contact_id, inbox_id=erp.pk)


# --- what stands on it ------------------------------------------------------------------------------------------------


def test_priority_labels_and_team_change_together(ana: Person, carla: Person, conversation: Conversation):
    team = actions.create_team(carla.actor, name="Vendas")
    for name in ("vip", "atraso"):
        actions.create_label(carla.actor, name=name)

    with published(audited=1) as frames:
        actions.update_conversation(
            ana.actor, conversation.pk, priority="high", labels=["vip", "atraso", "vip"], team_id=team.pk
        )

    shown = frames.to("agents")[0]["data"]
    assert (shown["priority"], shown["labels"], shown["team_id"]) == ("high", ["atraso", "vip"], team.pk)
    assert frames.to("supervisors")[0]["data"]["details"]["before"] == {
        "priority": "normal",
        "labels": [],
        "team_id": None,
    }


def test_a_team_and_labels_are_taken_off_again(ana: Person, carla: Person, conversation: Conversation):
    team = actions.create_team(carla.actor, name="Vendas")
    actions.create_label(carla.actor, name="vip")
    actions.update_conversation(ana.actor, conversation.pk, labels=["vip"], team_id=team.pk)

    actions.update_conversation(ana.actor, conversation.pk, labels=[], team_id=None)

    fresh = Conversation.objects.get(pk=conversation.pk)
    assert (list(fresh.labels.all()), fresh.team_id) == ([], None)


def test_a_label_or_team_that_the_company_does_not_have_is_refused(
    ana: Person, fabio: Person, conversation: Conversation
):
    actions.create_label(fabio.actor, name="pão")
    theirs = actions.create_team(fabio.actor, name="Forno")

    for wrong in ({"labels": ["pão"]}, {"labels": ["nada"]}, {"team_id": theirs.pk}, {"team_id": 10**9}):
        with pytest.raises(UnknownReference), published(audited=0):
            actions.update_conversation(ana.actor, conversation.pk, **wrong)


# --- time that was waited ---------------------------------------------------------------------------------------------


def test_each_turn_of_the_customer_has_one_reply_time(ana: Person, bruno: Person, site: Inbox):
    begin = now().replace(microsecond=0)
    with clock.at(begin):
        conversation = written(site).conversation
    with clock.at(begin + timedelta(seconds=30)):
        written(site, "alô?")
    with clock.at(begin + timedelta(seconds=90)):
        reply(ana, conversation)
        reply(ana, conversation, "Pronto.")
    with clock.at(begin + timedelta(seconds=200)):
        written(site, "obrigada, mais uma coisa")
    with clock.at(begin + timedelta(seconds=220)):
        reply(bruno, conversation)

    assert list(ReplyTime.objects.order_by("pk").values_list("turn", "seconds", "user_id")) == [
        ("first", 90.0, ana.user_id),
        ("next", 20.0, bruno.user_id),
    ]


def test_a_note_and_a_bot_end_nobodys_wait(ana: Person, conversation: Conversation):
    reply(ana, conversation, "só entre nós", private=True)
    actions.send_message(Actor.system(conversation.tenant_id), conversation.pk, content="Já vamos atender.")

    assert not ReplyTime.objects.exists()
    assert now_is(conversation, Status.WAITING, None)


def test_another_companys_actor_finds_nothing(eva: Person, conversation: Conversation):
    for act in (actions.close_conversation, actions.reopen_conversation, actions.wake):
        with pytest.raises(Conversation.DoesNotExist):
            act(eva.actor, conversation.pk)
    assert Team.objects.count() == 0


def test_an_inbox_keeps_the_owner_where_it_says_so(ana: Person, aurora):
    inbox = inbox_of(aurora, "Pedidos", Channel.API, keep_owner=True, csat_enabled=False)
    conversation = written(inbox).conversation
    reply(ana, conversation)
    actions.close_conversation(ana.actor, conversation.pk)

    written(inbox, "voltei")

    assert now_is(conversation, Status.ASSIGNED, ana)
