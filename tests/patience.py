"""How long a test waits: for what must come, and for what must come soon."""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

# However busy the machine is. What comes is taken at once, so only what never comes is waited for so long.
PATIENCE_S = 60.0
# A test that takes longer hangs: less than what pytest gives it, whose alarm a callback of the event loop may swallow.
HANGS_S = 240.0
PRESSURE = Path("/proc/pressure/cpu")
STALLED_US = re.compile(r"^some .*\btotal=(\d+)", re.MULTILINE)


def bounded(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """The test, cancelled where it hangs: it fails at the line that waits."""

    @functools.wraps(test)
    async def in_time(*given: Any, **fixtures: Any) -> None:
        async with asyncio.timeout(HANGS_S):
            await test(*given, **fixtures)

    return in_time


@asynccontextmanager
async def promised(within: float) -> AsyncIterator[None]:
    """The block may take so many seconds of a machine that keeps nobody waiting; the time that others took is theirs.

    Raises TimeoutError for what never comes, and AssertionError for what comes too late.
    """
    loop = asyncio.get_running_loop()
    began, stalled = loop.time(), stalled_s()
    async with asyncio.timeout(PATIENCE_S):
        yield
    took = loop.time() - began - (stalled_s() - stalled)
    assert took <= within, f"took {took:.1f} s"


def stalled_s() -> float:
    """For how many seconds, since the machine started, something had to wait for a processor; 0 if nobody counts."""
    found = STALLED_US.search(PRESSURE.read_text()) if PRESSURE.exists() else None
    return int(found[1]) / 1e6 if found else 0.0
