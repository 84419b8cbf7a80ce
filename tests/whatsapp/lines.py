"""A WhatsApp inbox, and what Meta would post to it."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from itertools import count
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.models import Tenant
from conversations.models import Channel, Connection, Inbox, ProviderAccount
from tests.trade import inbox_of

PHONE_NUMBER_ID = "106540352242922"
APP_SECRET, VERIFY_TOKEN, ACCESS_TOKEN = "app-secret-1", "verify-me", "EAAG-token"
FIXTURES = Path(__file__).parents[1] / "fixtures" / "whatsapp"
JOANA = "5591988887777"
numbers = count(1)


def whatsapp_inbox(tenant: Tenant, name: str = "WhatsApp", **config: Any) -> Inbox:
    """A connected inbox with its account."""
    inbox = inbox_of(tenant, name, Channel.WHATSAPP, connection=Connection.CONNECTED)
    given = {"phone_number_id": PHONE_NUMBER_ID, "waba_id": "102290129340398"} | config
    account = ProviderAccount(tenant=tenant, inbox=inbox, config=given)
    account.keep_secrets({"access_token": ACCESS_TOKEN, "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN})
    account.save()
    return inbox


def delivery(*values: dict[str, Any], phone_number_id: str = PHONE_NUMBER_ID) -> dict[str, Any]:
    """A delivery with one change for each value."""
    metadata = {"display_phone_number": "15550783881", "phone_number_id": phone_number_id}
    changes = [
        {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
        for value in values
    ]
    return {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": changes}]}


def said(
    text: str = "Oi",
    *,
    wamid: str = "",
    phone: str = JOANA,
    name: str = "Joana Silva",
    at: float | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The value of a text; `more` goes into the message, and another `type` with it."""
    message = {
        "from": phone,
        "id": wamid or f"wamid.{next(numbers)}",
        "timestamp": str(int(at or time.time())),
        "type": "text",
        "text": {"body": text},
        **more,
    }
    return {"contacts": [{"profile": {"name": name}, "wa_id": phone}], "messages": [message]}


def became(wamid: str, status: str, **more: Any) -> dict[str, Any]:
    """The value of a status."""
    told = {"id": wamid, "status": status, "timestamp": str(int(time.time())), "recipient_id": JOANA, **more}
    return {"statuses": [told]}


def signed(raw: bytes, secret: str = APP_SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def post(inbox: Inbox, body: dict[str, Any] | bytes, **headers: str) -> HttpResponse:
    """Post it as Meta would, signed unless a signature is given."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"X-Hub-Signature-256": signed(raw)} | headers
    address = f"/webhooks/whatsapp/{inbox.token}"
    answer = Client().generic("POST", address, raw, content_type="application/json", headers=given)
    assert isinstance(answer, HttpResponse)
    return answer


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found
