"""The simulated provider against a real server: what it posts, and how it misbehaves when it is told to."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.timezone import now
from pytest_django.live_server_helper import LiveServer

from conversations import actions
from conversations.models import Conversation, Inbox, Message, WebhookDelivery
from conversations.providers import calling
from jobs.models import Job
from jobs.worker import drain
from niochat.simulators.whatsapp import Simulator
from niochat.simulators.whatsapp_http import WhatsAppServer
from tests.trade import reply
from tests.whatsapp.lines import ACCESS_TOKEN, APP_SECRET, JOANA, PHONE_NUMBER_ID, whatsapp_inbox
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = {"type": "text", "text": {"body": "Oi"}}


@pytest.fixture
def live(aurora, live_server: LiveServer) -> Iterator[WhatsAppServer]:
    """A provider that posts to a server of ours over HTTP."""
    inbox = whatsapp_inbox(aurora)
    webhook = f"{live_server.url}/webhooks/whatsapp/{inbox.token}"
    world = Simulator(webhook, access_token=ACCESS_TOKEN, app_secret=APP_SECRET, phone_number_id=PHONE_NUMBER_ID)
    server = WhatsAppServer(world).start()
    inbox.account.config["graph_url"] = server.url
    inbox.account.save()
    yield server
    calling.client().close()
    calling.client.cache_clear()
    server.stop()


def command(server: WhatsAppServer, what: str, /, **given: Any) -> Any:
    parts = urlsplit(server.url)
    connection = HTTPConnection(parts.hostname or "", parts.port or 0, timeout=60)
    connection.request("POST", f"/_sim/{what}", json.dumps(given), {"Origin": "http://localhost:8010"})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:8010"
    return body


def arrived(server: WhatsAppServer, count: int) -> list[int]:
    """What our server has answered to the first so many deliveries."""
    return server.world.answered(count)


def test_what_is_said_on_a_phone_comes_in_and_the_answer_goes_back_with_its_ticks(live: WhatsAppServer, ana: Person):
    command(live, "say", phone=JOANA, name="Joana", message=TEXT)
    assert arrived(live, 1) == [200]
    drain()
    message = reply(ana, Conversation.objects.get(), "Olá!")
    drain()
    arrived(live, 3)
    drain()

    assert Message.objects.get(pk=message.pk).status == "delivered"
    command(live, "report", id=live.world.sent[0]["wamid"], to=JOANA, status="read")
    arrived(live, 4)
    drain()
    assert Message.objects.get(pk=message.pk).status == "read"


def test_a_wrong_signature_is_refused_and_leaves_nothing(live: WhatsAppServer):
    command(live, "behave", wrong_signature=True)
    command(live, "say", phone=JOANA, name="Joana", message=TEXT)

    assert arrived(live, 1) == [401]
    assert WebhookDelivery.objects.count() == 0


def test_doubled_shuffled_and_late_deliveries_are_each_message_once(live: WhatsAppServer):
    command(live, "behave", duplicates=1.0, shuffled=True, delay_ms=100)
    for _ in range(5):
        command(live, "say", phone=JOANA, name="Joana", message=TEXT)

    assert arrived(live, 10) == [200] * 10
    drain()
    assert (WebhookDelivery.objects.count(), Message.objects.count()) == (10, 5)


def test_it_sends_the_survey_after_the_close_with_a_link_that_no_agent_sees(live: WhatsAppServer, ana: Person):
    command(live, "say", phone=JOANA, name="Joana", message=TEXT)
    arrived(live, 1)
    drain()
    conversation = Conversation.objects.get()
    actions.send_survey(ana.actor, conversation.pk)
    drain()

    (sent,) = live.world.sent
    assert "/s/" in sent["text"]["body"]
    assert "/s/" not in Message.objects.latest("pk").content


def test_it_is_played_on_a_developers_machine_only():
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("simulate", "whatsapp", webhook="http://127.0.0.1:9/")


def test_the_phone_is_shown_on_a_developers_machine_only(line: Inbox, settings):
    line.tenant.slug = "demo"
    line.tenant.save()
    line.account.config["graph_url"] = "http://127.0.0.1:8099"
    line.account.save()
    assert Client().get("/demo/phone/").status_code == 404

    settings.DEBUG = True
    page = Client().get("/demo/phone/", headers={"Accept-Language": "es"})
    assert 'data-simulator="http://127.0.0.1:8099"' in page.content.decode()
    assert "El teléfono de un cliente" in page.content.decode()


def test_a_page_that_is_closed_while_it_waits_leaves_no_trace(live: WhatsAppServer, capsys: pytest.CaptureFixture[str]):
    parts, before = urlsplit(live.url), set(threading.enumerate())
    with socket.create_connection((parts.hostname, parts.port)) as page:
        page.sendall(b'POST /_sim/shown HTTP/1.1\r\nHost: x\r\nContent-Length: 15\r\n\r\n{"after": 9999}')
        while not (answering := set(threading.enumerate()) - before):
            time.sleep(0.01)
        page.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # Closed at once, by a reset.
    live.world.stop()
    answering.pop().join(60)

    assert "Traceback" not in capsys.readouterr().err


def test_a_provider_that_has_too_much_to_do_says_when_to_come_back(live: WhatsAppServer, ana: Person):
    command(live, "say", phone=JOANA, name="Joana", message=TEXT)
    arrived(live, 1)
    drain()
    told = command(live, "behave", answers=["throttled"], retry_after_s=7)
    message, began = reply(ana, Conversation.objects.get(), "Olá!"), now()
    drain()

    assert told["answers"] == ["throttled"]
    assert Message.objects.get(pk=message.pk).status == "pending"
    waiting = Job.objects.get(name="conversations.deliver", state="ready")
    assert began + timedelta(seconds=4) < waiting.run_at < now() + timedelta(seconds=15)
    assert command(live, "moods")["answers"] == []


def test_a_command_that_nobody_knows_and_a_mood_that_it_does_not_have_are_refused(live: WhatsAppServer):
    assert "behave, moods, report, say, sent, shown" in command(live, "dance")["error"]["message"]
    assert "never_scanned" in command(live, "behave", never_scanned=True)["error"]["message"]


def test_the_moods_of_the_start_are_options(settings):
    settings.DEBUG = True
    with pytest.raises(CommandError, match="telegram has no such mood"):
        call_command("simulate", "telegram", port=0, never_scanned=True)
