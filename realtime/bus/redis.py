"""The bus between processes: Redis pub/sub, one raw connection per event loop, reconnecting by itself."""

from __future__ import annotations

import asyncio
import random
import struct
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

import structlog

from realtime import metrics
from realtime.bus import Hear, Parcel
from realtime.bus.pipe import Pipe
from realtime.bus.publisher import Publisher
from realtime.bus.resp import Address, command

log = structlog.get_logger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 2.0
PING_EVERY_S, SILENCE_S = 4.0, 10.0
ACKNOWLEDGE_S = CONNECT_S = 1.0
STAMP = struct.Struct("!d")


class RedisBus:
    """Topics are subscribed by each loop's own line; any thread posts through the process's publisher."""

    def __init__(self, url: str, prefix: str) -> None:
        self.address = Address.parsed(url)
        self.prefix = prefix
        self.publisher = Publisher(self.address)

    def post(self, parcels: Sequence[Parcel]) -> None:
        self.publisher.post(parcels)

    def open(self, hear: Hear, back: Callable[[], None]) -> RedisLine:
        return RedisLine(self.address, self.prefix, hear, back)

    def close(self) -> None:
        self.publisher.close()


class RedisLine:
    """A loop's subscriptions and commands. After a break it asks for every topic again, then says `back()`."""

    def __init__(self, address: Address, prefix: str, hear: Hear, back: Callable[[], None]) -> None:
        self.address, self.prefix, self.hear, self.back = address, prefix, hear, back
        self.loop = asyncio.get_running_loop()
        self.topics: set[bytes] = set()
        self.awaited: dict[bytes, asyncio.Future[None]] = {}
        self.pipe: Pipe | None = None
        self.up = False
        self.tried = asyncio.Event()
        self.keeper = self.loop.create_task(self.keep())

    async def keep(self) -> None:
        """Connect, watch, and begin again after a growing pause, for as long as the line lives."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                await asyncio.wait_for(self.connect(), CONNECT_S)
                pause = FIRST_PAUSE_S
                await self.watch()
            except (OSError, TimeoutError) as problem:
                log.warning("redis_line_down", error=repr(problem), retry_s=pause)
            except Exception:
                log.exception("redis_line_broke")
            self.drop()
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads reconnects, hides nothing
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def connect(self) -> None:
        self.pipe = pipe = await Pipe.dialled(self.address, self.notified)
        await pipe.ask(*self.address.hello(3))
        pipe.subscribe("SUBSCRIBE", list(self.topics))
        await pipe.ask("PING")  # Answers come in order: when this one is here, every topic flows.
        self.up = True
        metrics.layer_up.set(1)
        self.tried.set()
        self.back()

    async def watch(self) -> None:
        """Return when the connection is lost or has been silent for too long."""
        pipe = self.pipe
        while pipe and not pipe.gone.done() and self.loop.time() - pipe.heard_at < SILENCE_S:
            pipe.tell([command("PING")])
            await asyncio.wait({pipe.gone}, timeout=PING_EVERY_S)

    def drop(self) -> None:
        self.up = False
        metrics.layer_up.set(0)
        self.tried.set()
        if self.pipe:
            self.pipe.abort()
            self.pipe = None
        for future in self.awaited.values():
            future.cancel()
        self.awaited.clear()

    def notified(self, push: list[Any]) -> None:
        """A push: a parcel, or a subscription that now flows."""
        if push[0] == b"message":
            try:
                self.hear(push[1], push[2])
            except Exception:  # One bad parcel must not cost the connection that all sockets hang on.
                log.exception("parcel_failed", topic=push[1])
        elif push[0] == b"subscribe" and (future := self.awaited.pop(push[1], None)) and not future.done():
            future.set_result(None)

    async def ready(self) -> None:
        await self.tried.wait()

    async def subscribe(self, topics: Collection[bytes]) -> bool:
        asked = [topic for topic in topics if topic not in self.topics]
        self.topics.update(asked)
        await self.tried.wait()
        if self.pipe is None or not self.up:
            return False
        futures = [self.awaited.setdefault(topic, self.loop.create_future()) for topic in asked]
        self.pipe.subscribe("SUBSCRIBE", asked)
        waiting = [*futures, *(self.awaited[topic] for topic in topics if topic in self.awaited)]
        done, late = await asyncio.wait(waiting, timeout=ACKNOWLEDGE_S) if waiting else (set(), set())
        return not late and not any(future.cancelled() for future in done)

    def unsubscribe(self, topics: Collection[bytes]) -> None:
        self.topics.difference_update(topics)
        if self.pipe and self.up:
            self.pipe.subscribe("UNSUBSCRIBE", list(topics))

    def cast(self, parcels: Sequence[Parcel]) -> None:
        if self.pipe and self.up:
            self.pipe.tell([command("PUBLISH", topic, payload) for topic, payload in parcels])
        else:
            metrics.pushes_skipped.inc(len(parcels))

    async def ask(self, *parts: bytes | str | int) -> Any:
        """One ordinary command. Raises ConnectionError while Redis is away."""
        await self.tried.wait()
        if self.pipe is None:
            raise ConnectionError("Redis is not reachable.")
        return await self.pipe.ask(*parts)

    async def push(self, queue: str, message: bytes, capacity: int, expiry: float) -> bool:
        key = f"{self.prefix}:queue:{queue}"
        if await self.ask("LLEN", key) >= capacity and not await self.trimmed(key):
            return False
        await self.ask("RPUSH", key, STAMP.pack(time.time() + expiry) + message)
        await self.ask("PEXPIRE", key, int(expiry * 1000) + 1)
        return True

    async def trimmed(self, key: str) -> bool:
        """Drop the first message of a full queue if it has expired."""
        first = await self.ask("LINDEX", key, 0)
        if first is not None and STAMP.unpack_from(first)[0] > time.time():
            return False
        await self.ask("LPOP", key)
        return True

    async def pull(self, queue: str) -> bytes | None:
        while (message := await self.ask("LPOP", f"{self.prefix}:queue:{queue}")) is not None:
            if STAMP.unpack_from(message)[0] > time.time():
                return bytes(message[STAMP.size :])
        return None

    async def enrol(self, group: str, channel: str, expires: float) -> None:
        await self.ask("ZADD", f"{self.prefix}:group:{group}", repr(expires), channel)
        await self.ask("EXPIREAT", f"{self.prefix}:group:{group}", int(expires) + 1)

    async def strike(self, group: str, channel: str) -> None:
        await self.ask("ZREM", f"{self.prefix}:group:{group}", channel)

    async def enrolled(self, group: str) -> list[str]:
        found = await self.ask("ZRANGEBYSCORE", f"{self.prefix}:group:{group}", repr(time.time()), "+inf")
        return [channel.decode() for channel in found]

    async def flush(self) -> None:
        for kind in ("queue", "group"):
            for key in await self.ask("KEYS", f"{self.prefix}:{kind}:*"):
                await self.ask("DEL", key)

    def close(self) -> None:
        self.keeper.cancel()
        self.drop()
