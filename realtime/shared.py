"""One answer for many who ask at once: a thousand sockets that come back together need not each ask the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from realtime.threads import reading

T = TypeVar("T")


class Shared:
    """Looks things up in a thread. Nobody gets an answer that was begun before they asked."""

    def __init__(self) -> None:
        self.running: dict[Hashable, asyncio.Task[Any]] = {}
        self.next: dict[Hashable, asyncio.Task[Any]] = {}

    async def answer(self, key: Hashable, ask: Callable[[], T]) -> T:
        """What `ask` returns or raises, called once for all who ask under this key before it begins."""
        if key not in self.next:
            self.next[key] = asyncio.get_running_loop().create_task(self.run(key, ask))
        found: T = await asyncio.shield(self.next[key])
        return found

    async def run(self, key: Hashable, ask: Callable[[], T]) -> T:
        if before := self.running.get(key):
            await asyncio.wait({before})
        self.running[key] = this = self.next.pop(key)
        try:
            return await reading.run(ask)
        finally:
            if self.running[key] is this:
                del self.running[key]
