"""The accounts at providers: set up by admins, looked after by the product."""

from __future__ import annotations

import secrets as random_secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop
from django.utils.translation import gettext_noop as _

from accounts import clock
from accounts.actor import Actor
from accounts.errors import Refused
from audit.models import Verb
from conversations import letters
from conversations.actions import connecting, identifying, steps
from conversations.models import (
    Connection,
    Contact,
    Conversation,
    Inbox,
    MessageTemplate,
    ProviderAccount,
)
from conversations.providers import RemoteProvider, gateway_of, remote_of
from conversations.providers.base import Checked, SetsWebhook, Template
from conversations.providers.reading import without
from jobs import later

NUMBER_CHANGED = gettext_noop("The customer has a new number: %(number)s.")
CHECK = "conversations.check_account"
START = "conversations.start_session"
SET_WEBHOOK = "conversations.set_webhook"


def locked_account(actor: Actor, inbox_id: int) -> tuple[Inbox, ProviderAccount]:
    """An inbox and its account, both locked. Raises Inbox.DoesNotExist, for one without an account too."""
    inbox = Inbox.locked(actor, inbox_id)
    account = ProviderAccount.objects.select_for_update(no_key=True).filter(inbox=inbox).first()
    if account is None:
        raise Inbox.DoesNotExist
    inbox.account = account
    return inbox, account


def provider_for(inbox: Inbox) -> RemoteProvider:
    """The inbox's provider; raises Inbox.DoesNotExist for a channel that has none."""
    provider = remote_of(inbox)
    if provider is None:
        raise Inbox.DoesNotExist
    return provider


@transaction.atomic(durable=True)
def configure_account(
    actor: Actor, inbox_id: int, *, config: Mapping[str, Any], secrets: Mapping[str, str]
) -> ProviderAccount:
    """Change what an inbox needs for its provider; secrets go in and never come out. What is left out stays.

    Once everything needed is there, the inbox is connected, and what waited goes out. Raises Inbox.DoesNotExist and
    Refused for a value that the provider does not accept.
    """
    inbox, account = locked_account(actor, inbox_id)
    provider = provider_for(inbox)
    provider.check_config(config)
    before = dict(account.config)
    account.config = {key: value for key, value in {**before, **config}.items() if value != ""}
    account.keep_secrets(secrets)
    if before == account.config and not secrets:
        return account
    account.save(update_fields=["config", "sealed"])
    story = steps.Story(actor)
    changes = steps.changed(before, account.config)
    story.note(Verb.INBOX_UPDATED, inbox, name=inbox.name, secrets=sorted(secrets), **changes)
    hears_anew = before.get("hear_typing") != account.config.get("hear_typing")
    if account.session == ProviderAccount.Session.CONNECTED and hears_anew:
        # What it posts is said together with where to.
        later(START, inbox.tenant_id, inbox.pk, unique=f"start_session:{inbox.pk:012}", tenant_id=inbox.tenant_id)
    if complete(provider, account) and gateway_of(inbox) is None:
        connecting.connect(story, inbox)
        queue_check(inbox)
    story.tell()
    return account


def complete(provider: RemoteProvider, account: ProviderAccount) -> bool:
    """Whether everything that the provider needs is there."""
    return all(account.config.get(name) or account.sealed.get(name) for name in provider.required)


def queue_check(inbox: Inbox) -> None:
    later(CHECK, inbox.tenant_id, inbox.pk, unique=f"check-account:{inbox.pk:012}", tenant_id=inbox.tenant_id)


@transaction.atomic(durable=True)
def request_check(actor: Actor, inbox_id: int) -> None:
    """Have the account looked at, and its templates fetched, now. Raises Inbox.DoesNotExist."""
    inbox, _account = locked_account(actor, inbox_id)
    queue_check(inbox)


@transaction.atomic(durable=True)
def request_webhook(actor: Actor, inbox_id: int) -> None:
    """Have the provider told where to post, with a secret that is made now if there is none.

    Raises Inbox.DoesNotExist, Refused("not_supported") for a provider that is told in another way, and
    Refused("required") before the account has what it needs.
    """
    inbox, account = locked_account(actor, inbox_id)
    provider = provider_for(inbox)
    if not isinstance(provider, SetsWebhook):
        raise Refused(_("Enter the address at the provider's."), code="not_supported")
    if not complete(provider, account):
        raise Refused(_("Set the account up first."), code="required", attr=provider.required[0])
    later(SET_WEBHOOK, inbox.tenant_id, inbox.pk, unique=f"set-webhook:{inbox.pk:012}", tenant_id=inbox.tenant_id)
    if account.sealed.get(provider.hook_secret):
        return
    account.keep_secrets({provider.hook_secret: random_secrets.token_urlsafe(32)})
    account.save(update_fields=["sealed"])
    story = steps.Story(actor)
    story.note(Verb.INBOX_UPDATED, inbox, name=inbox.name, secrets=[provider.hook_secret])
    story.tell()


@transaction.atomic(durable=True)
def queue_account_checks() -> int:
    """Have every account looked at: works over all tenants, for the schedule; returns how many."""
    speaking = Inbox.objects.filter(is_active=True, tenant__is_active=True, account__isnull=False)
    inboxes = list(speaking.exclude(connection=Connection.SETUP).order_by("pk"))
    for inbox in inboxes:
        queue_check(inbox)
    return len(inboxes)


@transaction.atomic(durable=True)
def note_check(actor: Actor, inbox_id: int, checked: Checked) -> ProviderAccount:
    """Keep what a look at the account told: it pauses an inbox whose authorisation is over, and resumes one again.

    Raises Inbox.DoesNotExist.
    """
    inbox, account = locked_account(actor, inbox_id)
    account.checked_at = clock.now()
    account.set_fact(**checked.facts)
    story = steps.Story(actor)
    if checked.error:
        account.note_trouble(checked.error, clock.now())
    account.save(update_fields=["checked_at", "facts", *account.TROUBLE])
    if checked.auth:
        connecting.pause(story, inbox, checked.error)
    elif not checked.error:
        connecting.connect(story, inbox)
    story.tell()
    return account


@transaction.atomic(durable=True)
def note_account(
    actor: Actor, inbox_id: int, *, facts: Mapping[str, Any], error: str, pauses: bool, templates_changed: bool
) -> ProviderAccount:
    """Keep what the provider told of the account by itself. Raises Inbox.DoesNotExist."""
    inbox, account = locked_account(actor, inbox_id)
    account.set_fact(**without(dict(facts), account.secrets))
    error = without(error, account.secrets)
    if error:
        account.note_trouble(error, clock.now())
    account.save(update_fields=["facts", *account.TROUBLE])
    story = steps.Story(actor)
    if pauses:
        connecting.pause(story, inbox, error)
    elif templates_changed:
        queue_check(inbox)
    story.tell()
    return account


@transaction.atomic(durable=True)
def count_ignored(actor: Actor, inbox_id: int, where: str) -> None:
    """Count what was written in a group, a channel, a story or a broadcast (`where`): nothing else is done about it.

    A delivery that is read twice counts twice. Raises Inbox.DoesNotExist.
    """
    _inbox, account = locked_account(actor, inbox_id)
    counted = account.facts.get("ignored", {})
    account.set_fact(ignored={**counted, where: counted.get(where, 0) + 1})
    account.save(update_fields=["facts"])


@transaction.atomic(durable=True)
def save_templates(actor: Actor, inbox_id: int, listed: Sequence[Template]) -> int:
    """Make the inbox's templates those that the provider lists; returns how many there are.

    Raises Inbox.DoesNotExist.
    """
    inbox, _account = locked_account(actor, inbox_id)
    moment = clock.now()
    rows = [
        MessageTemplate(
            tenant_id=inbox.tenant_id,
            inbox=inbox,
            name=one.name,
            language=one.language,
            category=one.category,
            approval=one.approval,
            components=list(one.components),
            synced_at=moment,
        )
        for one in {(one.name, one.language): one for one in listed}.values()
    ]
    MessageTemplate.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["inbox", "name", "language"],
        update_fields=["category", "approval", "components", "synced_at"],
    )
    MessageTemplate.objects.filter(inbox=inbox, synced_at__lt=moment).delete()
    return len(rows)


@transaction.atomic(durable=True)
def change_identity(
    actor: Actor,
    inbox_id: int,
    *,
    before: Sequence[str],
    identities: Mapping[str, str],
    name: str = "",
    phone: str = "",
    avatar_url: str = "",
) -> Contact:
    """A customer has another number, name or picture: the same contact from now on. Raises Contact.DoesNotExist."""
    inbox = Inbox.objects.select_related("tenant").get(pk=inbox_id, tenant_id=actor.tenant_id)
    names = [*before, *identities]
    rows = Contact.objects.filter(identities__inbox=inbox, identities__identifier__in=names)
    contact = rows.select_for_update(no_key=True, of=("self",)).order_by("pk").first()
    if contact is None:
        raise Contact.DoesNotExist
    identifying.add(inbox, contact, identities, clock.now())
    given = {"name": name, "phone": phone, "avatar_url": avatar_url}
    news = {key: value for key, value in given.items() if value and value != getattr(contact, key)}
    changes = steps.changed_of_contact({key: getattr(contact, key) for key in news}, news)
    story = steps.Story(actor)
    if news:
        for key, value in news.items():
            setattr(contact, key, value)
        contact.save(update_fields=list(news))
        story.say(letters.contact_updated(contact))
        story.note(Verb.CONTACT_UPDATED, contact, contact_id=contact.pk, contact_name=contact.label, **changes)
    if "phone" in news:
        for conversation in open_ones(inbox, contact):
            story.say(*steps.line(conversation, "number_changed", NUMBER_CHANGED, number=phone))
    story.tell()
    return contact


def open_ones(inbox: Inbox, contact: Contact) -> list[Conversation]:
    rows = Conversation.objects.filter(inbox=inbox, contact=contact).exclude(status="closed")
    return list(rows.select_related("tenant", "inbox", "contact"))
