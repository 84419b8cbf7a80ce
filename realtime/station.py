"""One event loop's half of the channel layer: its line to the bus, and who listens here."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgpack
from channels.exceptions import ChannelFull

from realtime import wire
from realtime.bus import Bus
from realtime.mailboxes import Mailboxes

Ear = Callable[[bytes], None]
LOST_WAKE_S = 1.0


class Station:
    """Topics: `<prefix>:g:<group>`, `<prefix>:c:<process-specific channel before its !>`, `<prefix>:q:<queue>`."""

    def __init__(
        self, bus: Bus, prefix: str, *, capacity: Callable[[str], int], expiry: float, group_expiry: float
    ) -> None:
        self.prefix, self.capacity, self.expiry, self.group_expiry = prefix, capacity, expiry, group_expiry
        self.id = secrets.token_hex(6)
        self.mailboxes = Mailboxes(capacity, expiry)
        self.ears: dict[bytes, Ear] = {}
        self.groups: defaultdict[bytes, dict[str, float]] = defaultdict(dict)
        self.wakes: defaultdict[bytes, set[asyncio.Event]] = defaultdict(set)
        self.when_back: list[Callable[[], None]] = []
        self.line = bus.open(self.hear, self.back)

    def topic(self, kind: str, name: str) -> bytes:
        return f"{self.prefix}:{kind}:{name}".encode()

    def back(self) -> None:
        for call in self.when_back:
            call()

    def hear(self, topic: bytes, payload: bytes) -> None:
        """A parcel for a local listener goes to it as it is; Channels' own messages go to mailboxes."""
        if payload[:1] == wire.MESSAGE:
            self.sort(topic, payload[1:])
        elif (ear := self.ears.get(topic)) is not None:
            ear(payload)

    def sort(self, topic: bytes, packed: bytes) -> None:
        if topic in self.wakes:
            for event in self.wakes[topic]:
                event.set()
        elif topic in self.groups:
            for channel in self.members(topic):
                self.mailboxes.put(channel, packed)
        elif topic.startswith(self.topic("c", "")):
            channel, message = msgpack.unpackb(packed)
            self.mailboxes.put(channel, msgpack.packb(message))

    def members(self, topic: bytes) -> list[str]:
        """The group's local channels; memberships end after `group_expiry` and with their channel."""
        oldest = time.time() - self.group_expiry
        group = self.groups[topic]
        for channel in [name for name, joined in group.items() if joined < oldest or name not in self.mailboxes]:
            del group[channel]
        return list(group)

    def is_local(self, channel: str) -> bool:
        return f".{self.id}!" in channel

    async def new_channel(self, prefix: str) -> str:
        name = f"{prefix}.{self.id}!{secrets.token_hex(8)}"
        self.mailboxes.open(name)
        await self.line.subscribe([self.topic("c", name.partition("!")[0])])
        return name

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        if self.is_local(channel):
            if not self.mailboxes.put(channel, msgpack.packb(message)):
                raise ChannelFull(channel)
        elif "!" in channel:
            parcel = wire.MESSAGE + msgpack.packb([channel, message])
            await self.line.ready()
            self.line.cast([(self.topic("c", channel.partition("!")[0]), parcel)])
        else:
            await self.enqueue(channel, msgpack.packb(message))

    async def enqueue(self, channel: str, packed: bytes) -> None:
        """Put a message into a queue that all processes share, and wake whoever waits for it."""
        if not await self.line.push(channel, packed, self.capacity(channel), self.expiry):
            raise ChannelFull(channel)
        self.line.cast([(self.topic("q", channel), wire.MESSAGE)])

    async def receive(self, channel: str) -> dict[str, Any]:
        packed = await (self.mailboxes.take(channel) if "!" in channel else self.dequeue(channel))
        message: dict[str, Any] = msgpack.unpackb(packed)
        return message

    async def dequeue(self, channel: str) -> bytes:
        """Take from a shared queue; a wake-up call that got lost costs a second."""
        topic, event = self.topic("q", channel), asyncio.Event()
        self.wakes[topic].add(event)
        await self.line.subscribe([topic])
        try:
            while (packed := await self.line.pull(channel)) is None:
                with suppress(TimeoutError):  # The call may have got lost: look.
                    await asyncio.wait_for(event.wait(), LOST_WAKE_S)
                event.clear()
            return packed
        finally:
            self.wakes[topic].discard(event)

    async def group_add(self, group: str, channel: str) -> None:
        if self.is_local(channel):
            topic = self.topic("g", group)
            self.groups[topic][channel] = time.time()
            await self.line.subscribe([topic])
        else:
            await self.line.enrol(group, channel, time.time() + self.group_expiry)

    async def group_discard(self, group: str, channel: str) -> None:
        if self.is_local(channel):
            self.groups[self.topic("g", group)].pop(channel, None)
            self.leave(group)
        else:
            await self.line.strike(group, channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        packed = msgpack.packb(message)
        await self.line.ready()
        self.line.cast([(self.topic("g", group), wire.MESSAGE + packed)])
        for channel in await self.line.enrolled(group):
            with suppress(ChannelFull):  # A group's message is for whoever has room, says the specification.
                await self.enqueue(channel, packed)

    async def attach(self, groups: dict[str, Ear]) -> bool:
        """Listen to groups here; True when the bus confirms that their parcels flow."""
        ears = {self.topic("g", group): ear for group, ear in groups.items()}
        self.ears.update(ears)
        return await self.line.subscribe(list(ears))

    def detach(self, group: str) -> None:
        """Listen to a group no more."""
        self.ears.pop(self.topic("g", group), None)
        self.leave(group)

    def leave(self, group: str) -> None:
        """Unsubscribe from a group that nobody here is interested in any longer."""
        topic = self.topic("g", group)
        if topic not in self.ears and not self.groups.get(topic):
            self.groups.pop(topic, None)
            self.line.unsubscribe([topic])

    async def flush(self) -> None:
        self.mailboxes.boxes.clear()
        self.groups.clear()
        await self.line.flush()
