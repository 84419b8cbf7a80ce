"""What the tests of both client libraries stand on: a server to kill, and a customer who writes while the loop runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from accounts.models import Tenant
from conversations.models import Conversation, Inbox
from tests.realtime.clients import away
from tests.realtime.conftest import TIMES
from tests.realtime.serving import Server
from tests.trade import inbox_of, written


@pytest.fixture
def own_server(transactional_db: None, tmp_path: Path) -> Iterator[Server]:
    """A server of this test's own, to kill."""
    server = Server(tmp_path, times=TIMES)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def site(aurora: Tenant) -> Inbox:
    return await away(inbox_of)(aurora)


@pytest.fixture
async def conversation(site: Inbox) -> Conversation:
    """Joana has written; nobody has answered yet."""
    return (await away(written)(site)).conversation


@pytest.fixture
def customer(site: Inbox) -> Callable[[str], Awaitable[int]]:
    """Joana writes; the message's id."""

    async def writes(content: str) -> int:
        return (await away(written)(site, content)).pk

    return writes
