"""One module for each way to reach customers; `provider_of` finds an inbox's."""

from __future__ import annotations

from conversations.models import Channel, Inbox
from conversations.providers.api import ApiProvider
from conversations.providers.base import Outcome, Provider, RemoteProvider, Verdict
from conversations.providers.telegram import TelegramProvider
from conversations.providers.webchat import WebchatProvider
from conversations.providers.whatsapp import WhatsAppProvider

# Those behind HTTP: what posts to us, and is called. A new provider is one module, and one line here.
REMOTE: dict[str, RemoteProvider] = {
    provider.channel: provider for provider in (WhatsAppProvider(), TelegramProvider())
}
PROVIDERS: dict[str, Provider] = {Channel.WEBCHAT: WebchatProvider(), Channel.API: ApiProvider(), **REMOTE}


def provider_of(inbox: Inbox) -> Provider:
    """The provider that carries an inbox's messages; raises KeyError for a channel that has none yet."""
    return PROVIDERS[inbox.channel]


def remote_of(inbox: Inbox) -> RemoteProvider | None:
    """The provider behind HTTP that an inbox speaks through; None where there is none."""
    return REMOTE.get(inbox.channel)


def by_slug(slug: str) -> RemoteProvider | None:
    """The provider that posts to `/webhooks/{slug}/…`."""
    return next((provider for provider in REMOTE.values() if provider.slug == slug), None)


__all__ = [
    "PROVIDERS",
    "REMOTE",
    "Outcome",
    "Provider",
    "RemoteProvider",
    "Verdict",
    "by_slug",
    "provider_of",
    "remote_of",
]
