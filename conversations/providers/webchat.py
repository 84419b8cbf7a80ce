"""Web chat: the message is already in the widget's stream when the job runs; handing over is only saying so."""

from __future__ import annotations

from conversations.models import Delivery, Inbox, Message
from conversations.providers.base import Outcome


class WebchatProvider:
    """The visitor's own widget reports `delivered` and `read`."""

    def send(self, inbox: Inbox, message: Message) -> Outcome:
        return Outcome(Delivery.SENT)
