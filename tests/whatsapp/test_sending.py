"""Everything that goes out, against the simulator, over HTTP."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now
from PIL import Image

from conversations import actions
from conversations.models import (
    Attachment,
    Connection,
    Conversation,
    Delivery,
    Inbox,
    Message,
    MessageTemplate,
    SendAttempt,
)
from conversations.providers import Outcome
from conversations.providers.whatsapp import graph
from conversations.typing import tell_provider
from conversations.webhooks.tasks import check_account
from jobs.models import Job
from jobs.worker import drain
from niochat.simulators.whatsapp import Simulator
from niochat.simulators.whatsapp_http import WhatsAppServer
from tests.trade import published, reply
from tests.whatsapp.lines import (
    ACCESS_TOKEN,
    APP_SECRET,
    JOANA,
    PHONE_NUMBER_ID,
    became,
    delivery,
    post,
    said,
    whatsapp_inbox,
)
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meta() -> Iterator[WhatsAppServer]:
    world = Simulator(
        "http://127.0.0.1:9/", access_token=ACCESS_TOKEN, app_secret=APP_SECRET, phone_number_id=PHONE_NUMBER_ID,
        waba_id="102290129340398",
    )  # fmt: skip
    world.moods.statuses = False
    server = WhatsAppServer(world).start()
    yield server
    graph.client().close()
    graph.client.cache_clear()
    server.stop()


@pytest.fixture
def line(aurora, meta: WhatsAppServer) -> Inbox:
    return whatsapp_inbox(aurora, graph_url=meta.url)


@pytest.fixture
def chat(line: Inbox) -> Conversation:
    """Joana has written by WhatsApp."""
    post(line, delivery(said("Oi", wamid="wamid.hers")))
    drain()
    return Conversation.objects.get()


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def again() -> None:
    """Run what waits for its backoff."""
    Job.objects.filter(state="ready").update(run_at=now() - timedelta(seconds=1))
    drain()


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


# --- the window and the templates


def test_outside_the_window_only_a_template_may_be_sent(
    ana: Person, chat: Conversation, line: Inbox, meta: WhatsAppServer
):
    check_account(line.tenant_id, line.pk)
    Conversation.objects.update(window_until=now() - timedelta(minutes=1))
    address = f"/api/v1/conversations/{chat.pk}/messages"

    refused = ana.client().post(address, {"content": "Oi?"})
    template = {"name": "retomar_conversa", "language": "pt_BR", "variables": {"body.1": "Joana"}}
    taken = ana.client().post(address, {"message_type": "template", "metadata": {"template": template}})
    note = ana.client().post(address, {"content": "Ligar amanhã", "private": True})
    drain()

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "window_closed")
    assert taken.json()["content"] == "Oi, Joana! Podemos continuar a nossa conversa?"
    assert note.status_code == 200
    assert meta.world.sent[0]["template"] == {
        "name": "retomar_conversa",
        "language": {"code": "pt_BR"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": "Joana"}]}],
    }
    assert Message.objects.get(message_type="template").status == "sent"


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"name": "novidades", "language": "pt_BR"}, (422, "template_not_approved")),
        ({"name": "retomar_conversa", "language": "pt_BR"}, (422, "template_incomplete")),
        ({"name": "retomar_conversa", "language": "en"}, (400, "does_not_exist")),
        ({"name": "retomar_conversa", "language": "pt_BR", "variables": {"body.1": "x" * 1025}}, (422, "too_long")),
        ("retomar_conversa", (400, "required")),
    ],
)
def test_a_template_must_be_approved_and_filled_in(
    ana: Person, chat: Conversation, line: Inbox, asked: Any, refusal: tuple[int, str]
):
    check_account(line.tenant_id, line.pk)
    body = {"message_type": "template", "metadata": {"template": asked}}

    answer = ana.client().post(f"/api/v1/conversations/{chat.pk}/messages", body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == refusal


def test_templates_are_those_that_the_provider_lists(ana: Person, line: Inbox, meta: WhatsAppServer):
    check_account(line.tenant_id, line.pk)
    meta.world.templates = meta.world.templates[:1]
    check_account(line.tenant_id, line.pk)

    (row,) = ana.client().get(f"/api/v1/inboxes/{line.pk}/templates").json()
    assert (row["name"], row["approval"], row["variables"]) == ("pedido_a_caminho", "approved", ["body.1", "body.2"])


def test_the_window_is_open_for_a_day_after_what_the_customer_wrote(chat: Conversation):
    hours = (Conversation.objects.get().window_until - now()).total_seconds() / 3600  # type: ignore[operator]

    assert 23.9 < hours <= 24


def test_the_providers_word_closes_the_window(ana: Person, chat: Conversation, meta: WhatsAppServer):
    meta.world.moods.answers.append("window")
    message = reply(ana, chat)
    drain()

    assert (fresh(message).status, "131047" in fresh(message).error) == ("failed", True)
    assert not Conversation.objects.select_related("inbox").get().may_be_answered(now())


# --- when something goes wrong


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
    assert (fresh(message).status, "certo" in fresh(message).error) == ("failed", True)

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


# --- files


def sends_picture(meta: WhatsAppServer, line: Inbox, content: bytes, kind: str = "image/png") -> Message:
    media_id = meta.world.upload(content, kind)
    post(line, delivery(said(type="image", image={"id": media_id, "mime_type": kind}, wamid=f"wamid.{media_id}")))
    drain()
    return Message.objects.get(provider_id=f"wamid.{media_id}")


def test_a_picture_is_shown_at_once_and_its_file_follows(line: Inbox, meta: WhatsAppServer, ana: Person):
    picture = io.BytesIO()
    Image.new("RGB", (12, 7)).save(picture, "PNG")
    with published() as frames:
        message = sends_picture(meta, line, picture.getvalue())

    file = Attachment.objects.get(message=message)
    assert (file.content_type, file.width, file.height, message.metadata["media"]["state"]) == (
        "image/png",
        12,
        7,
        "stored",
    )
    updated = [frame for frame in frames.to("agents") if frame["type"] == "message_updated"]
    assert updated[0]["data"]["message"]["attachments"][0]["id"] == file.pk
    assert ana.client().get(f"/api/v1/attachments/{file.pk}").json()["url"].startswith("http")


def test_an_expired_file_is_said_to_be_lost(line: Inbox, meta: WhatsAppServer):
    meta.world.moods.media_expired = True

    assert sends_picture(meta, line, b"x").metadata["media"]["state"] == "lost"


def test_a_file_that_is_too_large_is_not_taken(line: Inbox, meta: WhatsAppServer, settings):
    settings.ATTACHMENT_MAX_BYTES = 1000

    assert sends_picture(meta, line, b"x" * 1001).metadata["media"]["state"] == "lost"
    assert Attachment.objects.count() == 0


# --- the account


def test_secrets_go_in_and_never_come_out(davi: Person, line: Inbox):
    answer = davi.client().patch(
        f"/api/v1/inboxes/{line.pk}/account", {"app_secret": "very-secret-1", "send_read": True}
    )
    shown = davi.client().get(f"/api/v1/inboxes/{line.pk}/account")
    line.account.refresh_from_db()

    assert "very-secret" not in answer.content.decode() + shown.content.decode() + str(line.account.sealed)
    assert line.account.secret("app_secret") == "very-secret-1"
    assert shown.json()["config"]["send_read"] is True


@pytest.mark.parametrize(
    "url", ["https://evil.example", "http://graph.facebook.com", "http://10.0.0.1:80", "https://localhost"]
)
def test_only_metas_own_address_may_be_called(davi: Person, line: Inbox, url: str):
    answer = davi.client().patch(f"/api/v1/inboxes/{line.pk}/account", {"graph_url": url})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "url_not_allowed")


def test_a_new_inbox_is_connected_once_everything_is_there(davi: Person, meta: WhatsAppServer):
    made = davi.client().post("/api/v1/inboxes", {"name": "Zap", "channel": "whatsapp"}).json()
    assert made["connection"] == "setup"
    address = f"/api/v1/inboxes/{made['id']}/account"

    davi.client().patch(
        address, {"phone_number_id": PHONE_NUMBER_ID, "waba_id": "102290129340398", "graph_url": meta.url}
    )
    answer = davi.client().patch(address, {"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET, "verify_token": "v"})
    drain()

    assert answer.json()["connection"] == "connected"
    shown = davi.client().get(address).json()
    assert (shown["facts"]["quality_rating"], shown["webhook_path"]) == ("GREEN", f"/webhooks/whatsapp/{made['token']}")
    assert MessageTemplate.objects.count() == len(meta.world.templates)


def test_a_look_at_the_account_tells_that_its_token_is_over(line: Inbox, meta: WhatsAppServer):
    meta.world.access_token = "other"
    check_account(line.tenant_id, line.pk)
    line.refresh_from_db()
    assert line.connection == Connection.PAUSED

    meta.world.access_token = ACCESS_TOKEN
    check_account(line.tenant_id, line.pk)
    line.refresh_from_db()
    assert line.connection == Connection.CONNECTED
