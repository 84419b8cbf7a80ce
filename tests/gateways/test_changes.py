"""What becomes of a message afterwards, by either side of a phone's session: reactions, edits, deletions."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.cache import cache

from accounts.actor import Actor
from conversations import actions
from conversations.models import (
    Contact,
    Conversation,
    Doubt,
    Message,
    Reaction,
    SetAside,
)
from jobs.worker import drain
from niochat.simulators.gateway import Gateway
from niochat.simulators.speech import evolution
from tests.gateways.lines import JOANA, worked
from tests.trade import fresh, published, reply
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def test_reactions_go_both_ways(chat: Conversation, name: str, world: Gateway, ana: Person):
    message = reply(ana, chat, "Olá!")
    drain()
    world.react(name, JOANA, fresh(message).provider_id, "❤️")
    worked(world)
    actions.react(ana.actor, Message.objects.get(provider_id="3AHERS").pk, "👍")
    drain()

    assert Reaction.objects.get(message=message).reaction == "❤️"
    assert (world.sent[-1]["kind"], world.sent[-1]["reaction"]) == ("reaction", "👍")


def test_a_reaction_made_on_the_phone_itself_is_the_teams_and_our_own_echo_is_not(
    chat: Conversation, name: str, world: Gateway, ana: Person
):
    hers = Message.objects.get(provider_id="3AHERS")
    world.react(name, JOANA, "3AHERS", "🎉", ours=False, by_us=True)
    worked(world)
    assert [(mark.reaction, mark.user_id) for mark in hers.reactions.all()] == [("🎉", None)]

    actions.react(ana.actor, hers.pk, "👍")
    drain()
    world.react(name, JOANA, "3AHERS", "👍", ours=False, by_us=True)
    worked(world)
    assert {(mark.reaction, mark.user_id) for mark in hers.reactions.all()} == {("🎉", None), ("👍", ana.user.pk)}

    cache.clear()
    world.react(name, JOANA, "3AHERS", "", ours=False, by_us=True)
    worked(world)
    assert not hers.reactions.exists()


def test_a_customers_edit_changes_what_they_wrote_and_one_of_the_phones_what_the_team_wrote(
    chat: Conversation, name: str, world: Gateway, ana: Person, slug: str
):
    world.moods.duplicates = 1.0
    message = reply(ana, chat, "Até as 18h")
    drain()
    world.edit(name, JOANA, fresh(message).provider_id, "Até as 19h", ours=True)
    world.edit(name, JOANA, "3AHERS", "Oi, tudo bem?")
    worked(world)
    if slug == "evolution":  # Its notice does not prove whose edit it is: an admin has to.
        row = SetAside.objects.get(error=Doubt.UNPROVEN)
        assert fresh(message).content == "Até as 18h"
        actions.rerun_set_aside(Actor.system(chat.tenant_id), row.pk)
        drain()

    assert (fresh(message).content, len(fresh(message).metadata["edits"])) == ("Até as 19h", 1)
    assert Message.objects.get(provider_id="3AHERS").content == "Oi, tudo bem?"
    assert SetAside.objects.count() == 0


def test_a_customers_phone_changes_nothing_that_the_team_wrote_whatever_it_says(
    chat: Conversation, name: str, world: Gateway, ana: Person
):
    message = reply(ana, chat, "Custa R$ 100")
    drain()
    ours = fresh(message).provider_id
    with published() as frames:
        world.edit(name, JOANA, ours, "Custa R$ 10")
        world.revoke(name, JOANA, ours)
        if forge := FORGED.get(world.speech):
            world.tell(world.sessions[name], forge(world.sessions[name], ours))
        worked(world)

    assert (fresh(message).content, fresh(message).deleted_at) == ("Custa R$ 100", None)
    assert "message_updated" not in frames.types
    assert "delivery_quarantined" in [one["data"].get("action") for one in frames.to("supervisors")]


def as_if_by_us(session: Any, message_id: str) -> dict[str, Any]:
    """What a customer's client makes a gateway say that hands on its words as they are."""
    return evolution.edited(session, JOANA, message_id, "Custa R$ 1", ours=True)


FORGED = {evolution: as_if_by_us}


def test_nobody_changes_what_another_customer_wrote(chat: Conversation, name: str, world: Gateway, slug: str):
    thief = "5511911112222"
    world.say(name, thief, "Oi", who="Ladrão", message_id="3ATHIEF")
    worked(world)
    if slug == "waha":  # Evolution's notice of an edit names no chat; but what it is about only Joana and we can name.
        world.edit(name, thief, "3AHERS", "Nunca mais compro aqui")
    world.revoke(name, thief, "3AHERS")
    world.react(name, thief, "3AHERS", "👎", ours=False)
    worked(world)

    hers = Message.objects.get(provider_id="3AHERS")
    assert (hers.content, hers.deleted_at, hers.reactions.count()) == ("Oi", None, 0)
    assert set(SetAside.objects.values_list("error", flat=True)) == {Doubt.NOT_THEIRS}


def test_a_hidden_number_is_believed_to_be_the_customers_until_it_is_somebody_elses(
    chat: Conversation, name: str, world: Gateway, ana: Person
):
    message = reply(ana, chat, "Custa R$ 100")
    drain()
    session, ours = world.sessions[name], fresh(message).provider_id

    def react(emoji: str) -> None:
        told = json.dumps(world.speech.reaction(session, JOANA, ours, emoji, ours=True))
        world.tell(session, json.loads(re.sub(rf"{JOANA}@[a-z.]+", "81234567890123@lid", told)))
        worked(world)

    react("👍")
    assert [one.reaction for one in fresh(message).reactions.all()] == ["👍"]

    thief = Contact.objects.create(tenant_id=chat.tenant_id, name="Ladrão")
    chat.inbox.identities.create(tenant_id=chat.tenant_id, contact=thief, identifier="lid:81234567890123")
    react("👎")
    assert [one.reaction for one in fresh(message).reactions.all()] == ["👍"]
    assert SetAside.objects.get().error == Doubt.NOT_THEIRS


def test_what_is_deleted_on_one_side_is_deleted_on_the_other(
    chat: Conversation, name: str, world: Gateway, ana: Person
):
    message = reply(ana, chat, "Engano")
    drain()
    actions.delete_message(ana.actor, message.pk)
    world.revoke(name, JOANA, "3AHERS")
    worked(world)

    told = world.sent[-1]
    assert told["kind"] in ("deleteMessageForEveryone", "delete")
    assert fresh(message).provider_id in (told.get("id"), str(told.get("messageId")).rpartition("_")[2])
    assert Message.objects.get(provider_id="3AHERS").deleted_at is not None
