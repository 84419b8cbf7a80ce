"""The demo's WhatsApp: an inbox of the first company on a provider that runs beside the server."""

from __future__ import annotations

from accounts.actor import Origin
from accounts.credentials import actor_for
from accounts.models import Tenant
from conversations import actions
from conversations.models import Channel, Inbox
from niochat.demo.cast import DEMO, member
from niochat.simulators.whatsapp import Simulator
from niochat.simulators.whatsapp_http import WhatsAppServer

NAME, TOKEN, PORT = "WhatsApp", "demo-whatsapp", 8099
SECRETS = {
    "access_token": "demo-access-token",
    "app_secret": "demo-app-secret",
    "verify_token": "demo-verify-token",
}


def start(port: int) -> WhatsAppServer:
    """Start the provider and point the demo's inbox at it; `port` is where NioChat itself listens."""
    world = Simulator(
        f"http://127.0.0.1:{port}/webhooks/whatsapp/{TOKEN}",
        access_token=SECRETS["access_token"],
        app_secret=SECRETS["app_secret"],
    )
    server = WhatsAppServer.near(world, PORT)
    connect(world, server.url)
    return server.start()


def connect(world: Simulator, url: str) -> None:
    """Make the inbox at the first start; afterwards change only what has changed."""
    admin = actor_for(member(Tenant.objects.get(slug=DEMO.slug), DEMO.people[-1]), origin=Origin.COMMAND)
    rows = Inbox.visible_to(admin).select_related("account")
    inbox = rows.filter(channel=Channel.WHATSAPP, token=TOKEN).first()
    if inbox is None:
        inbox, _secret = actions.create_inbox(admin, name=NAME, channel=Channel.WHATSAPP, token=TOKEN)
    config = {
        "graph_url": url,
        "phone_number_id": world.phone_number_id,
        "waba_id": world.waba_id,
        "send_read": True,
        "send_typing": True,
    }
    known = {name: inbox.account.secret(name) for name in SECRETS}
    secrets = SECRETS if known != SECRETS else {}
    actions.configure_account(admin, inbox.pk, config=config, secrets=secrets)
