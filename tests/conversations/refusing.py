"""What REST's refusals are compared with."""

from __future__ import annotations

from typing import Any

from accounts.errors import STATUS
from accounts.models import Membership
from audit.models import AuditRecord
from conversations.models import Attachment, Contact, Conversation, Inbox, Label, Message, Team
from realtime.models import StreamEvent

API = "/api/v1/"


STORED = (Message, Conversation, Contact, Team, Label, Inbox, Membership, AuditRecord, StreamEvent, Attachment)


def stored() -> list[int]:
    return [model._default_manager.count() for model in STORED]


def code_in(answer: Any) -> tuple[int, str]:
    """Status and code, once the shape has been looked at."""
    body = answer.json()
    assert set(body) == {"type", "errors"}
    assert body["type"] in ("validation_error", "client_error")
    for error in body["errors"]:
        assert set(error) == {"code", "detail", "attr"}
        assert isinstance(error["detail"], str)
    assert answer["Content-Type"] == "application/json"
    code: str = body["errors"][0]["code"]
    assert STATUS[code] == answer.status_code
    return answer.status_code, code
