"""The simulated provider against a real server: what it posts, and how it misbehaves when it is told to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from conversations import actions
from conversations.models import Conversation, Inbox, Message, WebhookDelivery
from conversations.providers.whatsapp import graph
from jobs.worker import drain
from niochat.simulators.http import Server
from niochat.simulators.whatsapp import Simulator
from tests.trade import reply
from tests.whatsapp.lines import ACCESS_TOKEN, APP_SECRET, JOANA, PHONE_NUMBER_ID, whatsapp_inbox
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = {"type": "text", "text": {"body": "Oi"}}


@pytest.fixture
def live(aurora, live_server: LiveServer) -> Iterator[Server]:
    """A provider that posts to a server of ours over HTTP."""
    inbox = whatsapp_inbox(aurora)
    webhook = f"{live_server.url}/webhooks/whatsapp/{inbox.token}"
    world = Simulator(webhook, access_token=ACCESS_TOKEN, app_secret=APP_SECRET, phone_number_id=PHONE_NUMBER_ID)
    server = Server(world).start()
    inbox.account.config["graph_url"] = server.url
    inbox.account.save()
    yield server
    graph.client().close()
    graph.client.cache_clear()
    server.stop()


def command(server: Server, what: str, /, **given: Any) -> Any:
    parts = urlsplit(server.url)
    connection = HTTPConnection(parts.hostname or "", parts.port or 0, timeout=10)
    connection.request("POST", f"/_sim/{what}", json.dumps(given), {"Origin": "http://localhost:8010"})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:8010"
    return body


def arrived(server: Server, count: int) -> list[int]:
    """What our server has answered to the first so many deliveries."""
    assert server.world.quiet()
    while len(server.world.answers) < count:
        server.world.shown_after(10_000, 0.02)
    return server.world.answers


def test_what_is_said_on_a_phone_comes_in_and_the_answer_goes_back_with_its_ticks(live: Server, ana: Person):
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


def test_a_wrong_signature_is_refused_and_leaves_nothing(live: Server):
    command(live, "behave", wrong_signature=True)
    command(live, "say", phone=JOANA, name="Joana", message=TEXT)

    assert arrived(live, 1) == [401]
    assert WebhookDelivery.objects.count() == 0


def test_doubled_shuffled_and_late_deliveries_are_each_message_once(live: Server):
    command(live, "behave", duplicates=1.0, shuffled=True, delay_s=0.1)
    for _ in range(5):
        command(live, "say", phone=JOANA, name="Joana", message=TEXT)

    assert arrived(live, 10) == [200] * 10
    drain()
    assert (WebhookDelivery.objects.count(), Message.objects.count()) == (10, 5)


def test_it_sends_the_survey_after_the_close_with_a_link_that_no_agent_sees(live: Server, ana: Person):
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
