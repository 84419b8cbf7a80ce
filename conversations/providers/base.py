"""What every way of reaching customers must be able to do.

A provider is one module: `send` for all of them; one that posts to us and has to be called adds the rest of
`RemoteProvider`. `tests/conversations/test_conformance.py` holds each of them to this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, runtime_checkable

from conversations.models import Delivery, Inbox, Message
from conversations.providers.happenings import AnyHappening


class Verdict(StrEnum):
    """What a try to send came to.

    `retry` and `throttled` were surely not taken and are tried again; `permanent` never will be; `auth` waits until
    somebody has renewed the account's authorisation; `uncertain` may have been taken, and is not sent a second time.
    """

    TAKEN = "taken"
    RETRY = "retry"
    THROTTLED = "throttled"
    PERMANENT = "permanent"
    AUTH = "auth"
    UNCERTAIN = "uncertain"


class Outcome(NamedTuple):
    """What became of a message that was handed over: its state, the provider's own id for it, and what to do next.

    `error` is for people; `retry_after` is in seconds; `closes_window` where the provider says that the customer has
    been silent for too long.
    """

    status: Delivery
    provider_id: str = ""
    error: str = ""
    verdict: Verdict = Verdict.TAKEN
    retry_after: float | None = None
    closes_window: bool = False


class Fetched(NamedTuple):
    """A file as the provider gave it."""

    content: bytes
    content_type: str
    name: str = ""


class Checked(NamedTuple):
    """What a look at the account told. `error` is empty where all is well; `auth` where it must be authorised again."""

    facts: Mapping[str, Any]
    error: str = ""
    auth: bool = False


class Limits(NamedTuple):
    """How long what a message says may be, in UTF-16 units as browsers count; None where we take no longer ones anyway.

    `caption` is a text under a file, `buttons` one over buttons. Where `splits`, a longer one goes as several messages
    (`SendsParts`); elsewhere it is refused before it is stored.
    """

    text: int | None = None
    caption: int | None = None
    buttons: int | None = None
    splits: bool = False


class Template(NamedTuple):
    """A template as the provider lists it."""

    name: str
    language: str
    category: str
    approval: str
    components: Sequence[Any]


class TemplateForm(NamedTuple):
    """A template before it is filled in: its text with the places, its variables' names, its buttons' words.

    `head` is what stands above the text and has to be sent along: `image`, `video`, `document`, anything else that we
    can't send, or "" for nothing. `accepts` are the kinds of file that may stand there, empty where any may.
    """

    text: str
    variables: Sequence[str]
    buttons: Sequence[str] = ()
    head: str = ""
    accepts: Sequence[str] = ()


class FilledTemplate(NamedTuple):
    """A template with its variables: what people read, and the parts that are sent."""

    text: str
    components: Sequence[Mapping[str, Any]]


class MediaRefused(Exception):
    """A file that will not be fetched, however often one tries: gone, too large, or not where it may come from."""


class NotListed(Exception):
    """The account's templates are not listed, however often one asks; told with the Reason."""


class TryLater(Exception):
    """It did not come this time; the job tries again."""


@runtime_checkable
class NumbersDeliveries(Protocol):
    """A provider that numbers what it posts: by that, and not by the bytes, a repeat is recognised."""

    def delivery_key(self, inbox: Inbox, raw: bytes) -> str:
        """What two deliveries of the same thing have in common. Raises Refused for what is no JSON."""
        ...


@runtime_checkable
class AnswersDeliveries(Protocol):
    """A provider that does something with the body of the answer to a delivery."""

    def answer(self, raw: bytes) -> Mapping[str, Any]:
        """What to answer; empty for the usual answer. Raises Refused for what is no JSON."""
        ...


@runtime_checkable
class KeepsLess(Protocol):
    """A provider that sends secrets of its own along with what it delivers."""

    def kept(self, raw: bytes) -> bytes:
        """What of a delivery may be stored."""
        ...


@runtime_checkable
class SetsWebhook(Protocol):
    """A provider that is told by a call where to post. `hook_secret` names the secret that it is given for that."""

    hook_secret: str

    def set_webhook(self, inbox: Inbox) -> Checked:
        """Have it post to the inbox's address; how the account stands then."""
        ...


@runtime_checkable
class SharesAccount(Protocol):
    """A provider where several numbers belong to one account; what is told of all may come in at any one's address."""

    def same_app(self, inbox: Inbox, other: Inbox) -> bool:
        """Whether what is signed for the one is signed for the other too: one app posts for both."""
        ...

    def business(self, inbox: Inbox) -> str:
        """What the provider calls the account that the inbox's number belongs to; "" where nobody said."""
        ...

    def number(self, inbox: Inbox) -> str:
        """The inbox's number as such notices name it, in digits; "" while nobody knows."""
        ...


@runtime_checkable
class ShowsTyping(Protocol):
    """A provider that shows for so many seconds that somebody writes; other than the usual 25."""

    typing_s: int


@runtime_checkable
class EndsTyping(Protocol):
    """A provider that has to be told when nobody writes any more."""

    def end_typing(self, inbox: Inbox, provider_id: str) -> Outcome:
        """Stop showing the writer of this message that somebody answers it."""
        ...


@runtime_checkable
class HearsTyping(Protocol):
    """A provider that tells that a customer writes once it was asked to, for as long as its session lasts."""

    def listen(self, inbox: Inbox, address: str) -> Outcome:
        """Have it tell of this customer from now on."""
        ...


@runtime_checkable
class KnowsTemplates(Protocol):
    """A provider with texts that it has approved beforehand. A template's parts (`components`) are in its own words."""

    def templates(self, inbox: Inbox) -> list[Template]:
        """All templates of the account. Raises NotListed for good, TryLater."""
        ...

    def template_form(self, components: Sequence[Mapping[str, Any]]) -> TemplateForm:
        """How a template reads, and what has to be filled in."""
        ...

    def filled_template(self, components: Sequence[Mapping[str, Any]], values: Mapping[str, str]) -> FilledTemplate:
        """A template with a value for each of its variables."""
        ...


@runtime_checkable
class SendsParts(Protocol):
    """A provider that carries a long message as several of its own, each handed over by itself: one that tells nothing
    of delivery or reading, since there is one state for all of them.
    """

    def parts_of(self, message: Message) -> Sequence[str]:
        """What each part says, always the same for the same message; one at least, which may be empty."""
        ...

    def send_part(self, inbox: Inbox, message: Message, part: int) -> Outcome:
        """Hand one part over, counted from 0."""
        ...


@runtime_checkable
class TakesBack(Protocol):
    """A provider that can delete a message of ours from the customer's chat."""

    def delete(self, inbox: Inbox, message: Message, address: str) -> Outcome:
        """Take a message back for everyone, all of its parts."""
        ...


class Provider(Protocol):
    """Carries messages to customers. Called by a job, outside any transaction; an exception means: try again later."""

    def send(self, inbox: Inbox, message: Message) -> Outcome:
        """Hand one message over."""
        ...


@runtime_checkable
class RemoteProvider(Protocol):
    """A provider behind HTTP: it posts to `/webhooks/{slug}/{inbox token}`, and is called. `inbox` has its `account`.

    `verify` and `parse` are pure: they look at nothing but their arguments and the account's secrets.
    """

    # Where its deliveries come in, the channel of its inboxes, and for how long a customer's message opens the window.
    slug: str
    channel: str
    window_s: int | None
    # How many messages a second one account may send, and how long one may be.
    rate: float
    limits: Limits
    # What an admin gives: names that may be shown, and names that are sealed.
    config_fields: Sequence[str]
    secret_fields: Sequence[str]
    # Without which of them nothing can be sent.
    required: Sequence[str]

    def challenge(self, inbox: Inbox, query: Mapping[str, str]) -> str | None:
        """What a GET of the provider is to be answered with; None to refuse it."""
        ...

    def verify(self, inbox: Inbox, headers: Mapping[str, str], raw: bytes) -> bool:
        """Whether the provider itself posted this, compared in constant time."""
        ...

    def parse(self, raw: bytes) -> list[AnyHappening]:
        """What a delivery tells, in its own order. Raises Refused for what is no JSON; a part that can't be read is an
        `Unknown`, and never takes the others along.
        """
        ...

    def account_id(self, inbox: Inbox) -> str:
        """The provider's name for the inbox's account, with which happenings are compared; "" compares nothing."""
        ...

    def check_config(self, config: Mapping[str, Any]) -> None:
        """Raise Refused for settings that the provider does not accept."""
        ...

    def send(self, inbox: Inbox, message: Message) -> Outcome:
        """Hand one message over; returns every refusal as an Outcome and raises only for faults of ours."""
        ...

    def react(self, inbox: Inbox, message: Message, address: str, emoji: str) -> Outcome:
        """Set our reaction to a message of theirs or ours; an empty emoji takes it back."""
        ...

    def mark_read(self, inbox: Inbox, provider_id: str, *, typing: bool) -> Outcome:
        """Tell the customer that it was read, and that we are writing."""
        ...

    def fetch(self, inbox: Inbox, reference: Mapping[str, str]) -> Fetched:
        """Get a file. Raises MediaRefused for good, anything else to be tried again."""
        ...

    def check(self, inbox: Inbox) -> Checked:
        """Ask how the account stands."""
        ...
