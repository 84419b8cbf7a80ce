"""NioChat's channel layer: Channels' specification, and local fan-out for the product's own sockets.

Ordinary consumers use `send`, `receive`, `group_add` and `group_send` as documented. Our sockets have no channel of
their own: the process listens to a group once (`attach`) and gets what `post` sent, as bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from channels.exceptions import ChannelFull, MessageTooLarge
from channels.layers import BaseChannelLayer, get_channel_layer
from django.core.exceptions import ImproperlyConfigured

from realtime.bus import Bus
from realtime.bus.memory import memory_bus
from realtime.bus.redis import RedisBus
from realtime.station import Ear, Station

Parcel = tuple[str, bytes]


def open_bus(url: str, prefix: str) -> Bus:
    """The bus that an address names: `memory://` inside this process, `redis://` (`rediss:`, `unix:`) between."""
    return memory_bus(url + prefix) if url.startswith("memory:") else RedisBus(url, prefix)


class NioChannelLayer(BaseChannelLayer):
    """One per process; each event loop gets a `Station` of its own, so that nothing is shared between loops."""

    extensions = ["groups", "flush"]
    expiry: float  # type: ignore[assignment]  # the base thinks in whole seconds
    ChannelFull = ChannelFull
    MessageTooLarge = MessageTooLarge

    def __init__(
        self,
        bus: str = "memory://",
        prefix: str = "nio",
        *,
        expiry: float = 60,
        group_expiry: int = 86400,
        capacity: int = 100,
        channel_capacity: dict[Any, int] | None = None,
    ) -> None:
        super().__init__(capacity=capacity)
        self.expiry = expiry
        self.channel_capacity = self.compile_capacities(channel_capacity or {})  # type: ignore[assignment]  # compiled
        self.group_expiry = group_expiry
        # Redis's pub/sub knows no databases: two installations on one server must not hear each other.
        self.prefix = f"{prefix}{urlsplit(bus).path.strip('/')}"
        self.bus = open_bus(bus, self.prefix)
        self.stations: dict[asyncio.AbstractEventLoop, Station] = {}

    @property
    def station(self) -> Station:
        """The running loop's."""
        loop = asyncio.get_running_loop()
        if loop not in self.stations:
            for ended in [other for other in self.stations if other.is_closed()]:
                del self.stations[ended]
            self.stations[loop] = Station(
                self.bus, self.prefix, capacity=self.get_capacity, expiry=self.expiry, group_expiry=self.group_expiry
            )
        return self.stations[loop]

    @property
    def up(self) -> bool:
        """Whether what other processes post reaches this loop at once."""
        return self.station.line.up

    def post(self, parcels: Sequence[Parcel]) -> None:
        """Send parcels to groups, from any thread or loop; lost when the bus is down, which is not an error here."""
        addressed = [(f"{self.prefix}:g:{group}".encode(), payload) for group, payload in parcels]
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self.bus.post(addressed)
        else:
            self.station.line.cast(addressed)

    async def attach(self, groups: dict[str, Ear]) -> bool:
        """Local fan-out: hear a group's parcels in this loop. True when they are known to flow."""
        return await self.station.attach(groups)

    def detach(self, group: str) -> None:
        """The end of `attach`."""
        self.station.detach(group)

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        self.require_message(message)
        self.require_valid_channel_name(channel)
        await self.station.send(channel, message)

    async def receive(self, channel: str) -> dict[str, Any]:
        self.require_valid_channel_name(channel)
        return await self.station.receive(channel)

    async def new_channel(self, prefix: str = "specific") -> str:
        return await self.station.new_channel(prefix)

    async def group_add(self, group: str, channel: str) -> None:
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        await self.station.group_add(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        await self.station.group_discard(group, channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.require_message(message)
        self.require_valid_group_name(group)
        await self.station.group_send(group, message)

    async def flush(self) -> None:
        await self.station.flush()

    async def close(self) -> None:
        """Hang up this loop's line, and with the last loop's the process's own connections."""
        station = self.stations.pop(asyncio.get_running_loop(), None)
        if station:
            station.line.close()
        if not self.stations:
            self.bus.close()

    def require_message(self, message: dict[str, Any]) -> None:
        if not isinstance(message, dict):
            raise TypeError("A message is a dict.")


def our_layer() -> NioChannelLayer:
    """The layer that the settings name; the product's sockets need ours."""
    layer = get_channel_layer()
    if not isinstance(layer, NioChannelLayer):
        raise ImproperlyConfigured("CHANNEL_LAYERS['default'] must be realtime.layer.NioChannelLayer.")
    return layer
