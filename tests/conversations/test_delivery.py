"""How messages go out, and how far they have come."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from django.utils.timezone import now

from accounts.actor import Actor
from conversations import actions
from conversations.models import Channel, Conversation, Delivery, Inbox, Message
from conversations.providers import PROVIDERS, Outcome
from conversations.tasks import deliver, sweep_undelivered
from jobs import GiveUp, leases
from jobs.actions import replay_job
from jobs.models import Job, State
from jobs.worker import drain, perform
from tests.trade import published, reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
ORDER = [Delivery.PENDING, Delivery.SENT, Delivery.DELIVERED, Delivery.READ]


def system(message: Message) -> Actor:
    return Actor.system(message.tenant_id)


def status(message: Message) -> str:
    return Message.objects.get(pk=message.pk).status


@pytest.fixture
def message(ana: Person, conversation: Conversation) -> Message:
    return reply(ana, conversation)


@pytest.mark.parametrize(("first", "then"), list(product(Delivery.values, Delivery.values)))
def test_a_delivery_state_only_rises_and_fails_only_before_it_is_delivered(first: str, then: str, message: Message):
    Message.objects.filter(pk=message.pk).update(status=first)

    with published(audited=None) as frames:
        actions.advance(system(message), message.pk, Delivery(then))

    fails = then == Delivery.FAILED and first in (Delivery.PENDING, Delivery.SENT)
    recovers = first == Delivery.FAILED and then in (Delivery.DELIVERED, Delivery.READ)
    rises = {first, then} <= set(ORDER) and ORDER.index(Delivery(then)) > ORDER.index(Delivery(first))
    is_news = fails or recovers or rises
    assert status(message) == (then if is_news else first)
    assert frames.to("agents").types == ["message_status"] * is_news


def test_a_failure_is_told_to_the_team_with_its_reason_and_written_down(message: Message, conversation: Conversation):
    with published(audited=1) as frames:
        actions.advance(system(message), message.pk, Delivery.FAILED, error="Número inválido")

    assert frames.to("agents")[0]["data"]["error"] == "Número inválido"
    assert frames.to(f"c{conversation.contact_id}.i{conversation.inbox_id}")[0]["data"]["error"] == ""
    assert frames.to("supervisors")[0]["data"]["action"] == "message_failed"


def test_the_providers_number_is_kept_even_if_the_news_is_old(message: Message):
    actions.advance(system(message), message.pk, Delivery.READ)

    actions.advance(system(message), message.pk, Delivery.SENT, provider_id="wamid.1")
    actions.advance(system(message), message.pk, Delivery.SENT, provider_id="wamid.2")

    fresh = Message.objects.get(pk=message.pk)
    assert (fresh.provider_id, fresh.status) == ("wamid.1", Delivery.READ)


def test_the_job_hands_it_over_and_it_is_sent(message: Message):
    drain()

    assert status(message) == Delivery.SENT


@pytest.mark.parametrize(("private", "deleted"), [(True, False), (False, True)])
def test_a_note_and_a_deleted_message_never_go_out(
    private: bool, deleted: bool, ana: Person, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
):
    out: list[int] = []

    class Watched:
        def send(self, inbox: Inbox, message: Message) -> Outcome:
            out.append(message.pk)
            return Outcome(Delivery.SENT)

    monkeypatch.setitem(PROVIDERS, Channel.WEBCHAT, Watched())
    message = reply(ana, conversation, "segredo", private=private)
    if deleted:
        actions.delete_message(ana.actor, message.pk)

    deliver(message.tenant_id, message.pk)
    Message.objects.update(created_at=now() - timedelta(hours=1))
    sweep_undelivered()
    drain()

    assert out == []


def test_a_job_that_runs_twice_sends_once(message: Message):
    with published(audited=0) as frames:
        deliver(message.tenant_id, message.pk)
        deliver(message.tenant_id, message.pk)

    assert frames.to("agents").types == ["message_status"]


def test_a_lost_job_loses_no_message(message: Message):
    Job.objects.all().delete()
    Message.objects.update(created_at=now() - timedelta(minutes=2))

    assert actions.queue_undelivered() == 1
    drain()

    assert status(message) == Delivery.SENT


@pytest.mark.parametrize("state", State.values)
def test_the_sweep_leaves_a_message_whose_job_is_there(state: str, message: Message):
    lease = {"lease_until": now() + timedelta(minutes=1)} if state == State.RUNNING else {}
    run_at = now() + timedelta(hours=1)
    Job.objects.update(state=state, run_at=run_at, **lease)
    Message.objects.update(created_at=now() - timedelta(minutes=2))

    assert actions.queue_undelivered() == 0
    assert Job.objects.get().run_at == run_at


class Unreachable:
    """A provider that can't be reached until it can."""

    down = True

    def send(self, inbox: Inbox, message: Message) -> Outcome:
        if self.down:
            raise GiveUp
        return Outcome(Delivery.SENT, provider_id="wamid.2")


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Unreachable:
    there = Unreachable()
    monkeypatch.setitem(PROVIDERS, Channel.WEBCHAT, there)
    return there


def test_a_message_whose_delivery_is_a_dead_letter_fails_with_a_reason(message: Message, provider: Unreachable):
    with published(audited=1) as frames:
        drain()

    fresh = Message.objects.get(pk=message.pk)
    assert (fresh.status, fresh.error) == (Delivery.FAILED, "It could not be delivered.")
    assert frames.to("agents")[0]["data"]["error"] == fresh.error
    written_down = frames.to("supervisors")[0]["data"]
    assert (written_down["action"], written_down["details"]["job_error"][:6]) == ("message_failed", "GiveUp")
    assert Job.objects.get().state == State.DEAD


def test_the_sweep_leaves_what_has_failed_alone_for_ever(message: Message, provider: Unreachable):
    drain()
    Message.objects.update(created_at=now() - timedelta(hours=1))

    assert [actions.queue_undelivered() for _ in range(3)] == [0, 0, 0]
    Job.objects.all().delete()
    assert actions.queue_undelivered() == 0


def test_a_delivery_that_kills_its_worker_fails_its_message_too(message: Message):
    Job.objects.update(state=State.RUNNING, attempts=8, lease="x", lease_until=now() - timedelta(minutes=1))

    assert leases.claim(1) == []
    drain()

    assert status(message) == Delivery.FAILED


def test_a_replayed_dead_letter_brings_its_message_back_and_out(message: Message, provider: Unreachable, davi: Person):
    drain()
    provider.down = False

    with published() as frames:
        assert replay_job(davi.actor, Job.objects.get().pk)
        drain()

    assert [frame["data"]["status"] for frame in frames.to("agents")] == ["pending", "sent"]
    assert Message.objects.get(pk=message.pk).provider_id == "wamid.2"
    assert Job.objects.count() == 0


def test_a_letter_that_is_replayed_before_its_message_failed_is_only_tried_again(
    message: Message, provider: Unreachable, davi: Person
):
    (job,) = leases.claim(1)
    perform(job)
    provider.down = False
    assert replay_job(davi.actor, job.pk)

    drain()

    assert status(message) == Delivery.SENT


def test_a_failed_message_is_sent_again_by_who_may_reply(message: Message, provider: Unreachable, ana: Person):
    drain()
    provider.down = False

    first = ana.client().post(f"/api/v1/messages/{message.pk}/retry")
    again = ana.client().post(f"/api/v1/messages/{message.pk}/retry")

    assert (first.status_code, first.json()["status"], first.json()["error"]) == (200, "pending", "")
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")
    assert Job.objects.filter(name="conversations.deliver").count() == 1
    drain()
    assert status(message) == Delivery.SENT


def test_only_a_failed_message_of_ours_can_be_sent_again(
    site: Inbox, conversation: Conversation, message: Message, ana: Person
):
    note, sent = reply(ana, conversation, "nota", private=True), reply(ana, conversation, "outra")
    gone = reply(ana, conversation, "engano")
    actions.delete_message(ana.actor, gone.pk)
    actions.advance(system(sent), sent.pk, Delivery.SENT)

    for other in (note, sent, gone, written(site, "oi")):
        answer = ana.client().post(f"/api/v1/messages/{other.pk}/retry")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "not_failed")


def test_a_message_just_written_is_not_swept(message: Message):
    Job.objects.all().delete()

    assert actions.queue_undelivered() == 0


def test_a_customers_message_is_delivered_from_the_start(site: Inbox):
    assert written(site).status == Delivery.DELIVERED
