"""What a gateway must be able to do beside carrying messages, and what all gateways have in common."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

from django.utils.translation import gettext_noop as _

from accounts.errors import Refused
from conversations.models import Channel, ContactIdentity, Delivery, Inbox, Message
from conversations.providers import fetching
from conversations.providers.base import (
    Checked,
    Fetched,
    Limits,
    MediaRefused,
    Outcome,
    RemoteProvider,
    TakesBack,
    Verdict,
)
from conversations.providers.gateways import calls
from conversations.providers.gateways.events import CALL

SECRET_HEADER = "X-NioChat-Secret"  # noqa: S105 - the header's name
# Where WhatsApp keeps its people's photos.
PHOTO_HOSTS = (".whatsapp.net",)
NOT_FOUND = 404
# So many of a customer's last messages are marked as read at once.
MARKED_MOST = 20


class SessionGone(calls.GatewayTrouble):
    """The gateway knows no session of this name: it was reset, or the session was thrown away there."""


class Standing(NamedTuple):
    """How a session stands. With `qr` comes the code, or its picture (a data URL), good for `lives_s` seconds; where
    neither is there yet, it is asked for again.
    """

    status: Literal["connecting", "qr", "connected", "disconnected"]
    code: str = ""
    image: str = ""
    lives_s: float = 0.0
    error: str = ""
    facts: Mapping[str, Any] = {}


@runtime_checkable
class GatewayProvider(RemoteProvider, TakesBack, Protocol):
    """A provider that keeps a phone's session. Each call raises GatewayTrouble when the gateway does not do it."""

    def start(self, inbox: Inbox, webhook: str) -> Standing:
        """Have the session there, posting to `webhook` with our secret, and begin to connect it."""
        ...

    def standing(self, inbox: Inbox) -> Standing:
        """Ask how the session stands, with its current code."""
        ...

    def restart(self, inbox: Inbox) -> None:
        """Connect the session anew, with the same phone. Raises SessionGone where there is none."""
        ...

    def logout(self, inbox: Inbox) -> None:
        """Part the phone from the session; one that is not there is parted already."""
        ...

    def photo(self, inbox: Inbox, address: str) -> Fetched | None:
        """A customer's photo; None where they show none."""
        ...


class Gateway:
    """What is the same for all: one number's session, known by name, with a secret of ours in every delivery."""

    slug = ""
    channel: str = Channel.WHATSAPP_QR
    window_s: int | None = None
    # A phone that writes faster than people do is soon banned.
    rate = 5.0
    # What WhatsApp's own app takes; its longest text is longer than any of ours.
    limits = Limits(caption=1024)
    config_fields: Sequence[str] = ("gateway", "base_url", "session", "send_read", "send_typing", "hear_typing")
    secret_fields: Sequence[str] = ("api_key",)
    required: Sequence[str] = ()
    events: Sequence[str] = ()
    typing_events: Sequence[str] = ()

    def challenge(self, inbox: Inbox, query: Mapping[str, str]) -> str | None:
        return None

    def verify(self, inbox: Inbox, headers: Mapping[str, str], raw: bytes) -> bool:
        """The secret that we gave with the webhook's address comes back in a header of every delivery."""
        secret, given = inbox.account.secret("webhook_secret"), headers.get(SECRET_HEADER, "")
        return bool(secret) and hmac.compare_digest(secret.encode(), given.encode())

    def account_id(self, inbox: Inbox) -> str:
        """The session's name. On the platform's own gateway it is ours to give, so that nobody names a neighbour's."""
        chosen = inbox.account.config.get("session") if inbox.account.config.get("base_url") else ""
        return str(chosen or f"niochat-{inbox.pk}-{inbox.token[:10]}")

    def check_config(self, config: Mapping[str, Any]) -> None:
        if url := config.get("base_url"):
            calls.check_url(str(url))
        if config.get("gateway") not in (None, "", "evolution", "waha"):
            raise Refused(_("Nobody knows this gateway."), code="invalid", attr="gateway")

    def check(self, inbox: Inbox) -> Checked:
        """A session is looked at as such; see `standing`."""
        return Checked({})

    def address_of(self, message: Message) -> str:
        """What WhatsApp calls the customer of a message: what it last told us, else their number's digits."""
        contact = message.conversation.contact
        known = ContactIdentity.address_of(message.inbox_id, contact.pk)
        return known or contact.phone_key.lstrip("+")

    def quoted_by(self, message: Message) -> Message | None:
        """What a message answers, if the customer's phone knows it: a call is no message there."""
        quoted = message.reply_to
        known = quoted is not None and quoted.provider_id and not quoted.provider_id.startswith(CALL)
        return quoted if known else None

    def unread_by(self, inbox: Inbox, provider_id: str) -> list[str]:
        """The ids of what the customer wrote last, up to this: a session's ticks turn message by message."""
        found = Message.said_before(inbox, provider_id, MARKED_MOST)
        return [one for one in found if not one.startswith(CALL)]

    def events_for(self, inbox: Inbox) -> list[str]:
        """What it is to post: who writes only where the inbox wants to hear it, since that is told every second."""
        heard = self.typing_events if inbox.account.config.get("hear_typing") else ()
        return [*self.events, *heard]

    def refusal_of(self, answer: calls.Answer) -> Outcome | None:
        """Why a message was not taken. Where the session is not there, it waits until that is back."""
        if answer.outcome and self.is_gone(answer):
            return answer.outcome._replace(status=Delivery.PENDING, verdict=Verdict.AUTH)
        return answer.outcome

    def is_gone(self, answer: calls.Answer) -> bool:
        """Whether the gateway says that it has no such session, or none that runs."""
        return answer.status == NOT_FOUND

    def photo_at(self, inbox: Inbox, url: str) -> Fetched | None:
        """The photo that the gateway gave the address of; None for no address, or where it can't be had."""
        if not url:
            return None
        try:
            return fetching.get(url, hosts=PHOTO_HOSTS, inner=calls.own_address(inbox), circuit=f"photos-{inbox.pk}")
        except MediaRefused:
            return None

    def writer_of(self, inbox: Inbox, provider_id: str) -> str:
        """What WhatsApp calls the customer in whose conversation a message stands; "" where there is none."""
        found = Message.named_by_provider(inbox, provider_id)
        return self.address_of(found) if found else ""
