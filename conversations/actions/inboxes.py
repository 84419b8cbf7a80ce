"""Inboxes: made, changed and taken away by admins."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction

from accounts import clock
from accounts.actor import Actor
from accounts.errors import UnknownReference
from accounts.models import Membership, Tenant
from audit.models import Verb
from conversations.actions import steps
from conversations.actions.organising import taken
from conversations.actions.releasing import queue_releases
from conversations.directory import inbox_told
from conversations.models import Connection, Inbox, ProviderAccount
from conversations.providers import REMOTE, gateway_of
from jobs import later
from realtime import streams
from realtime.events import Letter, RightsChanged
from realtime.publish import forget


@transaction.atomic(durable=True)
def create_inbox(
    actor: Actor, *, name: str, channel: str, user_ids: Sequence[int] = (), **fields: Any
) -> tuple[Inbox, str]:
    """Store an inbox; returns it with its secret, which nobody can read again.

    `user_ids` are the members of a restricted one. Raises Refused("not_unique") and UnknownReference("user_ids").
    """
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=actor.tenant_id)
    inbox = Inbox(tenant=tenant, name=name, channel=channel, created_at=clock.now(), **fields)
    secret = inbox.new_secret()
    is_remote = channel in REMOTE
    inbox.connection = Connection.SETUP if is_remote else Connection.NONE
    save_under_name(inbox)
    if is_remote:
        ProviderAccount.objects.create(tenant=tenant, inbox=inbox)
    story = steps.Story(actor)
    if inbox.restricted:
        show_to(story, tenant, inbox, user_ids)
    story.say(inbox_told(inbox))
    story.note(Verb.INBOX_CREATED, inbox, name=name, channel=channel, restricted=inbox.restricted)
    story.tell()
    return inbox, secret


@transaction.atomic(durable=True)
def update_inbox(actor: Actor, inbox_id: int, *, user_ids: Sequence[int] | None = None, **fields: Any) -> Inbox:
    """Change an inbox; its channel never changes. Who may see it ends, or begins, within two seconds on every socket.

    `user_ids` are the members of a restricted one, the whole set; an open inbox has none. What is the same tells
    nobody. Raises Inbox.DoesNotExist, Refused("not_unique") and UnknownReference("user_ids").
    """
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=actor.tenant_id)
    inbox = Inbox.locked(actor, inbox_id)
    before = {key: getattr(inbox, key) for key in fields} | {"user_ids": members_of(actor, inbox)}
    for key, value in fields.items():
        setattr(inbox, key, value)
    allowed_ids = before["user_ids"] if user_ids is None else sorted(set(user_ids))
    after = fields | {"user_ids": allowed_ids if inbox.restricted else []}
    if before == after:
        return inbox

    save_under_name(inbox)
    story = steps.Story(actor)
    if inbox.restricted != (inbox.pk in tenant.restricted_inbox_ids) or before["user_ids"] != after["user_ids"]:
        show_to(story, tenant, inbox, after["user_ids"])
    story.say(inbox_told(inbox))
    story.note(Verb.INBOX_UPDATED, inbox, name=inbox.name, **steps.changed(before, after))
    story.tell()
    return inbox


def save_under_name(inbox: Inbox) -> None:
    """Save it; raises Refused("not_unique") where another inbox of the company has its name."""
    try:
        with transaction.atomic():
            inbox.save()
    except IntegrityError:
        raise taken(inbox.name) from None


def members_of(actor: Actor, inbox: Inbox) -> list[int]:
    """The user ids of those whom a restricted inbox lists."""
    rows = Membership.visible_to(actor).values_list("user_id", "inbox_ids")
    return sorted(user_id for user_id, inbox_ids in rows if inbox.pk in inbox_ids)


def show_to(story: steps.Story, tenant: Tenant, inbox: Inbox, user_ids: Sequence[int]) -> None:
    """Let only these members (supervisors and admins see every inbox) see a restricted inbox from now on, or all of
    them one that is not.

    What the team's stream still holds of one that was open can't be resumed any more by anybody: every client takes a
    snapshot.
    """
    lost = set_members(story.actor, inbox.pk, user_ids)
    others = set(tenant.restricted_inbox_ids) - {inbox.pk}
    if inbox.restricted and len(others) == len(tenant.restricted_inbox_ids):
        story.before_telling(lambda: forget(streams.agents(tenant.pk)))
    tenant.restricted_inbox_ids = sorted(others | {inbox.pk} if inbox.restricted else others)
    tenant.save(update_fields=["restricted_inbox_ids"])
    for user_id in lost:
        story.before_telling(partial(forget, streams.user(tenant.pk, user_id)))
    queue_releases(inbox)
    story.say(scope_changed(tenant.pk))


def set_members(actor: Actor, inbox_id: int, user_ids: Sequence[int]) -> list[int]:
    """Write the inbox's id into these members' rows and take it out of all others'; returns who had it before."""
    members = list(Membership.visible_to(actor).select_for_update(no_key=True).order_by("pk"))
    if not {member.user_id for member in members} >= set(user_ids):
        raise UnknownReference("user_ids")
    lost = [member.user_id for member in members if inbox_id in member.inbox_ids and member.user_id not in user_ids]
    for member in members:
        others = [pk for pk in member.inbox_ids if pk != inbox_id]
        member.inbox_ids = sorted([*others, inbox_id]) if member.user_id in user_ids else others
    Membership.objects.bulk_update(members, ["inbox_ids"])
    return lost


def scope_changed(tenant_id: int) -> Letter:
    """Have every socket of the tenant renew its rights and take a snapshot."""
    event = RightsChanged(reason="membership", close=4401, code="SCOPE_CHANGED")
    return Letter(streams.control(tenant_id), event)


@transaction.atomic(durable=True)
def rotate_inbox_secret(actor: Actor, inbox_id: int) -> tuple[Inbox, str]:
    """Give the inbox a new secret; the old one is dead at once. Raises Inbox.DoesNotExist."""
    inbox = Inbox.locked(actor, inbox_id)
    secret = inbox.new_secret()
    inbox.save(update_fields=["sealed_secret"])
    story = steps.Story(actor)
    story.note(Verb.INBOX_SECRET_ROTATED, inbox, name=inbox.name)
    story.tell()
    return inbox, secret


@transaction.atomic(durable=True)
def delete_inbox(actor: Actor, inbox_id: int) -> Inbox:
    """Put an inbox out of use: nothing comes in by it any more, its conversations stay. Raises Inbox.DoesNotExist."""
    inbox = Inbox.locked(actor, inbox_id)
    if not inbox.is_active:
        return inbox
    inbox.is_active = False
    inbox.save(update_fields=["is_active"])
    if gateway_of(inbox):
        key = f"logout_session:{inbox.pk:012}"
        later("conversations.logout_session", inbox.tenant_id, inbox.pk, unique=key, tenant_id=inbox.tenant_id)
    story = steps.Story(actor)
    story.say(inbox_told(inbox))
    story.note(Verb.INBOX_DELETED, inbox, name=inbox.name)
    story.tell()
    return inbox
