"""WhatsApp by a phone that has scanned a code: programs that keep such sessions, each behind one protocol."""

from __future__ import annotations

from conversations.providers.gateways.base import GatewayProvider, SessionGone, Standing
from conversations.providers.gateways.calls import GatewayTrouble, why_not
from conversations.providers.gateways.evolution import EvolutionProvider
from conversations.providers.gateways.waha import WahaProvider

GATEWAYS: dict[str, GatewayProvider] = {"evolution": EvolutionProvider(), "waha": WahaProvider()}
USUAL = "evolution"


def gateway_named(name: str) -> GatewayProvider:
    """The gateway of this name; the usual one where an inbox has not chosen."""
    return GATEWAYS.get(name) or GATEWAYS[USUAL]


__all__ = [
    "GATEWAYS",
    "USUAL",
    "GatewayProvider",
    "GatewayTrouble",
    "SessionGone",
    "Standing",
    "gateway_named",
    "why_not",
]
