"""The socket side's own threads for the database: never the thread that runs views, and never the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """A small pool; each call begins and ends without a stale database connection."""

    def __init__(self, name: str, size: int) -> None:
        self.executor = ThreadPoolExecutor(size, thread_name_prefix=name)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a blocking function and wait for it without blocking the loop."""
        call = partial(copy_context().run, cleanly, partial(function, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self.executor, call)


def cleanly(call: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()


# Reads must not wait behind commands: they are what keeps every socket of the process up to date.
reading = Threads("realtime-read", 3)
working = Threads("realtime-work", 4)
