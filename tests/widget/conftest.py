"""Aurora's web chat, embedded in a shop's site."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from channels.db import database_sync_to_async
from django.db import connections

from conversations.models import Conversation, Inbox
from realtime.fanout import stop
from tests.widget.visiting import SHOP, Browser, browser_of


@pytest.fixture
def site(site: Inbox) -> Inbox:
    site.allowed_origins = [SHOP]
    site.save()
    return site


@pytest.fixture
def visitor(site: Inbox) -> Browser:
    """A browser that has no token yet."""
    return Browser(site)


@pytest.fixture
def joana(site: Inbox, conversation: Conversation) -> Browser:
    """The browser of Joana, who has written."""
    return browser_of(site, "v:joana")


@pytest.fixture
async def fanout_ends() -> AsyncIterator[None]:
    """For tests that open sockets in this process."""
    yield
    await stop()
    await database_sync_to_async(connections.close_all)()
