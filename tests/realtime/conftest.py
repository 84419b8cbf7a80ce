"""Sockets under test: on uvloop, as the product runs; against a server of their own where a real one is needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

import pytest
import uvloop
from asgiref.sync import sync_to_async
from django.db import connections

from realtime.models import Epoch
from tests import emptying
from tests.realtime.clients import Door
from tests.realtime.serving import Server


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the product runs on; it differs from asyncio's own in what it lends and when it writes."""
    return {"uvloop": uvloop.new_event_loop}


# What takes half a minute in life takes some seconds here: few, and enough for a busy machine.
TIMES = {
    "realtime.consumers.AUTH_WITHIN_S": 4.0,
    "realtime.consumers.HEARTBEAT_S": 1,
    "realtime.consumers.EXPIRING_S": 2.0,
    "realtime.engine.line.CONNECT_WITHIN_S": 3.0,
    "realtime.protocol.PING_AFTER_S": 1.0,
    "realtime.protocol.SILENCE_S": 5.0,
    "realtime.outlets.STUCK_S": 2.0,
    "realtime.pace.PATIENCE_S": 1.0,
    "realtime.leases.SWEEP_EVERY_S": 0.3,
    "realtime.leases.RENEW_EVERY_S": 1.0,
    "realtime.typing.EXPIRES_S": 1.0,
    "realtime.rooms.REPEAT_EVERY_S": 1.0,
}


@pytest.fixture(scope="session", autouse=True)
def the_epoch_outlives_each_test() -> Iterator[None]:
    """Emptying between tests is no restore from a backup: the server that lives through it must not take it for one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emptying, "KEPT", {*emptying.KEPT, Epoch._meta.db_table})
        yield


@pytest.fixture(scope="session")
def running_server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the whole run, in a process of its own, on the tests' database."""
    server = Server(tmp_path_factory.mktemp("server"), times=TIMES)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def door(running_server: Server, transactional_db: None) -> AsyncIterator[Door]:
    """Opens sockets on the server and closes them at the end."""
    async with Door(running_server) as opened:
        yield opened
    await sync_to_async(connections.close_all)()
