"""What a socket does by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Timers:
    """Calls to come, each under a name: a new one takes the place of the one before."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.waiting: dict[str, asyncio.TimerHandle] = {}

    def at(self, name: str, seconds: float, call: Callable[[], None]) -> None:
        """Call in so many seconds; at once if they are negative."""
        self.cancel(name)
        self.waiting[name] = self.loop.call_later(max(0.0, seconds), call)

    def cancel(self, *names: str) -> None:
        for name in names:
            if name in self.waiting:
                self.waiting.pop(name).cancel()

    def stop(self) -> None:
        """Nothing is called any more."""
        self.cancel(*self.waiting)
