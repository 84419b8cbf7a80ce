"""Messages both ways through a phone's session, over HTTP against a simulated gateway."""

from __future__ import annotations

import base64
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.actor import Actor
from conversations import actions
from conversations.models import (
    Contact,
    Conversation,
    Delivery,
    Inbox,
    Message,
    ProviderAccount,
    SendAttempt,
    SetAside,
)
from jobs.models import Job
from jobs.worker import drain
from niochat.simulators.gateway import Gateway
from realtime.events import Event, Typing
from tests.gateways.lines import JOANA, fixture, picture, worked
from tests.trade import fresh, published, reply
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_picture_sent_on_the_phone_itself_comes_with_its_file(chat: Conversation, name: str, world: Gateway):
    given = {"kind": "image", "mime_type": "image/png", "data": base64.b64encode(picture()).decode()}
    world.say(name, JOANA, "A vitrine", ours=True, message_id="3APHOTO", **given)
    worked(world)

    message = Message.objects.get(provider_id="3APHOTO")
    assert (message.sender_type, message.content, message.message_type) == ("agent", "A vitrine", "image")
    assert message.attachments.get().content_type == "image/png"


def test_groups_channels_and_stories_are_counted_and_nothing_else(chat: Conversation, name: str, world: Gateway):
    for place in ("12036@g.us", "12036@g.us", "99@newsletter", "status@broadcast", "17@broadcast"):
        world.say(name, place, "Bom dia a todos")
    worked(world)

    facts = ProviderAccount.objects.get(inbox=chat.inbox).facts
    assert facts["ignored"] == {"group": 2, "channel": 1, "story": 1, "broadcast": 1}
    assert (Message.objects.count(), Contact.objects.count()) == (1, 1)


def test_a_call_is_something_that_waits_for_an_answer(chat: Conversation, name: str, world: Gateway, ana: Person):
    actions.configure_account(Actor.system(chat.tenant_id), chat.inbox_id, config={"send_read": True}, secrets={})
    world.moods.duplicates = 1.0
    world.ring(name, JOANA, video=True)
    worked(world)
    (call,) = Message.objects.filter(provider_id__startswith="call:")
    message = reply(ana, chat, "Escreva aqui, por favor", reply_to=call.pk)
    actions.mark_read(ana.actor, chat.pk)
    drain()

    assert (call.sender_type, call.metadata["call"], call.conversation_id) == ("contact", {"video": True}, chat.pk)
    assert fresh(message).status == Delivery.SENT
    sent = next(one for one in world.sent if one.get("text") == "Escreva aqui, por favor")
    assert "quoted" not in sent["body"]
    assert "reply_to" not in sent["body"]
    assert "call:" not in str(world.sent)


# --- what the inbox chooses to show


def chosen(chat: Conversation, world: Gateway, **config: bool) -> None:
    actions.configure_account(Actor.system(chat.tenant_id), chat.inbox_id, config=config, secrets={})
    worked(world)


def test_reading_turns_the_ticks_of_all_that_the_customer_wrote_where_the_inbox_wants_it(
    chat: Conversation, name: str, world: Gateway, ana: Person
):
    actions.mark_read(ana.actor, chat.pk)
    drain()
    assert [one for one in world.sent if one["kind"] in ("markMessageAsRead", "sendSeen")] == []

    chosen(chat, world, send_read=True)
    world.say(name, JOANA, "Tem gente?", message_id="3ASECOND")
    worked(world)
    actions.mark_read(ana.actor, chat.pk)
    drain()
    (told,) = [one for one in world.sent if one["kind"] in ("markMessageAsRead", "sendSeen")]
    assert "3AHERS" in str(told)
    assert "3ASECOND" in str(told)


def test_that_somebody_writes_is_shown_to_the_customer_where_the_inbox_wants_it(
    chat: Conversation, world: Gateway, ana: Person, slug: str
):
    path = f"/api/v1/conversations/{chat.pk}/typing"
    ana.client().post(path, {"is_typing": True}, format="json")
    drain()
    assert typing_shown(world) == []

    chosen(chat, world, send_typing=True)
    cache.clear()
    for is_typing in (True, False, True, False):
        ana.client().post(path, {"is_typing": is_typing}, format="json")
        drain()
    shown = typing_shown(world)
    assert shown == {"evolution": ["sendPresence"], "waha": ["startTyping", "stopTyping"] * 2}[slug]


def test_a_session_that_comes_back_is_asked_anew_who_writes(chat: Conversation, name: str, world: Gateway):
    chosen(chat, world, hear_typing=True)
    world.say(name, JOANA, "Tem gente?", who="Joana Silva")
    worked(world)
    assert world.sessions[name].heard == {JOANA}

    for state in ("close", "open"):
        world.drop(name, state)
        worked(world)
    assert world.sessions[name].heard == set()
    world.say(name, JOANA, "Alô?", who="Joana Silva")
    worked(world)

    assert world.sessions[name].heard == {JOANA}


def typing_shown(world: Gateway) -> list[str]:
    return [one["kind"] for one in world.sent if one["kind"] in ("sendPresence", "startTyping", "stopTyping")]


def test_that_a_customer_writes_is_told_where_the_inbox_wants_to_hear_it(
    chat: Conversation, name: str, world: Gateway, monkeypatch: pytest.MonkeyPatch
):
    told: list[Event] = []
    monkeypatch.setattr("conversations.typing.transient", lambda _group, event, **_by: told.append(event))
    world.write(name, JOANA)
    worked(world)
    assert told == []

    chosen(chat, world, hear_typing=True)
    world.write(name, JOANA)
    worked(world)
    assert told == [], "nobody has subscribed to her yet"

    for text in ("Tem gente?", "Alô?"):
        world.say(name, JOANA, text, who="Joana Silva")
        worked(world)
    world.sessions[name].heard.add("5591900000000")
    for phone, is_typing in ((JOANA, True), (JOANA, False), ("5591900000000", True)):
        world.write(name, phone, is_typing=is_typing)
        worked(world)

    assert len([call for call in world.calls if "sendPresence" in call or "subscribe" in call]) == 1
    marks = [(one.conversation_id, one.contact_id, one.is_typing) for one in told if isinstance(one, Typing)]
    assert marks == [(chat.pk, chat.contact_id, True), (chat.pk, chat.contact_id, False)]
    assert SetAside.objects.count() == 0


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
    assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")  # type: ignore[attr-defined]  # a file's answer
    assert Client().get("/photos/forged").status_code == 404
    assert frames == []


@pytest.mark.parametrize("slug", ["evolution"])
def test_a_photo_that_is_told_of_with_each_message_is_fetched_once(connected: Inbox, name: str, world: Gateway):
    world.photos[JOANA] = picture(600)
    world.say(name, JOANA, "Oi", who="Joana")
    worked(world)
    before = len(world.calls)
    for path, again in (("one", "a"), ("one", "b"), ("two", "c"), ("two", "d")):
        told = fixture("evolution", "contact_photo")["payload"] | {"instance": name}
        told["data"][0]["profilePicUrl"] = f"https://pps.whatsapp.net/v/{path}.jpg?oh={again}"
        world.tell(world.sessions[name], told)
        worked(world, 1)

    assert len([call for call in world.calls[before:] if "fetchProfilePictureUrl" in call]) == 2


def test_a_customer_who_takes_another_photo_is_shown_with_it_sooner_or_later(
    connected: Inbox, name: str, world: Gateway, slug: str
):
    world.picture(name, JOANA, picture(600))
    world.say(name, JOANA, "Oi", who="Joana")
    worked(world)
    before = Contact.objects.get().avatar_url
    with published() as frames:
        world.picture(name, JOANA, picture(500, "crimson"))
        worked(world)
        if slug == "waha":  # It tells of no photos: a week later a message has it asked for.
            Contact.objects.update(photo_asked_at=connected.created_at - timedelta(days=8))
        world.say(name, JOANA, "Outra foto", who="Joana Souza")
        worked(world)

    contact = Contact.objects.get()
    assert before
    assert contact.avatar_url not in ("", before)
    assert contact.name == "Joana Souza"
    assert frames.to("agents").types.count("contact_updated") == 2
