"""One module for each way to reach customers; `provider_of` finds an inbox's."""

from __future__ import annotations

from conversations.models import Channel, Inbox
from conversations.providers.api import ApiProvider
from conversations.providers.base import Limits, Outcome, Provider, RemoteProvider, Verdict
from conversations.providers.gateways import GATEWAYS, GatewayProvider, gateway_named
from conversations.providers.telegram import TelegramProvider
from conversations.providers.webchat import WebchatProvider
from conversations.providers.whatsapp import WhatsAppProvider

# Those behind HTTP: what posts to us, and is called. A new provider is one module, and one line here.
ONE_EACH: tuple[RemoteProvider, ...] = (WhatsAppProvider(), TelegramProvider())
# One of a channel; a QR inbox chooses among the gateways.
REMOTE: dict[str, RemoteProvider] = {
    **{provider.channel: provider for provider in ONE_EACH},
    Channel.WHATSAPP_QR: gateway_named(""),
}
SLUGS: dict[str, RemoteProvider] = {provider.slug: provider for provider in (*ONE_EACH, *GATEWAYS.values())}
PROVIDERS: dict[str, Provider] = {Channel.WEBCHAT: WebchatProvider(), Channel.API: ApiProvider(), **REMOTE}


def provider_of(inbox: Inbox) -> Provider:
    """The provider that carries an inbox's messages; raises KeyError for a channel that has none yet."""
    return PROVIDERS[inbox.channel]


def remote_of(inbox: Inbox) -> RemoteProvider | None:
    """The provider behind HTTP that an inbox speaks through; None where there is none."""
    return gateway_of(inbox) or REMOTE.get(inbox.channel)


def limits_of(inbox: Inbox) -> Limits:
    """How long a message of the inbox's may be. Reads nothing: all gateways carry as much."""
    remote = REMOTE.get(inbox.channel)
    return remote.limits if remote else Limits()


def gateway_of(inbox: Inbox) -> GatewayProvider | None:
    """The gateway that keeps an inbox's phone session; None for an inbox that has none. Reads the inbox's account."""
    if inbox.channel != Channel.WHATSAPP_QR:
        return None
    account = getattr(inbox, "account", None)
    return gateway_named(str(account.config.get("gateway", "")) if account else "")


def by_slug(slug: str) -> RemoteProvider | None:
    """The provider that posts to `/webhooks/{slug}/…`."""
    return SLUGS.get(slug)


__all__ = [
    "GATEWAYS",
    "PROVIDERS",
    "REMOTE",
    "GatewayProvider",
    "Outcome",
    "Provider",
    "RemoteProvider",
    "Verdict",
    "by_slug",
    "gateway_of",
    "limits_of",
    "provider_of",
    "remote_of",
]
