"""Ratings from a restricted inbox, for the rated agent who may not see it any more."""

from __future__ import annotations

import pytest

from accounts.actor import Actor, Origin
from conversations import actions
from conversations.models import Inbox, Survey
from realtime import streams, sync
from tests.trade import inbox_of, published, reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
CSAT = "/api/v1/csat"


@pytest.fixture
def vault(davi: Person, ana: Person) -> Inbox:
    """A restricted inbox that ana sees."""
    inbox = inbox_of(davi.membership.tenant, "Cofre")
    return actions.update_inbox(davi.actor, inbox.pk, restricted=True, user_ids=[ana.user_id])


@pytest.fixture
def survey(vault: Inbox, ana: Person) -> Survey:
    """Ana has answered there and is to be rated."""
    conversation = written(vault).conversation
    reply(ana, conversation)
    actions.close_conversation(ana.actor, conversation.pk)
    return Survey.objects.get()


def rate(survey: Survey, rating: int) -> None:
    customer = Actor.contact(survey.tenant_id, survey.contact_id, origin=Origin.SURVEY)
    actions.answer_survey(customer, survey.pk, rating=rating)


def told(person: Person) -> sync.Mark:
    """Where the stream of one member stands."""
    name = streams.user(person.tenant_id, person.user_id)
    return sync.marks([name])[name]


def by_inbox(davi: Person, ana: Person, vault: Inbox) -> None:
    davi.client().patch(f"/api/v1/inboxes/{vault.pk}", {"user_ids": []})


def by_member(davi: Person, ana: Person, vault: Inbox) -> None:
    davi.client().patch(f"/api/v1/users/{ana.user_id}", {"inbox_ids": []})


def test_the_rated_agent_hears_of_the_rating_while_they_see_the_inbox(ana: Person, survey: Survey) -> None:
    with published() as frames:
        rate(survey, 4)

    assert frames.to(f"u{ana.user_id}").types == ["csat_update"]
    assert [row["rating"] for row in ana.client().get(CSAT).json()] == [4]


@pytest.mark.parametrize("shut_out", [by_inbox, by_member])
def test_who_lost_the_inbox_neither_hears_nor_reads_nor_resumes_its_ratings(
    ana: Person, davi: Person, vault: Inbox, survey: Survey, shut_out
) -> None:
    rate(survey, 4)
    assert told(ana).floor < told(ana).head

    shut_out(davi, ana, vault)
    with published() as frames:
        rate(survey, 5)

    assert told(ana).floor == told(ana).head
    assert frames.to("supervisors").types.count("csat_update") == 1
    assert frames.to(f"u{ana.user_id}").types == []
    assert ana.client().get(CSAT).json() == []
    assert ana.client().get(f"{CSAT}/summary").json()["sent"] == 0
    assert [row["rating"] for row in davi.client().get(CSAT).json()] == [5]
