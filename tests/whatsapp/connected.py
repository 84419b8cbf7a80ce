"""A line that is connected to the simulator of Meta's Cloud API, and what waits for another try."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conversations.models import Conversation, Inbox
from conversations.providers import calling
from jobs.worker import drain
from niochat.simulators.whatsapp import Simulator
from niochat.simulators.whatsapp_http import WhatsAppServer
from tests.whatsapp.lines import ACCESS_TOKEN, APP_SECRET, PHONE_NUMBER_ID, delivery, post, said, whatsapp_inbox


@pytest.fixture
def meta() -> Iterator[WhatsAppServer]:
    world = Simulator(
        "http://127.0.0.1:9/", access_token=ACCESS_TOKEN, app_secret=APP_SECRET, phone_number_id=PHONE_NUMBER_ID,
        waba_id="102290129340398",
    )  # fmt: skip
    world.moods.statuses = False
    server = WhatsAppServer(world).start()
    yield server
    calling.client().close()
    calling.client.cache_clear()
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
