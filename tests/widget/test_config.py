"""What a page learns of a widget, and which pages may ask."""

from __future__ import annotations

import pytest

from accounts.models import Tenant
from conversations.models import Channel, Inbox
from realtime.models import Presence
from tests.trade import inbox_of
from tests.widget.visiting import SHOP, Browser, there
from tests.world import Person

pytestmark = pytest.mark.django_db


def test_the_configuration_says_how_the_widget_looks_and_who_is_there(
    visitor: Browser, site: Inbox, ana: Person
) -> None:
    site.settings = {"title": "Aurora", "greeting": "Oi", "offline": "Até já", "accent": "#2f6b4f", "language": "es"}
    site.save()
    there(ana)

    shown = visitor.get().json()

    assert shown == {
        "title": "Aurora",
        "greeting": "Oi",
        "offline": "Até já",
        "accent": "#2f6b4f",
        "language": "es",
        "languages": ["pt-br", "en", "es"],
        "online": True,
        "agents": [{"id": None, "name": "Ana", "avatar_url": ""}],
        "hours": {"open": True, "opens_at": None},
        "preview": True,
        "max_attachment_bytes": 25 * 2**20,
    }


def test_without_settings_the_company_speaks_for_itself(visitor: Browser) -> None:
    shown = visitor.get().json()

    assert (shown["title"], shown["language"], shown["online"], shown["agents"]) == ("Loja Aurora", "pt-br", False, [])


def test_who_went_away_or_may_not_see_the_inbox_is_not_shown(
    site: Inbox, aurora: Tenant, ana: Person, bruno: Person, carla: Person
) -> None:
    for person in (ana, bruno, carla):
        there(person)
    Presence.objects.create(tenant_id=aurora.pk, user_id=ana.user_id, status=Presence.Status.AWAY)
    site.restricted = True
    site.save()
    aurora.restricted_inbox_ids = [site.pk]
    aurora.save()

    assert [agent["name"] for agent in Browser(site).get().json()["agents"]] == ["Carla"]


def test_a_site_on_the_list_may_read_the_answer_without_credentials(visitor: Browser) -> None:
    answer = visitor.get()

    assert answer["Access-Control-Allow-Origin"] == SHOP
    assert "Access-Control-Allow-Credentials" not in answer
    assert "Origin" in answer["Vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://loja.example.evil.example",
        "http://loja.example",
        "https://loja.example:8443",
        "null",
    ],
)
def test_row_77_a_foreign_site_is_refused_on_every_route(site: Inbox, joana: Browser, origin: str) -> None:
    foreign = Browser(site, site=origin, token=joana.token)

    for answer in (foreign.get(), foreign.post("/sessions"), foreign.get("/snapshot"), foreign.get("/messages")):
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "origin_forbidden")
        assert "Access-Control-Allow-Origin" not in answer


def test_our_own_pages_may_always_embed_it(site: Inbox) -> None:
    assert Browser(site, site="http://testserver").get().status_code == 200
    assert Browser(site, site="").get().status_code == 200


def test_a_preflight_is_answered_for_a_listed_site_only(visitor: Browser, site: Inbox) -> None:
    answer = visitor.preflight("/sessions")
    refused = Browser(site, site="https://evil.example").preflight("/sessions")

    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (204, SHOP)
    assert "POST" in answer["Access-Control-Allow-Methods"]
    assert "authorization" in answer["Access-Control-Allow-Headers"]
    assert refused.status_code == 403
    assert "Access-Control-Allow-Origin" not in refused


def test_a_developers_machine_may_embed_it_from_any_port(site: Inbox, settings) -> None:
    local = Browser(site, site="http://localhost:5173")
    assert local.get().status_code == 403

    settings.DEBUG = True
    assert local.get().status_code == 200


@pytest.mark.parametrize("case", ["unknown", "suspended", "switched off", "not a web chat"])
def test_a_key_that_opens_nothing_reads_as_unknown(site: Inbox, aurora: Tenant, case: str) -> None:
    match case:
        case "unknown":
            site.token = "no-such-key"
        case "suspended":
            Tenant.objects.update(is_active=False)
        case "switched off":
            Inbox.objects.update(is_active=False)
        case "not a web chat":
            site = inbox_of(aurora, "ERP", Channel.API, allowed_origins=[SHOP])

    answer = Browser(site).get()
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found")


def test_the_configuration_costs_few_queries(visitor: Browser, ana: Person, django_assert_max_num_queries) -> None:
    there(ana)
    with django_assert_max_num_queries(4):
        visitor.get()
    with django_assert_max_num_queries(1):
        visitor.get()
