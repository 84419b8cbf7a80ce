"""API inboxes: the tenant's own program follows the socket or asks REST for what was written, so that is "sent"."""

from __future__ import annotations

from conversations.models import Delivery, Inbox, Message
from conversations.providers.base import Outcome


class ApiProvider:
    """The program behind the inbox takes the message from the stream."""

    def send(self, inbox: Inbox, message: Message) -> Outcome:
        return Outcome(Delivery.SENT)
