"""One message, from pending to the provider and back: note, call, note."""

from __future__ import annotations

from accounts.actor import Actor
from conversations import actions
from conversations.models import Delivery, Message
from conversations.providers import RemoteProvider, Verdict
from conversations.providers.base import SendsParts


class NotNow(Exception):
    """The provider did not take it; the job comes back after its backoff, and not before `retry_after` seconds."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(reason)


def hand_over(actor: Actor, provider: RemoteProvider, message_id: int) -> None:
    """Send a pending message, part by part, unless now is not the time for it. Raises NotNow to be tried again."""
    while attempt := actions.begin_sending(actor, message_id):
        rows = Message.with_parts(actor).select_related("inbox__account", "conversation__contact", "reply_to")
        message = rows.get(pk=message_id)
        if isinstance(provider, SendsParts):
            outcome = provider.send_part(message.inbox, message, attempt.part)
        else:
            outcome = provider.send(message.inbox, message)
        settled = actions.settle_sending(actor, attempt.pk, outcome)
        if outcome.verdict in (Verdict.RETRY, Verdict.THROTTLED):
            raise NotNow(outcome.error, outcome.retry_after)
        if settled.status != Delivery.PENDING or outcome.verdict is not Verdict.TAKEN:
            return
