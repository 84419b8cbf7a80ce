from __future__ import annotations

import pytest

from accounts.models import Tenant
from conversations.models import Inbox
from tests.whatsapp.lines import whatsapp_inbox


@pytest.fixture
def line(aurora: Tenant) -> Inbox:
    """Aurora's WhatsApp."""
    return whatsapp_inbox(aurora)
