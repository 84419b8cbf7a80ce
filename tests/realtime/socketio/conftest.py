"""Socket.IO under test: the running server, and Node's client."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.patience import PATIENCE_S
from tests.realtime.clients import Door
from tests.realtime.serving import Server
from tests.realtime.socketio.by_hand import Poller
from tests.realtime.socketio.talking import Counter


@pytest.fixture
async def counter(running_server: Server, door: Door) -> AsyncIterator[Counter]:
    """Opens Socket.IO clients on the running server. `door` cleans up after both."""
    async with Counter(running_server) as opened:
        yield opened


@pytest.fixture
async def web(counter: Counter) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=counter.url, timeout=PATIENCE_S) as client:
        yield client


@pytest.fixture
def poller(web: httpx.AsyncClient) -> Poller:
    return Poller(web)
