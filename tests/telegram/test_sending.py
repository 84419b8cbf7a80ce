"""Everything that goes out and comes in, against the simulated Bot API, over HTTP."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.conf import settings as configured
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils.timezone import now
from PIL import Image
from pytest_django.live_server_helper import LiveServer

from accounts.models import Tenant
from conversations import actions
from conversations.models import Attachment, Channel, Conversation, Inbox, Message, ProviderAccount
from conversations.providers import calling
from jobs.models import Job
from jobs.worker import drain
from niochat.simulators.telegram import Telegram
from niochat.simulators.telegram_http import TelegramServer
from tests.patience import PATIENCE_S
from tests.telegram.lines import BOT_TOKEN, JOANA, WEBHOOK_SECRET, telegram_inbox
from tests.trade import again, fresh, reply
from tests.whatsapp.lines import whatsapp_inbox
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bot(live_server: LiveServer, settings: Any) -> Iterator[TelegramServer]:
    settings.PUBLIC_URL = live_server.url
    server = TelegramServer(Telegram(BOT_TOKEN)).start()
    yield server
    calling.client().close()
    calling.client.cache_clear()
    server.stop()


@pytest.fixture
def line(aurora: Tenant, bot: TelegramServer) -> Inbox:
    inbox = telegram_inbox(aurora, api_url=bot.url, send_typing=True)
    bot.world.webhook = inbox_url(inbox)
    bot.world.secret = WEBHOOK_SECRET
    return inbox


def inbox_url(inbox: Inbox) -> str:
    return f"{configured.PUBLIC_URL}/webhooks/telegram/{inbox.token}"


@pytest.fixture
def chat(line: Inbox, bot: TelegramServer) -> Conversation:
    """Joana has written to the bot."""
    bot.world.say(JOANA, "Joana", {"text": "Oi"}, username="joana")
    assert bot.world.answered(1) == [200]
    drain()
    return Conversation.objects.get()


def png() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (4, 4)).save(content, "PNG")
    return content.getvalue()


# --- the account ------------------------------------------------------------------------------------------------------


def test_a_bot_is_set_up_by_its_token_and_a_button(davi: Person, bot: TelegramServer):
    made = davi.client().post("/api/v1/inboxes", {"name": "Bot", "channel": "telegram"}).json()
    address = f"/api/v1/inboxes/{made['id']}/account"
    assert davi.client().post(f"{address}/webhook").status_code == 400

    davi.client().patch(address, {"bot_token": BOT_TOKEN, "api_url": bot.url})
    drain()
    assert davi.client().get(address).json()["facts"]["webhook_set"] is False
    assert davi.client().post(f"{address}/webhook").status_code == 202
    drain()

    account = davi.client().get(address).json()
    inbox = Inbox.objects.get(pk=made["id"])
    assert (account["connection"], account["facts"]["username"]) == ("connected", "aurora_bot")
    assert account["facts"]["webhook_set"] is True
    assert account["secrets"] == {"bot_token": True, "webhook_secret": True}
    assert bot.world.webhook == inbox_url(inbox)
    assert bot.world.secret == inbox.account.secret("webhook_secret") != ""
    assert "message_reaction" in bot.world.allowed


def test_secrets_are_sealed_and_never_shown(davi: Person, line: Inbox):
    shown = davi.client().get(f"/api/v1/inboxes/{line.pk}/account").content.decode()

    assert BOT_TOKEN not in shown
    assert WEBHOOK_SECRET not in shown
    assert BOT_TOKEN not in str(ProviderAccount.objects.values_list("sealed", flat=True))


@pytest.mark.parametrize(
    "given",
    [
        {"bot_token": "no token"}, {"bot_token": "1:../../x"}, {"webhook_secret": "short"},
        {"api_url": "http://10.0.0.1"}, {"api_url": "https://api.telegram.org.evil.example"},
    ],
)  # fmt: skip
def test_odd_settings_are_refused(davi: Person, line: Inbox, given: dict[str, str]):
    assert davi.client().patch(f"/api/v1/inboxes/{line.pk}/account", given).status_code in (400, 422)


def test_a_revoked_token_pauses_the_inbox_and_the_message_waits(
    ana: Person, line: Inbox, chat: Conversation, bot: TelegramServer
):
    bot.world.moods.answers.append("token")
    message = reply(ana, chat, "Olá")
    drain()

    line.refresh_from_db()
    assert (line.connection, fresh(message).status) == ("paused", "pending")


# --- out --------------------------------------------------------------------------------------------------------------


def test_a_text_goes_out_and_quotes_what_it_answers(ana: Person, chat: Conversation, bot: TelegramServer):
    hers = Message.objects.get(sender_type="contact")
    message = reply(ana, chat, "Olá, Joana!", reply_to=hers.pk)
    drain()

    (sent,) = bot.world.sent
    assert (sent["chat_id"], sent["text"], sent["reply_parameters"]["message_id"]) == (JOANA, "Olá, Joana!", 1)
    assert (fresh(message).status, fresh(message).provider_id) == ("sent", f"{JOANA}:{sent['message_id']}")


@pytest.mark.parametrize("name", ["vaso.png", "nota.pdf"])
def test_a_file_goes_out_with_its_caption(ana: Person, chat: Conversation, line: Inbox, bot: TelegramServer, name: str):
    field, content = ("photo", png()) if name == "vaso.png" else ("document", b"%PDF-1.4\n%%EOF")
    hers = Message.objects.get(sender_type="contact")
    file = actions.attach_file(
        ana.actor, line, chat, name=name, content=io.BytesIO(content), size=len(content), sender_key=ana.actor.key
    )
    reply(ana, chat, "Este aqui", attachments=[file.pk], reply_to=hers.pk)
    drain()

    (sent,) = bot.world.sent
    assert (sent["method"], sent["caption"]) == (f"send{field.capitalize()}", "Este aqui")
    assert sent["reply_parameters"]["message_id"] == 1
    assert (sent[field].name, sent[field].content) == (name, content)


def test_our_reaction_arrives_and_is_taken_back(ana: Person, chat: Conversation, bot: TelegramServer):
    hers = Message.objects.get(sender_type="contact")
    for emoji in ("❤\ufe0f", ""):
        actions.react(ana.actor, hers.pk, emoji)
        drain()

    shown = [one for one in bot.world.shown if one["event"] == "reaction"]
    assert [(one["message_id"], one["emoji"]) for one in shown] == [(1, "❤"), (1, "")]


def test_that_somebody_writes_is_shown_in_the_chat(ana: Person, chat: Conversation, bot: TelegramServer):
    ana.client().post(f"/api/v1/conversations/{chat.pk}/typing", {"is_typing": True})
    drain()

    assert [one["to"] for one in bot.world.shown if one["event"] == "typing"] == [JOANA]


def test_a_button_is_pressed_and_its_answer_comes_in(ana: Person, chat: Conversation, bot: TelegramServer):
    reply(ana, chat, "Qual?", metadata={"buttons": [{"id": "azul", "title": "O azul"}, "O verde"]})
    drain()
    pressed = bot.world.press(JOANA, bot.world.sent[0]["message_id"], "azul")
    assert bot.world.answered(2) == [200, 200]
    drain()

    answer = Message.objects.filter(sender_type="contact").order_by("-pk")[0]
    assert (answer.content, answer.metadata["button"]["id"]) == ("O azul", "azul")
    assert answer.reply_to is not None
    assert {"event": "answered", "id": pressed}.items() <= bot.world.shown[-1].items()


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_a_customer_who_blocked_the_bot_is_told_of_with_the_reason(
    ana: Person, chat: Conversation, bot: TelegramServer
):
    bot.world.blocked.add(JOANA)
    message = reply(ana, chat, "Olá")
    drain()

    assert (fresh(message).status, fresh(message).error) == ("failed", "Forbidden: bot was blocked by the user")


def test_too_fast_waits_as_long_as_telegram_asks_for_and_goes_out_once(
    ana: Person, chat: Conversation, bot: TelegramServer
):
    bot.world.moods.answers.append("throttled")
    message, began = reply(ana, chat, "Olá"), now()
    drain()

    job = Job.objects.get(state="ready", name="conversations.deliver")
    assert job.run_at >= began + timedelta(seconds=1.5)
    assert fresh(message).status == "pending"
    again()
    assert (fresh(message).status, len(bot.world.sent)) == ("sent", 1)


def test_what_may_have_been_taken_is_not_sent_twice(ana: Person, chat: Conversation, bot: TelegramServer):
    bot.world.moods.answers.append("taken_but_silent")
    message = reply(ana, chat, "Olá")
    drain()
    again()

    assert (len(bot.world.sent), fresh(message).status) == (1, "failed")


def test_who_never_wrote_to_the_bot_cannot_be_written_to(ana: Person, line: Inbox, bot: TelegramServer, aurora: Tenant):
    contact, _ = actions.create_contact(ana.actor, name="Beto", phone="+5591977776666")
    conversation = actions.start_conversation(ana.actor, contact_id=contact.pk, inbox_id=line.pk)
    message = reply(ana, conversation, "Olá")
    drain()

    assert (fresh(message).status, bot.world.sent) == ("failed", [])
    assert fresh(message).error


def test_no_refusal_and_no_fault_tells_the_token(
    ana: Person, chat: Conversation, line: Inbox, bot: TelegramServer, caplog
):
    line.account.config["api_url"] = "http://127.0.0.1:9"
    line.account.save()
    reply(ana, chat, "Olá")
    drain()

    assert BOT_TOKEN not in caplog.text
    assert BOT_TOKEN not in "".join(Job.objects.values_list("last_error", flat=True))


# --- files in ---------------------------------------------------------------------------------------------------------


def received(bot: TelegramServer, kind: str, content: bytes, **more: Any) -> Message:
    """What becomes of a file that Joana sends."""
    told = {"file_id": bot.world.keep("f.bin", content), "width": 1, "height": 1, **more}
    count = len(bot.world.answers)
    bot.world.say(JOANA, "Joana", {kind: [told] if kind == "photo" else told})
    bot.world.answered(count + 1)
    drain()
    return Message.objects.filter(sender_type="contact").order_by("-pk")[0]


def test_a_picture_is_fetched_and_kept(chat: Conversation, bot: TelegramServer):
    message = received(bot, "photo", png())

    file = Attachment.objects.get(message=message)
    assert (message.metadata["media"]["state"], file.content_type) == ("stored", "image/png")
    with default_storage.open(file.key) as kept:
        assert kept.read() == png()


def test_a_file_that_is_too_large_or_gone_is_told_of_as_lost(chat: Conversation, bot: TelegramServer, settings: Any):
    settings.ATTACHMENT_MAX_BYTES = 10
    assert received(bot, "document", b"x" * 11).metadata["media"]["state"] == "lost"
    bot.world.moods.media_expired = True
    assert received(bot, "document", b"x").metadata["media"]["state"] == "lost"
    assert Attachment.objects.count() == 0


@pytest.mark.parametrize("path", ["../../../etc/passwd", "//evil.example/x", "files/a?b", "files/../x", ""])
def test_a_path_that_leads_elsewhere_is_not_followed(
    chat: Conversation, bot: TelegramServer, monkeypatch: pytest.MonkeyPatch, path: str
):
    monkeypatch.setattr(bot.world, "file", lambda file_id: {"file_id": file_id, "file_path": path})

    assert received(bot, "document", b"x").metadata["media"]["state"] == "lost"


# --- trouble ----------------------------------------------------------------------------------------------------------


def test_doubled_and_shuffled_updates_end_in_each_message_once(line: Inbox, bot: TelegramServer):
    bot.world.moods.duplicates, bot.world.moods.shuffled = 0.5, True
    for number in range(20):
        bot.world.say(JOANA + number % 3, "Cliente", {"text": f"texto {number}"})
    assert bot.world.quiet()
    drain()

    assert sorted(Message.objects.values_list("content", flat=True)) == sorted(f"texto {n}" for n in range(20))


def test_a_wrong_secret_leaves_nothing(line: Inbox, bot: TelegramServer):
    bot.world.moods.wrong_signature = True
    bot.world.say(JOANA, "Joana", {"text": "Oi"})

    assert bot.world.answered(1) == [401]
    drain()
    assert Message.objects.count() == 0


def test_a_picture_said_by_the_simulators_own_door_comes_in(line: Inbox, bot: TelegramServer):
    given = {"who": JOANA, "name": "Joana", "message": {"caption": "Olha"}, "kind": "photo", "file_name": "a.png"}
    httpx.post(
        f"{bot.url}/_sim/say", json={**given, "data": base64.b64encode(png()).decode()}, timeout=PATIENCE_S
    ).raise_for_status()
    bot.world.answered(1)
    drain()

    assert (Message.objects.get().content, Attachment.objects.get().content_type) == ("Olha", "image/png")
    assert Conversation.objects.get().inbox.channel == Channel.TELEGRAM


# --- around it --------------------------------------------------------------------------------------------------------


def test_a_provider_that_is_told_in_another_way_has_no_such_button(davi: Person, aurora: Tenant):
    other = whatsapp_inbox(aurora)
    answer = davi.client().post(f"/api/v1/inboxes/{other.pk}/account/webhook")

    assert answer.json()["errors"][0]["code"] == "not_supported"


def test_a_webhook_that_telegram_refuses_says_why(davi: Person, line: Inbox, bot: TelegramServer, settings: Any):
    settings.PUBLIC_URL = "http://helpdesk.example"
    davi.client().post(f"/api/v1/inboxes/{line.pk}/account/webhook")
    drain()

    account = davi.client().get(f"/api/v1/inboxes/{line.pk}/account").json()
    assert "HTTPS url" in account["last_error"].replace("URL", "url")
    assert (account["facts"]["webhook_set"], account["connection"]) == (False, "connected")


def test_a_secret_that_is_kept_is_given_again(davi: Person, line: Inbox, bot: TelegramServer):
    for _time in range(2):
        davi.client().post(f"/api/v1/inboxes/{line.pk}/account/webhook")
        drain()

    assert bot.world.secret == WEBHOOK_SECRET
    assert [method for method, _body in bot.world.calls].count("setWebhook") == 2


def test_writing_is_shown_again_as_soon_as_telegram_lets_it_end(
    ana: Person, chat: Conversation, bot: TelegramServer, monkeypatch: pytest.MonkeyPatch
):
    kept_s: dict[str, int] = {}
    keep = cache.set

    def watched(key: str, value: Any, timeout: int) -> None:
        kept_s[key] = timeout
        keep(key, value, timeout=timeout)

    monkeypatch.setattr(cache, "set", watched)
    ana.client().post(f"/api/v1/conversations/{chat.pk}/typing", {"is_typing": True})

    assert kept_s[f"typing-told:{chat.pk}"] == 5


def test_a_place_goes_out_as_a_place(ana: Person, chat: Conversation, bot: TelegramServer):
    reply(ana, chat, "Aqui", metadata={"location": {"latitude": -1.45, "longitude": -48.5}})
    drain()

    (sent,) = bot.world.sent
    assert (sent["method"], sent["latitude"], sent["longitude"]) == ("sendLocation", -1.45, -48.5)


def test_telegram_is_played_on_a_developers_machine_only():
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("simulate", "telegram")
