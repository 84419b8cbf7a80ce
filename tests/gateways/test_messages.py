"""Messages both ways through a phone's session, over HTTP against a simulated gateway."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from django.test import Client

from conversations import actions
from conversations.models import Contact, Conversation, Delivery, Inbox, Message, Reaction, SendAttempt
from jobs.models import Job
from jobs.worker import drain
from niochat.simulators.gateway import Gateway
from tests.gateways.lines import JOANA, picture, worked
from tests.trade import published, reply
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chat(connected: Inbox, name: str, world: Gateway) -> Conversation:
    """Joana has written to the phone."""
    world.moods.statuses = False
    world.say(name, JOANA, "Oi", who="Joana Silva", message_id="3AHERS")
    worked(world)
    return Conversation.objects.get()


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_a_customers_message_comes_in_once_with_their_name_and_number(
    connected: Inbox, name: str, world: Gateway, ana: Person
):
    world.moods.duplicates, world.moods.shuffled = 1.0, True
    with published() as frames:
        for number in range(5):
            world.say(name, JOANA, f"Mensagem {number}", who="Joana Silva")
        worked(world)

    contact = Contact.objects.get()
    assert (contact.name, contact.phone) == ("Joana Silva", "+5591988887777")
    assert sorted(Message.objects.values_list("content", flat=True)) == [f"Mensagem {number}" for number in range(5)]
    assert frames.to("agents").types.count("contact_created") == 1


def test_a_reply_goes_out_and_its_state_rises_and_never_falls(
    chat: Conversation, name: str, world: Gateway, ana: Person
):
    message = reply(ana, chat, "Olá, Joana!")
    drain()
    sent = world.sent[-1]
    for state in ("read", "delivered", "sent"):
        world.report(name, JOANA, sent["id"], state)
        worked(world, 1)

    assert (sent["to"], sent["text"]) == (JOANA, "Olá, Joana!")
    assert fresh(message).status == Delivery.READ


def test_acks_that_come_before_our_call_returned_are_not_lost(
    chat: Conversation, name: str, world: Gateway, ana: Person
):
    world.report(name, JOANA, "3EB0EARLY", "read")
    worked(world, 1)
    message = reply(ana, chat, "Oi")
    drain()
    Message.objects.filter(pk=message.pk).update(provider_id="3EB0EARLY")
    Job.objects.filter(name="conversations.apply_set_aside").update(run_at=chat.created_at)
    drain()

    assert fresh(message).status == Delivery.READ


def test_a_file_goes_both_ways(chat: Conversation, name: str, world: Gateway, ana: Person, connected: Inbox):
    world.say(name, JOANA, "A etiqueta", kind="image", mime_type="image/png", data=base64.b64encode(picture()).decode())
    worked(world)
    theirs = Message.objects.get(content="A etiqueta")
    file = actions.attach_file(
        ana.actor, connected, chat, name="foto.png", content=io.BytesIO(picture()), size=len(picture()),
        sender_key=ana.actor.key,
    )  # fmt: skip
    actions.send_message(ana.actor, chat.pk, content="Esta?", attachments=[file.pk])
    drain()

    assert theirs.message_type == "image"
    assert theirs.metadata["media"]["state"] == "stored"
    assert theirs.attachments.get().content_type == "image/png"
    assert (world.sent[-1]["kind"], world.sent[-1]["text"]) in {("media", "Esta?"), ("image", "Esta?")}


def test_reactions_go_both_ways(chat: Conversation, name: str, world: Gateway, ana: Person):
    message = reply(ana, chat, "Olá!")
    drain()
    world.react(name, JOANA, fresh(message).provider_id, "❤️")
    worked(world)
    actions.react(ana.actor, Message.objects.get(provider_id="3AHERS").pk, "👍")
    drain()

    assert Reaction.objects.get(message=message).reaction == "❤️"
    assert (world.sent[-1]["kind"], world.sent[-1]["reaction"]) == ("reaction", "👍")


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


def test_what_is_written_on_the_phone_itself_appears_as_the_teams_once(
    chat: Conversation, name: str, world: Gateway, ana: Person
):
    world.moods.duplicates = 1.0
    with published() as frames:
        world.say(name, JOANA, "Já respondo", ours=True, message_id="3APHONE")
        worked(world)

    message = Message.objects.get(provider_id="3APHONE")
    assert (message.sender_type, message.sender_user, message.status) == ("agent", None, Delivery.SENT)
    assert message.conversation == chat
    assert frames.to("agents").types.count("chat_message") == 1
    assert Contact.objects.get().name == "Joana Silva"


def test_a_customer_whom_the_phone_wrote_to_first_has_a_conversation(connected: Inbox, name: str, world: Gateway):
    world.say(name, "5511987654321", "Seu pedido chegou", ours=True)
    worked(world)

    conversation = Conversation.objects.get()
    assert conversation.contact.phone == "+5511987654321"
    assert conversation.contact.name == ""


def test_the_echo_of_what_we_sent_is_no_second_message(chat: Conversation, world: Gateway, ana: Person):
    world.moods.echoes = True
    message = reply(ana, chat, "Olá!")
    drain()
    worked(world)
    Job.objects.filter(name="conversations.apply_set_aside").update(run_at=chat.created_at)
    drain()

    assert Message.objects.filter(content="Olá!").count() == 1
    assert fresh(message).status == Delivery.SENT


def test_a_message_of_whose_end_we_never_heard_is_certain_once_the_phone_shows_it(
    chat: Conversation, world: Gateway, ana: Person
):
    world.moods.answers.append("taken_but_silent")
    world.moods.echoes = True
    message = reply(ana, chat, "Chegou?")
    drain()
    worked(world)
    Job.objects.filter(name="conversations.apply_set_aside").update(run_at=chat.created_at)
    drain()

    assert Message.objects.filter(content="Chegou?").count() == 1
    assert fresh(message).status == Delivery.SENT
    assert SendAttempt.objects.get(message=message).state == SendAttempt.State.TAKEN
    assert len([one for one in world.sent if one.get("text") == "Chegou?"]) == 1


def test_a_gateway_that_is_too_busy_is_asked_again(chat: Conversation, world: Gateway, ana: Person):
    world.moods.answers.append("throttled")
    message = reply(ana, chat, "Olá!")
    drain()
    assert fresh(message).status == Delivery.PENDING
    Job.objects.filter(name="conversations.deliver").update(run_at=chat.created_at)
    drain()

    assert fresh(message).status == Delivery.SENT


def test_messages_wait_while_the_phone_is_away(chat: Conversation, name: str, world: Gateway, ana: Person):
    world.drop(name)
    worked(world)
    message = reply(ana, chat, "Olá!")
    drain()

    assert fresh(message).status == Delivery.PENDING


def test_a_customers_photo_is_kept_by_us_and_shown_by_a_link_that_lasts(
    connected: Inbox, name: str, world: Gateway, ana: Person, settings: Any
):
    world.photos[JOANA] = picture(600)
    world.say(name, JOANA, "Oi", who="Joana")
    worked(world)
    with published() as frames:
        actions.ask_for_photo(ana.actor, connected.pk, Contact.objects.get().pk, anew=True)
        drain()

    link = Contact.objects.get().avatar_url
    answer = Client().get(link.removeprefix(settings.PUBLIC_URL))
    assert link.startswith(f"{settings.PUBLIC_URL}/photos/")
    assert answer["Content-Type"] == "image/jpeg"
    assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")  # type: ignore[attr-defined]
    assert Client().get("/photos/forged").status_code == 404
    assert frames == []
