"""The account at Meta: its secrets, its address, and what a look at it tells."""

from __future__ import annotations

import pytest

from conversations.models import Connection, Inbox, MessageTemplate
from conversations.webhooks.tasks import check_account
from jobs.worker import drain
from niochat.simulators.whatsapp_http import WhatsAppServer
from tests.whatsapp.connected import line, meta
from tests.whatsapp.lines import ACCESS_TOKEN, APP_SECRET, PHONE_NUMBER_ID
from tests.world import Person

__all__ = ["line", "meta"]
pytestmark = pytest.mark.django_db(transaction=True)


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
