"""Teams and labels, and the conversations that show them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.errors import Refused, UnknownReference
from accounts.models import Membership
from conversations import actions
from conversations.models import Conversation, Inbox, Label, Team
from tests.trade import published, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def vip(carla: Person, ana: Person, conversation: Conversation) -> Label:
    """A label that the conversation wears."""
    label = actions.create_label(carla.actor, name="vip")
    actions.update_conversation(ana.actor, conversation.pk, labels=["vip"])
    return label


@pytest.fixture
def sales(carla: Person, ana: Person, conversation: Conversation) -> Team:
    """A team, with ana in it, that the conversation is routed to."""
    team = actions.create_team(carla.actor, name="Vendas", user_ids=[ana.user_id])
    actions.update_conversation(ana.actor, conversation.pk, team_id=team.pk)
    return team


def test_a_new_name_for_a_label_is_shown_on_open_conversations(
    vip: Label, carla: Person, ana: Person, site: Inbox, conversation: Conversation
):
    over = written(site, identifier="v:otto").conversation
    actions.update_conversation(ana.actor, over.pk, labels=["vip"])
    actions.close_conversation(ana.actor, over.pk)
    written(site, identifier="v:sem")

    with published(audited=1) as frames:
        actions.update_label(carla.actor, vip.pk, name="ouro")

    told, house = frames.to("agents")
    assert (told["data"]["id"], told["data"]["labels"]) == (conversation.pk, ["ouro"])
    assert (house["data"]["kind"], house["data"]["item"]["name"]) == ("label", "ouro")


def test_a_new_colour_is_shown_on_none(vip: Label, carla: Person):
    with published(audited=1) as frames:
        actions.update_label(carla.actor, vip.pk, colour="#ff0000")

    assert frames.to("agents").types == ["directory_updated"]


def test_a_label_goes_from_the_conversations_too(vip: Label, carla: Person, conversation: Conversation):
    with published(audited=1) as frames:
        actions.delete_label(carla.actor, vip.pk)

    told, house = frames.to("agents")
    assert (told["data"]["id"], told["data"]["labels"]) == (conversation.pk, [])
    assert house["data"] == {"kind": "label", "id": vip.pk, "item": None}
    assert frames.to("supervisors")[0]["data"]["details"]["name"] == "vip"


def test_a_team_goes_from_the_conversations_too(sales: Team, carla: Person, conversation: Conversation):
    with published(audited=1) as frames:
        actions.delete_team(carla.actor, sales.pk)

    told, house = frames.to("agents")
    assert (told["data"]["id"], told["data"]["team_id"]) == (conversation.pk, None)
    assert house["data"] == {"kind": "team", "id": sales.pk, "item": None}
    assert Conversation.objects.get(pk=conversation.pk).team_id is None


def test_a_restricted_inboxs_conversation_is_told_in_its_own_stream(
    vip: Label, ana: Person, davi: Person, carla: Person, site: Inbox
):
    actions.update_inbox(davi.actor, site.pk, restricted=True, user_ids=[ana.user_id])

    with published() as frames:
        actions.delete_label(carla.actor, vip.pk)

    assert frames.to("agents").types == ["directory_updated"]
    assert frames.to(f"i{site.pk}").types == ["conversation_updated"]


def test_a_team_is_renamed_though_one_of_its_people_was_disabled(sales: Team, carla: Person, ana: Person):
    Membership.objects.filter(pk=ana.membership_id).update(is_active=False)

    assert actions.update_team(carla.actor, sales.pk, name="Suporte").name == "Suporte"
    with pytest.raises(UnknownReference):
        actions.update_team(carla.actor, sales.pk, user_ids=[ana.user_id, carla.user_id])


def test_only_colleagues_are_in_a_team(carla: Person, eva: Person):
    for wrong in (eva.user_id, 10**9):
        with pytest.raises(UnknownReference), published(audited=0):
            actions.create_team(carla.actor, name="Vendas", user_ids=[wrong])
    assert not Team.objects.exists()


def test_a_name_is_taken_once_in_a_company(sales: Team, vip: Label, carla: Person, fabio: Person):
    other_team = actions.create_team(carla.actor, name="Suporte")
    other_label = actions.create_label(carla.actor, name="ouro")

    with pytest.raises(Refused, match="not_unique"):
        actions.update_team(carla.actor, other_team.pk, name=sales.name)
    with pytest.raises(Refused, match="not_unique"):
        actions.update_label(carla.actor, other_label.pk, name=vip.name)
    assert actions.create_team(fabio.actor, name=sales.name).pk
    assert actions.create_label(fabio.actor, name=vip.name).pk


def test_another_companys_team_and_label_do_not_exist(sales: Team, vip: Label, fabio: Person):
    for act, thing in (
        (actions.update_team, sales),
        (actions.delete_team, sales),
        (actions.update_label, vip),
        (actions.delete_label, vip),
    ):
        with pytest.raises((Team.DoesNotExist, Label.DoesNotExist)):
            act(fabio.actor, thing.pk)


def in_a_thread(act, *args, **options) -> str:
    try:
        act(*args, **options)
    except UnknownReference:
        return "unknown"
    finally:
        connection.close()
    return "done"


def test_a_label_that_is_put_on_while_it_goes_is_on_none_in_the_end(
    carla: Person, ana: Person, conversation: Conversation, site: Inbox
):
    label = actions.create_label(carla.actor, name="vip")
    others = [written(site, identifier=f"v:{number}").conversation for number in range(4)]

    with published() as frames, ThreadPoolExecutor(5) as pool:
        putting = [
            pool.submit(in_a_thread, actions.update_conversation, ana.actor, one.pk, labels=["vip"]) for one in others
        ]
        going = pool.submit(in_a_thread, actions.delete_label, carla.actor, label.pk)
        outcomes = {future.result() for future in [*putting, going]}

    assert outcomes <= {"done", "unknown"}
    updates = [frame["data"] for frame in frames.to("agents") if frame["type"] == "conversation_updated"]
    last = {conversation["id"]: conversation["labels"] for conversation in updates}
    assert all(labels == [] for labels in last.values())
