"""Phones' sessions at gateways: asked for by admins, told of by the gateway.

The gateway is called by jobs, outside any transaction; what it says comes back here, by its answer or by its webhook.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations import qrcodes
from conversations.actions import connecting, steps
from conversations.actions.provider_accounts import locked_account
from conversations.directory import inbox_told
from conversations.letters import session_status
from conversations.models import Connection, Inbox, ProviderAccount
from conversations.providers import gateway_of
from conversations.providers.reading import without
from jobs import later

START, LOGOUT, LOOK = "conversations.start_session", "conversations.logout_session", "conversations.look_at_session"
# So soon a gateway that makes codes but does not send them is asked again.
LOOK_AGAIN = timedelta(seconds=3)
# Nobody has scanned for so long: the codes are no longer asked for.
PATIENCE = timedelta(minutes=5)
Session = ProviderAccount.Session


def locked_session(actor: Actor, inbox_id: int) -> tuple[Inbox, ProviderAccount]:
    """An inbox with a phone's session, and its account, both locked. Raises Inbox.DoesNotExist for any other."""
    inbox, account = locked_account(actor, inbox_id)
    if gateway_of(inbox) is None or not inbox.is_active:
        raise Inbox.DoesNotExist
    return inbox, account


@transaction.atomic(durable=True)
def start_session(actor: Actor, inbox_id: int) -> ProviderAccount:
    """Have the inbox's phone connected: codes to scan follow as events. One that is connected stays so.

    Raises Inbox.DoesNotExist for an inbox without a session.
    """
    inbox, account = locked_session(actor, inbox_id)
    if account.session == Session.CONNECTED:
        return account
    if not account.sealed.get("webhook_secret"):
        account.keep_secrets({"webhook_secret": secrets.token_urlsafe(32)})
    story = steps.Story(actor)
    moment = clock.now()
    begun = account.session not in (Session.CONNECTING, Session.QR)
    account.last_error = ""
    account.session_told_at = None
    account.save(update_fields=["sealed", "last_error", "session_told_at"])
    if begun:
        become(story, inbox, account, Session.CONNECTING, moment)
        story.note(Verb.INBOX_UPDATED, inbox, name=inbox.name, session="started")
    queue(START, inbox)
    story.tell()
    return account


@transaction.atomic(durable=True)
def end_session(actor: Actor, inbox_id: int) -> ProviderAccount:
    """Part the phone from the inbox; a second time changes nothing. Raises Inbox.DoesNotExist."""
    inbox, account = locked_session(actor, inbox_id)
    if account.session in (Session.NONE, Session.DISCONNECTED) and inbox.connection == Connection.SETUP:
        return account
    story = steps.Story(actor)
    become(story, inbox, account, Session.DISCONNECTED, clock.now())
    if inbox.connection != Connection.SETUP:
        # It was meant: nobody needs to be alarmed.
        inbox.connection = Connection.SETUP
        inbox.save(update_fields=["connection"])
        story.say(inbox_told(inbox))
    story.note(Verb.INBOX_UPDATED, inbox, name=inbox.name, session="ended")
    queue(LOGOUT, inbox)
    story.tell()
    return account


@transaction.atomic(durable=True)
def note_session(
    actor: Actor,
    inbox_id: int,
    *,
    status: str,
    code: str = "",
    image: str = "",
    lives_s: float = 0.0,
    error: str = "",
    facts: Mapping[str, Any] | None = None,
    told_at: datetime | None = None,
) -> tuple[ProviderAccount, bool]:
    """Take over how a session stands; returns the account, and whether there is a new code to be shown.

    What is the same tells nobody; what the gateway told (`told_at`, by its clock) before the last word is old. Raises
    Inbox.DoesNotExist.
    """
    inbox, account = locked_session(actor, inbox_id)
    if told_at and account.session_told_at and told_at < account.session_told_at:
        return account, False
    moment, story = clock.now(), steps.Story(actor)
    error = without(error, account.secrets)
    account.session_told_at = told_at or account.session_told_at
    account.set_fact(**(facts or {}))
    if error:
        account.last_error, account.last_error_at = error[:300], moment
    account.save(update_fields=["session_told_at", "facts", "last_error", "last_error_at"])
    before, state = account.session, believed(account, status, moment)
    if state != before:
        become(story, inbox, account, state, moment)
    is_fresh = state == Session.QR and keep_code(account, qrcodes.picture_of(code, image), lives_s, moment)
    join(story, inbox, account, error)
    if state in (Session.QR, Session.CONNECTING) and waits(account, moment):
        at_once = state == Session.QR and not account.current_code(moment)
        queue(LOOK, inbox, run_at=None if at_once and state != before else moment + LOOK_AGAIN)
    story.tell()
    return account, is_fresh


@transaction.atomic(durable=True)
def look_at_session(actor: Actor, inbox_id: int) -> None:
    """Have the gateway asked how a session stands. Raises Inbox.DoesNotExist."""
    inbox, _account = locked_session(actor, inbox_id)
    queue(LOOK, inbox)


def believed(account: ProviderAccount, status: str, moment: datetime) -> str:
    """The state that a word of the gateway's means. While a code is shown, some call that "connecting"; one that was
    never asked for connects nothing.
    """
    if status == Session.CONNECTING and account.current_code(moment):
        return Session.QR
    return status


def become(story: steps.Story, inbox: Inbox, account: ProviderAccount, state: str, moment: datetime) -> None:
    """Write the session's new state and tell it."""
    account.session, account.session_at = state, moment
    if state != Session.QR:
        account.qr_code, account.qr_expires_at = "", None
    account.save(update_fields=["session", "session_at", "qr_code", "qr_expires_at"])
    story.say(session_status(inbox, state, moment))


def keep_code(account: ProviderAccount, picture: str, lives_s: float, moment: datetime) -> bool:
    """Keep the code that can be scanned now; whether it is another one."""
    if not picture or picture == account.current_code(moment):
        return False
    account.qr_code, account.qr_expires_at = picture, moment + timedelta(seconds=lives_s)
    account.save(update_fields=["qr_code", "qr_expires_at"])
    return True


def join(story: steps.Story, inbox: Inbox, account: ProviderAccount, error: str) -> None:
    """Let the inbox send while its phone is connected, and no longer."""
    if account.session == Session.CONNECTED:
        connecting.connect(story, inbox, tell=False)
    elif account.session in (Session.DISCONNECTED, Session.QR) and inbox.connection == Connection.CONNECTED:
        connecting.pause(story, inbox, error or "The phone is not connected.", tell=False)


def waits(account: ProviderAccount, moment: datetime) -> bool:
    """Whether somebody may still be about to scan."""
    return account.session_at is not None and moment - account.session_at < PATIENCE


def queue(name: str, inbox: Inbox, run_at: datetime | None = None) -> None:
    key = f"{name.rpartition('.')[2]}:{inbox.pk:012}"
    later(name, inbox.tenant_id, inbox.pk, unique=key, tenant_id=inbox.tenant_id, run_at=run_at)
