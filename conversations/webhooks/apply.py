"""What each happening becomes: one action, the same for every provider."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

from django.core.cache import cache
from django.utils import translation
from django.utils.translation import gettext

from accounts import clock
from accounts.actor import Actor, Origin
from conversations import actions, sessions
from conversations.errors import Crossed, NotThereYet
from conversations.models import Contact, Conversation, Delivery, Doubt, Inbox, Message
from conversations.providers import gateway_of, remote_of
from conversations.providers.base import SharesAccount
from conversations.providers.happenings import (
    AccountNews,
    AnyHappening,
    Edited,
    Ignored,
    InboundMessage,
    Party,
    PictureChanged,
    ProfileChanged,
    Reacted,
    Revoked,
    SessionChanged,
    Status,
    Typing,
    Unknown,
)
from conversations.typing import hear_typing, show_typing

TOO_OLD = timedelta(days=7)
LATE = timedelta(minutes=1)
# A photo is told of with each message, and asked for again after so long, in case it did not come.
PHOTO_TOLD_S = 24 * 3600


class Quarantined(Exception):
    """Not to be believed, by this doubt."""

    def __init__(self, doubt: Doubt) -> None:
        self.doubt = doubt
        super().__init__(doubt.value)


def apply(inbox: Inbox, happening: AnyHappening, *, forgives_age: bool = False, is_vouched: bool = False) -> None:
    """Do what a happening says, as often as it is told. `is_vouched` where an admin says that it is true.

    Raises NotThereYet for one that speaks of a message we do not have, Quarantined for one that is not to be believed,
    and whatever the action raises.
    """
    believe(inbox, happening)
    if not forgives_age and is_old(happening):
        raise Quarantined(Doubt.TOO_OLD)
    if not is_vouched and isinstance(happening, Edited):
        prove(inbox, happening)
    actor = Actor.system(inbox.tenant_id, Origin.WEBHOOK)
    HOW[type(happening)](actor, inbox, happening)


def believe(inbox: Inbox, happening: AnyHappening) -> None:
    """The address says which inbox it is, and so must the happening: a signature alone may be another tenant's."""
    provider = remote_of(inbox)
    ours = provider.account_id(inbox) if provider else ""
    # What tells of the account itself, or is no known thing, need not say which number it came in by.
    may_be_nameless = isinstance(happening, AccountNews | Unknown) and not happening.account
    if ours and happening.account != ours and not may_be_nameless:
        raise Quarantined(Doubt.OTHER_ACCOUNT)
    if isinstance(happening, Unknown):
        raise Quarantined(Doubt.UNKNOWN_KIND)


def prove(inbox: Inbox, told: Edited) -> None:
    """Where nobody but the editor's own phone says whose edit it is, it may be the customer's of what we wrote: they
    know what it is called. What they wrote nobody else can name.
    """
    if told.ours is None and not named(inbox, told.target).from_contact:
        raise Quarantined(Doubt.UNPROVEN)


def is_old(happening: AnyHappening) -> bool:
    """Whether it happened so long ago that no provider would still repeat it: somebody else might."""
    return happening.at is not None and happening.at < clock.now() - TOO_OLD


def message(actor: Actor, inbox: Inbox, told: InboundMessage) -> None:
    written = written_of(inbox, told)
    try:
        if told.ours:
            actions.record_from_phone(actor, inbox.pk, written)
            return
        received, _is_new = actions.receive_message(actor, inbox, written)
    except Crossed:
        if Message.named_by_provider(inbox, told.id) is None:
            raise
        return  # It is there already, whoever it is said to be of this time.
    if gateway_of(inbox):
        actions.ask_for_photo(actor, inbox.pk, received.conversation.contact_id)
        hear_typing(actor, inbox, received.conversation.contact_id)


def written_of(inbox: Inbox, told: InboundMessage) -> actions.Written:
    party = told.party
    return actions.Written(
        identifier=party.identities[0].identifier,
        identities={one.identifier: one.address for one in party.identities},
        content=told.text if told.text.strip() else stand_in(inbox, told),
        handles=party.handles,
        name=party.name,
        phone=party.phone,
        message_type=told.kind,
        external_id=told.id,
        quoted_id=told.reply_to,
        metadata=noted(told),
        media=told.media.model_dump() if told.media else None,
        sent_at=told.at,
    )


def noted(told: InboundMessage) -> dict[str, Any]:
    """The metadata that screens show: what came along, the file that is on its way, when it was written if long ago."""
    given = dict(told.metadata)
    if told.media:
        given["media"] = {"state": "waiting", "name": told.media.name, "content_type": told.media.content_type}
    if told.at and told.at < clock.now() - LATE:
        given["sent_at"] = told.at.isoformat()
    return given


def stand_in(inbox: Inbox, told: InboundMessage) -> str:
    """What every screen shows in the place of what can't be shown; a file needs no words."""
    if told.kind != "text":
        return ""
    with translation.override(inbox.tenant.language):
        if "call" in told.metadata:
            return gettext("The customer called. Calls can't be answered here; write to them.")
        return gettext("The customer sent something that can't be shown here; ask them to send it in another way.")


def status(actor: Actor, inbox: Inbox, told: Status) -> None:
    actions.report_status(
        actor,
        inbox.pk,
        provider_id=told.id,
        status=Delivery(told.status),
        error=told.why,
        our_id=told.our_id,
    )


def reaction(actor: Actor, inbox: Inbox, told: Reacted) -> None:
    customer, target = spoken_of(inbox, told)
    if told.ours:
        actions.react_on_phone(actor, target.pk, told.emoji, stamp=stamp_of(told))
        return
    actions.react(customer, target.pk, told.emoji, stamp=stamp_of(told))


def edit(actor: Actor, inbox: Inbox, told: Edited) -> None:
    customer, target = spoken_of(inbox, told)
    actions.edit_message(
        author_of(told, target, actor, customer), target.pk, content=told.text, edit_id=told.id, stamp=stamp_of(told)
    )


def stamp_of(told: Reacted | Edited) -> str:
    """When it happened at the provider, in a form that sorts; empty where that is not told."""
    return told.at.astimezone(UTC).isoformat() if told.at else ""


def revoke(actor: Actor, inbox: Inbox, told: Revoked) -> None:
    customer, target = spoken_of(inbox, told)
    actions.delete_message(author_of(told, target, actor, customer), target.pk)


def author_of(told: Edited | Revoked, target: Message, team: Actor, customer: Actor) -> Actor:
    """Who did it: the message's writer, who alone may. Raises Quarantined where it is said to be the other side."""
    if told.ours is not None and told.ours == target.from_contact:
        raise Quarantined(Doubt.NOT_THEIRS)
    return customer if target.from_contact else team


def named(inbox: Inbox, target: str) -> Message:
    """The message that the provider calls so. Raises NotThereYet."""
    if found := Message.named_by_provider(inbox, target):
        return found
    raise NotThereYet


def spoken_of(inbox: Inbox, told: Reacted | Edited | Revoked) -> tuple[Actor, Message]:
    """The acting customer, and the message of their own conversation that is spoken of. Raises NotThereYet, and
    Quarantined for another customer's.
    """
    found = named(inbox, told.target)
    contact = found.conversation.contact
    # Where it is not told whose it is, the chat is named as the editor's phone calls it: perhaps by our own number.
    if told.ours is not None and not may_be(inbox, contact, told.party):
        raise Quarantined(Doubt.NOT_THEIRS)
    return Actor.contact(inbox.tenant_id, contact.pk, name=contact.label, origin=Origin.WEBHOOK), found


def may_be(inbox: Inbox, contact: Contact, party: Party) -> bool:
    """Whether this contact is who is spoken of. A hidden number that nobody is known by speaks neither for nor against
    anybody: whose it is comes with the first message that names both.
    """
    called = Contact.called(inbox.pk, [one.identifier for one in party.identities])
    return contact.pk in called or not (called or party.phone)


def profile(actor: Actor, inbox: Inbox, told: ProfileChanged) -> None:
    actions.change_identity(
        actor,
        inbox.pk,
        before=[one.identifier for one in told.before],
        identities={one.identifier: one.address for one in told.party.identities},
        name=told.party.name,
        phone=told.party.phone,
        avatar_url=told.party.avatar_url,
    )


def picture(actor: Actor, inbox: Inbox, told: PictureChanged) -> None:
    """Another photo of a customer, unless it is the one that was told of last; of whom the inbox does not know there is
    nothing to be kept.
    """
    known = filter(None, (Contact.known_as(inbox.pk, one.identifier) for one in told.party.identities))
    contact = next(known, None)
    if contact is None or cache.get(key := f"photo-told:{inbox.pk}:{contact.pk}") == told.id:
        return
    actions.ask_for_photo(actor, inbox.pk, contact.pk, anew=True)
    cache.set(key, told.id, timeout=PHOTO_TOLD_S)


def typing(actor: Actor, inbox: Inbox, told: Typing) -> None:
    """Shown to who may see the conversation that goes on; of a stranger there is nothing to show."""
    found = Conversation.going_on(inbox, [one.identifier for one in told.party.identities])
    if found is not None:
        customer = Actor.contact(inbox.tenant_id, found.contact_id, name=found.contact.label, origin=Origin.WEBHOOK)
        show_typing(customer, found, is_typing=told.is_typing)


def ignored(actor: Actor, inbox: Inbox, told: Ignored) -> None:
    actions.count_ignored(actor, inbox.pk, told.where)


def account(actor: Actor, inbox: Inbox, told: AccountNews) -> None:
    for concerned in told_of(actor, inbox, told):
        actions.note_account(
            actor,
            concerned.pk,
            facts=told.facts,
            error=told.why,
            pauses=told.pauses,
            templates_changed=told.templates_changed,
        )


def told_of(actor: Actor, inbox: Inbox, told: AccountNews) -> list[Inbox]:
    """Which inboxes a notice is about. One of a business account comes in at one address for all numbers of it: it is
    about the named one, or about all, and never about another tenant's. Raises Quarantined where there is none.
    """
    provider = remote_of(inbox)
    if provider is None or not told.business or not isinstance(provider, SharesAccount):
        return [inbox]
    kin = [one for one in Inbox.speaking(actor, inbox.channel) if provider.business(one) == told.business]
    if not provider.business(inbox):
        kin.append(inbox)
    if told.number:
        named = [one for one in kin if provider.number(one) == told.number]
        # Before its first check nobody knows an inbox's number: then the address says which it is.
        kin = named or [one for one in kin if one.pk == inbox.pk and not provider.number(one)]
    if not kin:
        raise Quarantined(Doubt.OTHER_ACCOUNT)
    return kin


def session(actor: Actor, inbox: Inbox, told: SessionChanged) -> None:
    told_of = told.model_dump(include={"status", "code", "image", "lives_s", "facts"})
    sessions.note(actor, inbox.pk, told_at=told.at, error=told.why, **told_of)


HOW: dict[type[Any], Callable[[Actor, Inbox, Any], None]] = {
    InboundMessage: message,
    Status: status,
    Reacted: reaction,
    Edited: edit,
    Revoked: revoke,
    ProfileChanged: profile,
    PictureChanged: picture,
    SessionChanged: session,
    AccountNews: account,
    Typing: typing,
    Ignored: ignored,
}
