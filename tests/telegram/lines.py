"""A Telegram inbox, and what the Bot API would post to it."""

from __future__ import annotations

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

BOT_TOKEN, WEBHOOK_SECRET = "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcK", "hook-secret-1"
FIXTURES = Path(__file__).parents[1] / "fixtures" / "telegram"
JOANA = 1111111
numbers = count(500)


def telegram_inbox(tenant: Tenant, name: str = "Telegram", **config: Any) -> Inbox:
    """A connected inbox with its account."""
    inbox = inbox_of(tenant, name, Channel.TELEGRAM, connection=Connection.CONNECTED)
    account = ProviderAccount(tenant=tenant, inbox=inbox, config=config)
    account.keep_secrets({"bot_token": BOT_TOKEN, "webhook_secret": WEBHOOK_SECRET})
    account.save()
    return inbox


def update(kind: str, told: dict[str, Any], number: int = 0) -> dict[str, Any]:
    return {"update_id": number or next(numbers), kind: told}


def said(
    text: str = "Oi", *, number: int = 0, who: int = JOANA, username: str = "joana", name: str = "Joana", **more: Any
) -> dict[str, Any]:
    """The update of a text in a private chat; `more` goes into the message."""
    person = {"id": who, "is_bot": False, "first_name": name, **({"username": username} if username else {})}
    message = {
        "message_id": number or next(numbers),
        "from": person,
        "chat": {**person, "type": "private"},
        "date": int(time.time()),
        **({"text": text} if text else {}),
        **more,
    }
    return update("message", message)


def post(inbox: Inbox, body: dict[str, Any] | bytes, **headers: str) -> HttpResponse:
    """Post it as Telegram would, with the secret unless another is given."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET} | headers
    address = f"/webhooks/telegram/{inbox.token}"
    answer = Client().generic("POST", address, raw, content_type="application/json", headers=given)
    assert isinstance(answer, HttpResponse)
    return answer


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found
