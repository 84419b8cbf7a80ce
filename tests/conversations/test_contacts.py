"""Customers as the team keeps them."""

from __future__ import annotations

from typing import Any

import pytest

from conversations import actions
from conversations.models import Contact, Conversation, Inbox
from tests.trade import published, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_change_tells_the_team_and_the_book_what_was_before(ana: Person, conversation: Conversation):
    with published(audited=1) as frames:
        actions.update_contact(ana.actor, conversation.contact_id, name="Joana Lima", email="j@example.com")

    (told,) = frames.to("agents")
    assert (told["type"], told["data"]["name"], told["data"]["email"]) == (
        "contact_updated",
        "Joana Lima",
        "j@example.com",
    )
    assert frames.to("supervisors")[0]["data"]["details"]["changed"] == ["email", "name"]


def test_nothing_asked_for_is_nothing_changed(ana: Person, conversation: Conversation):
    with published(audited=0) as frames:
        actions.update_contact(ana.actor, conversation.contact_id)
        actions.update_contact(ana.actor, conversation.contact_id, name="Joana Silva")

    assert frames == []


def test_a_proved_identifier_is_not_written_by_hand(ana: Person, erp: Inbox):
    contact_id = written(erp, identifier="cliente-7").conversation.contact_id

    actions.update_contact(ana.actor, contact_id, metadata={"vip": True, "identifier": "cliente-8"})
    made, _ = actions.create_contact(ana.actor, name="Otto", metadata={"identifier": "cliente-7", "cidade": "Belém"})

    assert Contact.objects.get(pk=contact_id).metadata == {"vip": True, "identifier": "cliente-7"}
    assert made.metadata == {"cidade": "Belém"}


def test_another_companys_contact_does_not_exist(eva: Person, conversation: Conversation):
    with pytest.raises(Contact.DoesNotExist):
        actions.update_contact(eva.actor, conversation.contact_id, name="Minha")


@pytest.mark.parametrize(
    ("known", "label"),
    [
        ({"name": "Otto", "phone": "1"}, "Otto"),
        ({"phone": "+55 91"}, "+55 91"),
        ({"email": "o@example.com"}, "o@example.com"),
        ({}, "#"),
    ],
)
def test_a_contact_is_called_by_what_is_known(known: dict[str, Any], label: str, ana: Person) -> None:
    assert actions.create_contact(ana.actor, **known)[0].label.startswith(label)
