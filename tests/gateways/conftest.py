from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Tenant
from conversations import actions
from conversations.models import Conversation, Inbox
from niochat.simulators.gateway import Gateway
from niochat.simulators.gateway_http import GatewayServer
from tests.gateways.lines import JOANA, gateway_of, qr_inbox, worked
from tests.world import Person


@pytest.fixture(params=["evolution", "waha"])
def slug(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(slug: str) -> Iterator[GatewayServer]:
    """A gateway whose codes live for long enough to be looked at."""
    with gateway_of(slug) as running:
        yield running


@pytest.fixture
def world(server: GatewayServer) -> Gateway:
    return server.world


@pytest.fixture
def line(aurora: Tenant, slug: str, server: GatewayServer, live_server: Any, settings: Any) -> Inbox:
    settings.GATEWAY_WEBHOOK_URL = live_server.url
    return qr_inbox(aurora, slug, server.url)


@pytest.fixture
def name(line: Inbox) -> str:
    """The session's name at the gateway."""
    return f"niochat-{line.pk}-{line.token[:10]}"


@pytest.fixture
def connected(line: Inbox, name: str, world: Gateway, davi: Person) -> Inbox:
    """The line with its phone."""
    actions.start_session(davi.actor, line.pk)
    worked(world)
    assert world.scan(name)
    worked(world)
    line.refresh_from_db()
    return line


@pytest.fixture
def chat(connected: Inbox, name: str, world: Gateway) -> Conversation:
    """Joana has written to the phone."""
    world.moods.statuses = False
    world.say(name, JOANA, "Oi", who="Joana Silva", message_id="3AHERS")
    worked(world)
    return Conversation.objects.get()
