"""One module for each way to reach customers; `provider_of` finds an inbox's."""

from __future__ import annotations

from conversations.models import Channel, Inbox
from conversations.providers.api import ApiProvider
from conversations.providers.base import Outcome, Provider
from conversations.providers.webchat import WebchatProvider

PROVIDERS: dict[str, Provider] = {Channel.WEBCHAT: WebchatProvider(), Channel.API: ApiProvider()}


def provider_of(inbox: Inbox) -> Provider:
    """The provider that carries an inbox's messages; raises KeyError for a channel that has none yet."""
    return PROVIDERS[inbox.channel]


__all__ = ["PROVIDERS", "Outcome", "Provider", "provider_of"]
