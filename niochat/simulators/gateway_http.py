"""The simulated gateway's server, in the language of the gateway that it plays."""

from __future__ import annotations

from typing import Any

from niochat.simulators.evolution_http import EvolutionHandler
from niochat.simulators.gateway import Gateway
from niochat.simulators.server import Handler, Server
from niochat.simulators.speech import evolution
from niochat.simulators.waha_http import WahaHandler


class GatewayServer(Server[Gateway]):
    def handler_for(self, world: Gateway) -> type[Handler[Any]]:
        return EvolutionHandler if world.speech is evolution else WahaHandler
