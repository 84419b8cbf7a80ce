"""Everything that goes out, against the simulator, over HTTP."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now
from PIL import Image

from conversations import actions
from conversations.models import Connection, Conversation, Delivery, Inbox, Message, SendAttempt
from conversations.providers import Outcome
from conversations.typing import tell_provider
from jobs.models import Job
from jobs.worker import drain
from niochat.simulators.whatsapp_http import WhatsAppServer
from tests.trade import again, fresh, published, reply
from tests.whatsapp.connected import chat, line, meta
from tests.whatsapp.lines import JOANA, became, delivery, post, said
from tests.world import Person

__all__ = ["chat", "line", "meta"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_text_is_sent_with_our_number_and_quotes_what_it_answers(
    ana: Person, chat: Conversation, meta: WhatsAppServer
):
    hers = Message.objects.get(provider_id="wamid.hers")
    message = reply(ana, chat, "Olá, Joana!", reply_to=hers.pk)
    drain()

    (sent,) = meta.world.sent
    assert (sent["to"], sent["text"]["body"]) == (JOANA, "Olá, Joana!")
    assert (sent["context"]["message_id"], sent["biz_opaque_callback_data"]) == ("wamid.hers", f"m{message.pk}")
    assert (fresh(message).status, fresh(message).provider_id) == ("sent", sent["wamid"])
    assert SendAttempt.objects.get().state == "taken"


def test_a_picture_goes_out_with_its_caption(ana: Person, chat: Conversation, line: Inbox, meta: WhatsAppServer):
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    size = picture.tell()
    picture.seek(0)
    file = actions.attach_file(
        ana.actor, line, chat, name="vaso.png", content=picture, size=size, sender_key=ana.actor.key
    )
    reply(ana, chat, "Este aqui", attachments=[file.pk])
    drain()

    (sent,) = meta.world.sent
    assert (sent["type"], sent["image"]["caption"]) == ("image", "Este aqui")
    assert meta.world.media[sent["image"]["id"]] == ("image/png", picture.getvalue())


def test_buttons_go_out_as_answers_to_choose_from(ana: Person, chat: Conversation, meta: WhatsAppServer):
    reply(ana, chat, "Entregamos hoje?", metadata={"buttons": ["Sim", {"id": "no", "title": "Não"}]})
    drain()

    (sent,) = meta.world.sent
    assert [one["reply"] for one in sent["interactive"]["action"]["buttons"]] == [
        {"id": "Sim", "title": "Sim"},
        {"id": "no", "title": "Não"},
    ]


@pytest.mark.parametrize("buttons", [[], ["a", "b", "c", "d"], ["x" * 21], ["a", "a"], "a", [{}]])
def test_buttons_that_whatsapp_would_refuse_are_refused_at_once(ana: Person, chat: Conversation, buttons: Any):
    answer = ana.client().post(
        f"/api/v1/conversations/{chat.pk}/messages", {"content": "?", "metadata": {"buttons": buttons}}
    )

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (422, "metadata.buttons")


@pytest.mark.parametrize(
    "place", [{}, "here", [1], {"latitude": "a", "longitude": 1}, {"latitude": 91, "longitude": 1}, {"latitude": True}]
)
def test_a_place_that_is_none_is_refused_at_once(ana: Person, chat: Conversation, place: Any):
    body = {"content": "Aqui", "message_type": "location", "metadata": {"location": place}}
    answer = ana.client().post(f"/api/v1/conversations/{chat.pk}/messages", body, format="json")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"].startswith("metadata.location")


def test_a_place_goes_out_as_one(ana: Person, chat: Conversation, meta: WhatsAppServer):
    place = {"latitude": -1.45, "longitude": -48.5, "name": "Loja"}
    body = {"content": "Aqui", "message_type": "location", "metadata": {"location": place | {"url": "http://10.0.0.1"}}}
    ana.client().post(f"/api/v1/conversations/{chat.pk}/messages", body, format="json")
    drain()

    assert meta.world.sent[-1]["location"] == place


def test_our_reaction_arrives_and_is_taken_back(ana: Person, chat: Conversation, meta: WhatsAppServer):
    hers = Message.objects.get(provider_id="wamid.hers")
    for emoji in ("👍", ""):
        actions.react(ana.actor, hers.pk, emoji)
        drain()

    assert [one["reaction"] for one in meta.world.sent] == [
        {"message_id": "wamid.hers", "emoji": "👍"},
        {"message_id": "wamid.hers", "emoji": ""},
    ]


def test_reading_and_writing_show_on_the_phone_only_where_the_inbox_wants_it(
    ana: Person, davi: Person, chat: Conversation, line: Inbox, meta: WhatsAppServer
):
    actions.mark_read(ana.actor, chat.pk)
    ana.client().post(f"/api/v1/conversations/{chat.pk}/typing", {"is_typing": True})
    drain()
    assert meta.world.shown == []

    actions.configure_account(davi.actor, line.pk, config={"send_read": True, "send_typing": True}, secrets={})
    post(line, delivery(said("Alô?", wamid="wamid.second")))
    drain()
    actions.mark_read(ana.actor, chat.pk)
    drain()
    actions.show_writing(ana.actor, chat.pk)
    drain()

    assert [(one["event"], one["id"]) for one in meta.world.shown] == [
        ("seen", "wamid.second"),
        ("typing", "wamid.second"),
    ]


def test_writing_shows_once_in_a_while_and_anew_after_each_message(
    ana: Person, davi: Person, chat: Conversation, line: Inbox, meta: WhatsAppServer
):
    actions.configure_account(davi.actor, line.pk, config={"send_typing": True}, secrets={})
    for wamid in ("wamid.second", "wamid.third"):
        post(line, delivery(said("Alô?", wamid=wamid)))
        drain()
        chat.refresh_from_db()
        for _ in range(2):
            tell_provider(ana.actor, chat, is_typing=True)
        drain()

    typing = [one["id"] for one in meta.world.shown if one["event"] == "typing"]
    assert typing == ["wamid.second", "wamid.third"]


@pytest.mark.parametrize("mood", ["throttled", "pair", "trouble"])
def test_what_was_not_taken_is_sent_again_later(ana: Person, chat: Conversation, meta: WhatsAppServer, mood: str):
    meta.world.moods.answers.extend([mood, mood])
    message = reply(ana, chat)
    drain()
    assert (fresh(message).status, meta.world.sent) == ("pending", [])
    again()
    again()

    assert (fresh(message).status, len(meta.world.sent)) == ("sent", 1)


def test_what_will_never_be_taken_fails_with_the_reason(ana: Person, chat: Conversation, meta: WhatsAppServer):
    meta.world.moods.answers.append("undeliverable")
    message = reply(ana, chat)
    drain()

    assert (fresh(message).status, fresh(message).error) == ("failed", "Message undeliverable (131026)")
    assert Job.objects.count() == 0


def test_an_expired_token_pauses_the_inbox_until_it_is_authorised_again(
    ana: Person, davi: Person, chat: Conversation, line: Inbox, meta: WhatsAppServer
):
    meta.world.access_token = "EAAG-renewed"
    with published() as frames:
        first, second = reply(ana, chat, "um"), reply(ana, chat, "dois")
        drain()
    line.refresh_from_db()
    assert (line.connection, fresh(first).status, fresh(second).status) == (Connection.PAUSED, "pending", "pending")
    Message.objects.update(created_at=now() - timedelta(hours=1))
    assert actions.queue_undelivered() == 0
    told = [frame["data"]["status"] for frame in frames.to("supervisors") if frame["type"] == "session_status"]
    assert told == ["disconnected"]

    address = f"/api/v1/inboxes/{line.pk}/account"
    answer = davi.client().patch(address, {"access_token": "EAAG-renewed"})
    drain()

    assert "EAAG" not in answer.content.decode()
    assert (answer.json()["connection"], answer.json()["secrets"]["access_token"]) == ("connected", True)
    assert [one["text"]["body"] for one in meta.world.sent] == ["um", "dois"]


def test_what_may_have_been_taken_is_said_so_and_not_sent_twice(
    ana: Person, chat: Conversation, line: Inbox, meta: WhatsAppServer
):
    meta.world.moods.answers.append("taken_but_silent")
    message = reply(ana, chat)
    drain()
    again()
    actions.queue_undelivered()
    drain()

    assert len(meta.world.sent) == 1
    assert (fresh(message).status, "not certain" in fresh(message).error) == ("failed", True)

    post(line, delivery(became(meta.world.sent[0]["wamid"], "sent", biz_opaque_callback_data=f"m{message.pk}")))
    drain()
    assert (fresh(message).status, fresh(message).error) == ("sent", "")
    assert fresh(message).provider_id == meta.world.sent[0]["wamid"]


def test_a_try_whose_worker_died_is_not_repeated(ana: Person, chat: Conversation, meta: WhatsAppServer):
    message = reply(ana, chat)
    assert actions.begin_sending(ana.actor, message.pk) is not None  # … and here the worker dies.
    drain()
    assert fresh(message).status == "pending"
    SendAttempt.objects.update(started_at=now() - timedelta(minutes=5))
    again()

    assert (fresh(message).status, meta.world.sent) == ("failed", [])
    actions.retry_message(ana.actor, message.pk)
    drain()
    assert (fresh(message).status, len(meta.world.sent)) == ("sent", 1)


def test_a_status_that_overtakes_our_own_answer_waits_for_it(
    ana: Person, chat: Conversation, line: Inbox, meta: WhatsAppServer
):
    message = reply(ana, chat)
    Job.objects.all().delete()
    post(line, delivery(became("wamid.fast", "read")))
    drain()
    attempt = actions.begin_sending(ana.actor, message.pk)
    assert attempt is not None

    actions.settle_sending(ana.actor, attempt.pk, Outcome(Delivery.SENT, "wamid.fast"))
    drain()

    assert fresh(message).status == "read"


def test_messages_go_out_in_the_order_in_which_they_were_written(ana: Person, chat: Conversation, meta: WhatsAppServer):
    meta.world.moods.answers.append("throttled")
    for number in range(4):
        reply(ana, chat, str(number))
    drain()
    again()
    again()

    assert [one["text"]["body"] for one in meta.world.sent] == ["0", "1", "2", "3"]


def test_a_number_sends_no_faster_than_it_may(ana: Person, chat: Conversation, line: Inbox, meta: WhatsAppServer):
    line.account.next_send_at = now() + timedelta(minutes=1)
    line.account.save()
    message = reply(ana, chat)
    drain()

    assert (fresh(message).status, Job.objects.get().run_at > now()) == ("pending", True)
