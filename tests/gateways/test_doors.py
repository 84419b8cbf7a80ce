"""A gateway's doors: what it shows to come in, whom it may speak of, and where it may stand."""

from __future__ import annotations

from typing import Any

import pytest

from conversations import actions
from conversations.models import Inbox, Message, ProviderAccount, SetAside, WebhookDelivery
from jobs.worker import drain
from niochat.simulators.gateway import Gateway
from tests.gateways.lines import account_of, post, worked
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
Session = ProviderAccount.Session


def test_a_delivery_without_the_secret_is_refused_and_nothing_of_it_is_stored(connected: Inbox, slug: str):
    before = WebhookDelivery.objects.count()

    assert post(connected, slug, {"event": "x"}, **{"X-NioChat-Secret": "wrong"}).status_code == 401
    assert post(connected, slug, {"event": "x"}, **{"X-NioChat-Secret": ""}).status_code == 401
    assert WebhookDelivery.objects.count() == before


def test_the_door_of_the_other_gateway_is_closed(connected: Inbox, slug: str):
    other = {"evolution": "waha", "waha": "evolution"}[slug]

    assert post(connected, other, {"event": "x"}).status_code == 404


def test_a_gateway_that_names_another_session_is_quarantined(connected: Inbox, slug: str, name: str, world: Gateway):
    session = world.sessions[name]
    stranger = type(session)("niochat-9-other", session.webhook, session.headers, state="open")
    foreign = world.speech.message(stranger, "5591988880000", "3ASTRANGER", "Oi", who="X")
    nameless = {**world.speech.message(session, "5591988880000", "3ANAMELESS", "Oi"), "instance": "", "session": ""}

    for body in (foreign, nameless, world.speech.connection(type(session)("niochat-9-other", state="close"))):
        assert post(connected, slug, body).status_code == 200
    drain()

    assert Message.objects.count() == 0
    assert SetAside.objects.filter(reason="quarantined").count() == 3
    assert account_of(connected).session == Session.CONNECTED


def test_the_gateways_own_key_is_stripped_before_anything_is_stored(connected: Inbox, world: Gateway, name: str):
    world.say(name, "5591988887777", "Oi", who="Joana")
    worked(world)

    kept = b"".join(bytes(one.body) for one in WebhookDelivery.objects.all())
    assert b"Oi" in kept
    assert b"the-gateways-own-key" not in kept


def test_only_admins_reach_a_session_and_an_inbox_of_another_kind_has_none(
    line: Inbox, site: Inbox, ana: Person, carla: Person, davi: Person
):
    path = f"/api/v1/inboxes/{line.pk}/session"

    assert {who.client().post(path).status_code for who in (ana, carla)} == {403}
    assert {getattr(davi.client(), verb)(f"/api/v1/inboxes/{site.pk}/session").status_code
            for verb in ("get", "post", "delete")} == {404}  # fmt: skip


@pytest.mark.parametrize(
    "url",
    ["http://gateway.example", "https://127.0.0.1", "https://localhost", "https://10.0.0.8", "https://[::1]",
     "https://169.254.169.254", "https://user@gateway.example", "https://[", "ftp://gateway.example"],
)  # fmt: skip
def test_a_gateway_inside_our_network_is_refused(line: Inbox, davi: Person, url: str):
    answer = davi.client().patch(f"/api/v1/inboxes/{line.pk}/account", {"base_url": url}, format="json")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "url_not_allowed"


def test_the_platforms_key_never_goes_to_a_gateway_that_a_company_named(
    line: Inbox, world: Gateway, davi: Person, settings: Any
):
    settings.EVOLUTION_API_KEY = settings.WAHA_API_KEY = world.api_key
    account = account_of(line)
    account.keep_secrets({"api_key": ""})
    account.save()

    actions.start_session(davi.actor, line.pk)
    drain()

    assert world.calls == []
    assert account_of(line).session == Session.DISCONNECTED
