"""An inbox as the reader of its deliveries knows it: read once for many of them, and anew before it is old."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Self

from accounts import clock
from accounts.actor import Actor
from conversations.models import Inbox
from conversations.providers import RemoteProvider, remote_of
from conversations.providers.base import SharesAccount
from conversations.providers.happenings import AnyHappening

NOTED_EVERY = timedelta(seconds=10)
# A change of an inbox's settings is heeded after so many seconds at the latest.
KNOWN_FOR_S = 0.5


class Line:
    """The inbox that an address belongs to, its provider, and the company's other inboxes that the same provider's app
    posts for. `heard` are the inboxes that something came in for.
    """

    def __init__(self, inbox: Inbox, provider: RemoteProvider) -> None:
        self.inbox, self.provider = inbox, provider
        self.heard = {inbox.pk: inbox}
        self.neighbours: dict[str, Inbox] | None = None
        self.old_at = time.monotonic() + KNOWN_FOR_S

    @classmethod
    def of(cls, inbox: Inbox | None) -> Self | None:
        """None for an inbox that is gone, or speaks through no provider."""
        provider = remote_of(inbox) if inbox else None
        return cls(inbox, provider) if inbox and provider else None

    @classmethod
    def read(cls, actor: Actor, inbox_id: int) -> Self | None:
        return cls.of(Inbox.read_for(actor, inbox_id))

    def renewed(self, actor: Actor) -> Self | None:
        """The line as it is now, or was a moment ago."""
        return self if time.monotonic() < self.old_at else self.read(actor, self.inbox.pk)

    def newly_heard(self) -> list[int]:
        """The inboxes of which it is to be noted that something came in, since that was not done lately."""
        moment = clock.now()
        found = [one.account for one in self.heard.values() if is_news(one.account.last_delivery_at, moment)]
        for account in found:
            account.last_delivery_at = moment
        return [account.inbox_id for account in found]

    def addressee(self, happening: AnyHappening) -> Inbox:
        """The inbox that a happening is for. An app with several numbers posts everything to one address: then it is
        the company's inbox of the number that is named, if it is the same app's, whose signature that was.

        The address's own inbox where there is none: what is not its own will not be believed there.
        """
        named = happening.account
        if not named or named == self.provider.account_id(self.inbox):
            return self.inbox
        if self.neighbours is None:
            self.neighbours = self.found_neighbours()
        found = self.neighbours.get(named, self.inbox)
        self.heard[found.pk] = found
        return found

    def found_neighbours(self) -> dict[str, Inbox]:
        """By the account's name at the provider; of two inboxes with the same, the older one has it."""
        provider = self.provider
        if not isinstance(provider, SharesAccount):
            return {}
        others = Inbox.speaking(Actor.system(self.inbox.tenant_id), self.inbox.channel)
        return {provider.account_id(one): one for one in reversed(others) if provider.same_app(one, self.inbox)}


def is_news(noted_at: datetime | None, moment: datetime) -> bool:
    """The account's row would be written with every delivery; the time is a figure for people."""
    return noted_at is None or noted_at < moment - NOTED_EVERY
