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
from conversations.actions.provider_accounts import START, locked_account
from conversations.directory import inbox_told
from conversations.letters import session_status
from conversations.models import Connection, Inbox, ProviderAccount
from conversations.providers import gateway_of
from conversations.providers.reading import without
from conversations.reasons import Reason
from jobs import later

LOGOUT, LOOK = "conversations.logout_session", connecting.LOOK
RESTART = "conversations.restart_session"
# So soon a gateway that makes codes but does not send them is asked again.
LOOK_AGAIN = timedelta(seconds=3)
# Nobody has scanned for so long: the codes are no longer asked for, and who shows none any more has given up.
PATIENCE = timedelta(minutes=5)
# So long after the last code that is found out.
LAST_LOOK = timedelta(seconds=30)
# A session that is started anew ends first: its end is believed only if it lasts.
SETTLES = timedelta(seconds=10)
# Why a session is disconnected, where that is known.
UNSCANNED = "unscanned"
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
    if account.session != Session.CONNECTED:
        begin(actor, inbox, account, START)
    return account


@transaction.atomic(durable=True)
def restart_session(actor: Actor, inbox_id: int) -> ProviderAccount:
    """Have the session connected anew, with the same phone where the gateway still has it; else codes follow. One that
    is being connected stays as it is. Raises Inbox.DoesNotExist for an inbox without a session.
    """
    inbox, account = locked_session(actor, inbox_id)
    if account.session not in (Session.CONNECTING, Session.QR):
        begin(actor, inbox, account, RESTART)
    return account


def begin(actor: Actor, inbox: Inbox, account: ProviderAccount, job: str) -> None:
    """Have a job ask the gateway for the session; what it said before of it is old."""
    if not account.sealed.get("webhook_secret"):
        account.keep_secrets({"webhook_secret": secrets.token_urlsafe(32)})
    story = steps.Story(actor)
    moment = clock.now()
    begun = account.session not in (Session.CONNECTING, Session.QR)
    account.forget_trouble()
    account.session_told_at = None
    account.save(update_fields=["sealed", "last_error", "last_failure", "session_told_at"])
    if begun:
        become(story, inbox, account, Session.CONNECTING, moment)
        done = "restarted" if job == RESTART else "started"
        story.note(Verb.INBOX_UPDATED, inbox, name=inbox.name, session=done)
    queue(job, inbox)
    story.tell()


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
        account.note_trouble(error, moment)
    account.save(update_fields=["session_told_at", "facts", *account.TROUBLE])
    before, state = account.session, believed(account, status, bool(code or image or error), moment)
    if state != before:
        reason = UNSCANNED if before == Session.QR and state == Session.DISCONNECTED else ""
        become(story, inbox, account, state, moment, reason=reason)
    is_fresh = state == Session.QR and keep_code(account, qrcodes.picture_of(code, image), lives_s, moment)
    join(story, inbox, account, error)
    if state in (Session.QR, Session.CONNECTING):
        at_once = state == Session.QR and state != before and not account.current_code(moment)
        queue(LOOK, inbox, run_at=None if at_once else next_look(account, moment))
    story.tell()
    return account, is_fresh


@transaction.atomic(durable=True)
def look_at_session(actor: Actor, inbox_id: int) -> None:
    """Have the gateway asked how a session stands. Raises Inbox.DoesNotExist."""
    inbox, _account = locked_session(actor, inbox_id)
    queue(LOOK, inbox)


@transaction.atomic(durable=True)
def queue_session_looks() -> int:
    """Have every gateway asked for its connected sessions, which one that was reset does not tell of: works over all
    tenants, for the schedule; returns how many.
    """
    inboxes = list(Inbox.with_connected_phones())
    for inbox in inboxes:
        queue(LOOK, inbox)
    return len(inboxes)


def believed(account: ProviderAccount, status: str, says_more: bool, moment: datetime) -> str:  # noqa: FBT001
    """The state that a word of the gateway's means; `says_more` where a code or an error comes along.

    While a code is shown, some call that "connecting". A code that nobody asked for connects nothing, a session that
    is being started may end on the way, and one that shows no code any more once nobody has come is over.
    """
    known, is_young = account.session, account.session_at is not None and moment - account.session_at < SETTLES
    if status == Session.CONNECTING and account.current_code(moment):
        return Session.QR
    if status == Session.QR and known == Session.DISCONNECTED:
        return known
    if status == Session.DISCONNECTED and known == Session.CONNECTING and is_young and not says_more:
        return known
    is_open = status in (Session.CONNECTING, Session.QR) and known in (Session.CONNECTING, Session.QR)
    if is_open and not says_more and not account.current_code(moment) and not waits(account, moment):
        return Session.DISCONNECTED
    return status


def become(
    story: steps.Story, inbox: Inbox, account: ProviderAccount, state: str, moment: datetime, *, reason: str = ""
) -> None:
    """Write the session's new state and tell it."""
    account.session, account.session_at = state, moment
    account.set_fact(session_reason=reason)
    if state != Session.QR:
        account.qr_code, account.qr_expires_at = "", None
    account.save(update_fields=["session", "session_at", "facts", "qr_code", "qr_expires_at"])
    story.say(session_status(inbox, state, moment, reason))


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
        connecting.pause(story, inbox, error or Reason("not_connected"), tell=False)


def next_look(account: ProviderAccount, moment: datetime) -> datetime:
    """When the gateway is asked again: soon, while somebody may scan; else once its last code is old."""
    if waits(account, moment):
        return moment + LOOK_AGAIN
    return max(account.qr_expires_at or moment, moment) + LAST_LOOK


def waits(account: ProviderAccount, moment: datetime) -> bool:
    """Whether somebody may still be about to scan."""
    return account.session_at is not None and moment - account.session_at < PATIENCE


def queue(name: str, inbox: Inbox, run_at: datetime | None = None) -> None:
    key = f"{name.rpartition('.')[2]}:{inbox.pk:012}"
    later(name, inbox.tenant_id, inbox.pk, unique=key, tenant_id=inbox.tenant_id, run_at=run_at)
