"""A QR inbox on a simulated gateway, posting to the product over HTTP."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.test import Client
from PIL import Image

from accounts.models import Tenant
from conversations.models import Channel, Connection, Inbox, ProviderAccount
from jobs.worker import drain
from niochat.simulators.gateway import Gateway
from niochat.simulators.gateway_http import GatewayServer
from niochat.simulators.speech import evolution, waha
from tests.trade import inbox_of

API_KEY, SECRET = "gateway-key", "webhook-secret"
JOANA = "5591988887777"
SPEECH: dict[str, Any] = {"evolution": evolution, "waha": waha}
FIXTURES = Path(__file__).parents[1] / "fixtures"


def qr_inbox(tenant: Tenant, gateway: str, url: str, name: str = "Loja no WhatsApp", **config: Any) -> Inbox:
    """An inbox whose phone was never connected."""
    inbox = inbox_of(tenant, name, Channel.WHATSAPP_QR, connection=Connection.SETUP)
    account = ProviderAccount(tenant=tenant, inbox=inbox, config={"gateway": gateway, "base_url": url} | config)
    account.keep_secrets({"api_key": API_KEY, "webhook_secret": SECRET})
    account.save()
    return inbox


@contextmanager
def gateway_of(name: str, **options: Any) -> Iterator[GatewayServer]:
    server = GatewayServer(Gateway(SPEECH[name], api_key=API_KEY, **options)).start()
    try:
        yield server
    finally:
        server.stop()


def worked(world: Gateway, rounds: int = 3) -> None:
    """Let the post and the jobs go back and forth until nothing is left to be done."""
    for _ in range(rounds):
        assert world.quiet()
        drain()


def account_of(inbox: Inbox) -> ProviderAccount:
    return ProviderAccount.objects.get(inbox=inbox)


def picture(side: int = 40, colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, "PNG")
    return out.getvalue()


def post(inbox: Inbox, slug: str, body: Any, **headers: str) -> Any:
    """Post it as the gateway would, with the secret unless another is given."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"X-NioChat-Secret": SECRET} | headers
    address = f"/webhooks/{slug}/{inbox.token}"
    return Client().generic("POST", address, raw, content_type="application/json", headers=given)


def fixture(slug: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / slug / f"{name}.json").read_text())
    return found
