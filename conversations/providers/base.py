"""What every way of reaching customers must be able to do."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from conversations.models import Delivery, Inbox, Message


class Outcome(NamedTuple):
    """What became of a message that was handed over: its state, and the provider's own id for it."""

    status: Delivery
    provider_id: str = ""
    error: str = ""


class Provider(Protocol):
    """Carries messages to customers. Called by a job, outside any transaction; an exception means: try again later."""

    def send(self, inbox: Inbox, message: Message) -> Outcome:
        """Hand one message over."""
        ...
