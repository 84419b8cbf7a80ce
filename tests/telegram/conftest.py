from __future__ import annotations

import pytest

from accounts.models import Tenant
from conversations.models import Inbox
from tests.telegram.lines import telegram_inbox


@pytest.fixture
def line(aurora: Tenant) -> Inbox:
    """Aurora's Telegram, out of whose reach everything is."""
    return telegram_inbox(aurora, api_url="http://127.0.0.1:9")
