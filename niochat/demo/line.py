"""The demo's two ways into WhatsApp, each an inbox of the first company on a provider that runs beside the server:
Meta's API, connected from the start, and a gateway, whose phone somebody has to connect by scanning a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.actor import Actor, Origin
from accounts.credentials import actor_for
from accounts.models import Tenant
from conversations import actions
from conversations.models import Channel, Inbox, ProviderAccount
from conversations.providers.gateways import gateway_named
from conversations.providers.gateways.base import SECRET_HEADER
from niochat.demo.cast import DEMO, member
from niochat.simulators.gateway import Gateway
from niochat.simulators.gateway_http import GatewayServer
from niochat.simulators.server import Server
from niochat.simulators.speech import evolution
from niochat.simulators.whatsapp import Simulator
from niochat.simulators.whatsapp_http import WhatsAppServer

NAME, TOKEN, PORT = "WhatsApp", "demo-whatsapp", 8099
SECRETS = {
    "access_token": "demo-access-token",
    "app_secret": "demo-app-secret",
    "verify_token": "demo-verify-token",
}
SHOWN = {"send_read": True, "send_typing": True}
QR_NAME, QR_TOKEN, QR_PORT = "WhatsApp (QR)", "demo-whatsapp-qr", 8097
QR_SECRETS = {"api_key": "demo-gateway-key"}
# As long as Evolution API's own.
QR_S = 45.0


class Lines:
    """The providers that run."""

    def __init__(self, *servers: Server[Any]) -> None:
        self.servers = servers

    def stop(self) -> None:
        for server in self.servers:
            server.stop()


def start(port: int) -> Lines:
    """Start the providers and point the demo's inboxes at them; `port` is where NioChat itself listens."""
    admin = actor_for(member(Tenant.objects.get(slug=DEMO.slug), DEMO.people[-1]), origin=Origin.COMMAND)
    root = f"http://127.0.0.1:{port}"
    return Lines(cloud(admin, root), gateway(admin, root))


def cloud(admin: Actor, root: str) -> WhatsAppServer:
    names = ("access_token", "app_secret")
    world = Simulator(f"{root}/webhooks/whatsapp/{TOKEN}", **{name: SECRETS[name] for name in names})
    server = WhatsAppServer.near(world, PORT)
    inbox = inbox_of(admin, Channel.WHATSAPP, NAME, TOKEN)
    numbers = {"phone_number_id": world.phone_number_id, "waba_id": world.waba_id}
    configure(admin, inbox, {"graph_url": server.url, **numbers, **SHOWN}, SECRETS)
    return server.start()


def gateway(admin: Actor, root: str) -> GatewayServer:
    """A phone that was connected when the demo ended is so still."""
    world = Gateway(evolution, api_key=QR_SECRETS["api_key"], qr_s=QR_S, posts_to=root)
    server = GatewayServer.near(world, QR_PORT)
    inbox = inbox_of(admin, Channel.WHATSAPP_QR, QR_NAME, QR_TOKEN)
    configure(admin, inbox, {"gateway": "evolution", "base_url": server.url, **SHOWN}, QR_SECRETS)
    account = ProviderAccount.visible_to(admin).select_related("inbox").get(inbox=inbox)
    if account.session == ProviderAccount.Session.CONNECTED:
        kept = gateway_named("evolution")
        secret = {SECRET_HEADER: account.secret("webhook_secret")}
        world.resume(kept.account_id(account.inbox), f"{root}/webhooks/evolution/{QR_TOKEN}", secret, [])
    return server.start()


def inbox_of(admin: Actor, channel: Channel, name: str, token: str) -> Inbox:
    """The demo's inbox of this channel, made at the first start."""
    rows = Inbox.visible_to(admin).select_related("account")
    inbox = rows.filter(channel=channel, token=token).first()
    return inbox or actions.create_inbox(admin, name=name, channel=channel, token=token)[0]


def configure(admin: Actor, inbox: Inbox, config: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    """Point an inbox at its provider; what has not changed since the last start stays unwritten."""
    known = {name: inbox.account.secret(name) for name in secrets}
    actions.configure_account(admin, inbox.pk, config=config, secrets={} if known == secrets else secrets)
