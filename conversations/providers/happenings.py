"""What providers tell us, in one language for all of them. An adapter's `parse` returns these; `webhooks.apply` applies
them. They are plain data and survive a round trip through JSON, so that one may be set aside and applied later.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from conversations.reasons import Reason


class Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Identity(Fact):
    """One name of a customer. `identifier` is the canonical one that we compare by (`+5591988887777`, `bsuid:BR.1`),
    `address` what the provider wants to hear when something is sent to them.
    """

    identifier: str
    address: str = ""


class Party(Fact):
    """A customer as the provider knows them, the surest identity first. `handles` are names that may pass to somebody
    else, as a username does: kept with the contact, and never what they are recognised by.
    """

    identities: tuple[Identity, ...]
    handles: tuple[str, ...] = ()
    name: str = ""
    phone: str = ""
    avatar_url: str = ""


class MediaRef(Fact):
    """A file that has to be fetched: by the provider's id, or an address that the provider gave."""

    id: str = ""
    url: str = ""
    content_type: str = ""
    name: str = ""
    sha256: str = ""


class Happening(Fact):
    """Something that a provider told us. `account` is which of its numbers it tells of; `key` names it for good;
    `waits_for` is the provider's id of the message without which it can't be applied.
    """

    account: str = ""
    at: AwareDatetime | None = None

    @property
    def key(self) -> str:
        raise NotImplementedError

    @property
    def waits_for(self) -> str:
        return ""


class Explained(Happening):
    """One that may tell of trouble: `reason` is its code, `error` what the provider says of it."""

    reason: str = ""
    error: str = ""

    @property
    def why(self) -> str:
        return Reason(self.reason, self.error) if self.reason else self.error


class InboundMessage(Happening):
    """A customer wrote. `ours` where somebody of the team did, on the phone itself; `party` is the customer still."""

    type: Literal["message"] = "message"
    id: str
    party: Party
    kind: str = "text"
    text: str = ""
    media: MediaRef | None = None
    reply_to: str = ""
    metadata: dict[str, Any] = Field(default_factory=dict)
    ours: bool = False

    @property
    def key(self) -> str:
        return f"message:{self.id}"

    @property
    def waits_for(self) -> str:
        """What the phone seems to have sent may be what we are just sending: it waits for that call's end."""
        return self.id if self.ours else ""


class Status(Explained):
    """How far a message of ours has come. `our_id` is the number of ours that we gave along, where it came back."""

    type: Literal["status"] = "status"
    id: str
    status: Literal["sent", "delivered", "read", "failed"]
    code: int = 0
    our_id: str = ""

    @property
    def key(self) -> str:
        return f"status:{self.id}:{self.status}"

    @property
    def waits_for(self) -> str:
        return self.id


class Reacted(Happening):
    """A customer reacted; an empty emoji takes the reaction back. `ours` where the phone's own reaction is told of:
    somebody of the team made it there, or it is the echo of one that we sent.
    """

    type: Literal["reaction"] = "reaction"
    id: str
    party: Party
    target: str
    emoji: str = ""
    ours: bool = False

    @property
    def key(self) -> str:
        return f"reaction:{self.id}"

    @property
    def waits_for(self) -> str:
        return self.target


class Edited(Happening):
    """A customer changed what they wrote. `ours` where somebody of the team did, on the phone itself; None where it is
    not told: then it was whoever wrote the message.
    """

    type: Literal["edit"] = "edit"
    id: str
    party: Party
    target: str
    text: str
    ours: bool | None = False

    @property
    def key(self) -> str:
        return f"edit:{self.id}"

    @property
    def waits_for(self) -> str:
        return self.target


class Revoked(Happening):
    """A customer took back what they wrote. `ours` as of an edit."""

    type: Literal["revoke"] = "revoke"
    id: str
    party: Party
    target: str
    ours: bool | None = False

    @property
    def key(self) -> str:
        return f"revoke:{self.id}"

    @property
    def waits_for(self) -> str:
        return self.target


class ProfileChanged(Happening):
    """A customer has another number, name or picture. `before` is who they were, `party` who they are now."""

    type: Literal["profile"] = "profile"
    id: str
    before: tuple[Identity, ...] = ()
    party: Party

    @property
    def key(self) -> str:
        return f"profile:{self.id}"


class AccountNews(Explained):
    """The provider tells of the account itself: its quality, its limit, a template's approval, a block."""

    type: Literal["account"] = "account"
    id: str
    facts: dict[str, Any] = Field(default_factory=dict)
    # The account at the provider that it is about, and the one number of it in digits, where it says so.
    business: str = ""
    number: str = ""
    # What is to be asked anew because of it.
    templates_changed: bool = False
    pauses: bool = False

    @property
    def key(self) -> str:
        return f"account:{self.id}"


class PictureChanged(Happening):
    """A customer has another photo, which is to be asked for."""

    type: Literal["picture"] = "picture"
    id: str
    party: Party

    @property
    def key(self) -> str:
        return f"picture:{self.id}"


class SessionChanged(Explained):
    """A phone's session at a gateway stands so now. With `qr` comes the `code` to be scanned, or its picture (`image`,
    a data URL), good for `lives_s` seconds; where neither came along, the gateway is asked for it.
    """

    type: Literal["session"] = "session"
    id: str
    status: Literal["connecting", "qr", "connected", "disconnected"]
    code: str = ""
    image: str = ""
    lives_s: float = 0
    facts: dict[str, Any] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"session:{self.id}"


class Typing(Happening):
    """A customer writes, or stopped. It is of that moment only: what comes late is no news."""

    type: Literal["typing"] = "typing"
    id: str
    party: Party
    is_typing: bool

    @property
    def key(self) -> str:
        return f"typing:{self.id}"


class Ignored(Happening):
    """Something that was written where no helpdesk answers: counted, and not kept."""

    type: Literal["ignored"] = "ignored"
    id: str
    where: Literal["group", "channel", "story", "broadcast"]

    @property
    def key(self) -> str:
        return f"ignored:{self.id}"


class Unknown(Happening):
    """What no reader knows yet: kept, so that nothing is lost while nobody can read it."""

    type: Literal["unknown"] = "unknown"
    id: str
    kind: str
    body: dict[str, Any] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"unknown:{self.id}"


AnyHappening = Annotated[
    InboundMessage
    | Status
    | Reacted
    | Edited
    | Revoked
    | ProfileChanged
    | PictureChanged
    | SessionChanged
    | AccountNews
    | Typing
    | Ignored
    | Unknown,
    Field(discriminator="type"),
]
READER: TypeAdapter[AnyHappening] = TypeAdapter(AnyHappening)


def restored(body: Any) -> AnyHappening:
    """A happening from its JSON; raises pydantic's ValidationError for what is none."""
    return READER.validate_python(body)
