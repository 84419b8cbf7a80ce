"""The jobs that speak with gateways about their sessions."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings

from accounts.actor import Actor
from accounts.errors import Refused
from conversations import actions, sessions
from conversations.models import Inbox, ProviderAccount
from conversations.providers import GatewayProvider, gateway_of
from conversations.providers.base import TryLater
from conversations.providers.gateways import GatewayTrouble, SessionGone, Standing, why_not
from jobs import every, task

logger = logging.getLogger("conversations.webhooks")


def webhook_of(inbox: Inbox, gateway: GatewayProvider) -> str:
    """Where the gateway is to post to."""
    root = (settings.GATEWAY_WEBHOOK_URL or settings.PUBLIC_URL).rstrip("/")
    return f"{root}/webhooks/{gateway.slug}/{inbox.token}"


def at_gateway(tenant_id: int, inbox_id: int) -> tuple[Inbox, GatewayProvider] | None:
    """The inbox with its account and gateway; None for one that is gone."""
    inbox = Inbox.with_session(Actor.system(tenant_id), inbox_id)
    gateway = gateway_of(inbox) if inbox else None
    return (inbox, gateway) if inbox and gateway else None


@task("conversations.start_session", attempts=1)
def start_session(tenant_id: int, inbox_id: int) -> None:
    """Have the gateway begin; what is wrong with it is told to whoever asked, who may ask again."""
    if (found := at_gateway(tenant_id, inbox_id)) is None or not found[0].is_active:
        return
    inbox, gateway = found
    try:
        standing = gateway.start(inbox, webhook_of(inbox, gateway))
    except (GatewayTrouble, TryLater, Refused) as trouble:
        logger.warning("inbox %s: its session could not be started: %s", inbox_id, type(trouble).__name__)
        standing = Standing("disconnected", error=why_not(trouble))
    note(inbox, standing)


@task("conversations.restart_session", attempts=1)
def restart_session(tenant_id: int, inbox_id: int) -> None:
    """Have the gateway connect the same phone anew; where it knows no such session any more, begin with a code."""
    if (found := at_gateway(tenant_id, inbox_id)) is None or not found[0].is_active:
        return
    inbox, gateway = found
    try:
        gateway.restart(inbox)
        # How it went is told by the gateway, or asked for in a moment: right now it may still say what was before.
        standing = Standing("connecting")
    except SessionGone:
        start_session(tenant_id, inbox_id)
        return
    except (GatewayTrouble, TryLater, Refused) as trouble:
        logger.warning("inbox %s: its session could not be restarted: %s", inbox_id, type(trouble).__name__)
        standing = Standing("disconnected", error=why_not(trouble))
    note(inbox, standing)


@task("conversations.logout_session", attempts=8)
def logout_session(tenant_id: int, inbox_id: int) -> None:
    """Have the gateway part the phone, unless it was asked to connect again meanwhile."""
    if (found := at_gateway(tenant_id, inbox_id)) is None:
        return
    inbox, gateway = found
    if not inbox.is_active or inbox.account.session == ProviderAccount.Session.DISCONNECTED:
        gateway.logout(inbox)


@task("conversations.look_at_session", attempts=3)
def look_at_session(tenant_id: int, inbox_id: int) -> None:
    """Ask the gateway how a session stands: for its next code, and for what a lost webhook would have told."""
    if (found := at_gateway(tenant_id, inbox_id)) is None or not found[0].account.session:
        return
    inbox, gateway = found
    if not inbox.is_active:
        return
    try:
        standing = gateway.standing(inbox)
    except (GatewayTrouble, TryLater, Refused) as trouble:
        logger.warning("inbox %s: its session could not be looked at: %s", inbox_id, type(trouble).__name__)
        return
    note(inbox, standing)


@every(seconds=60, name="conversations.look_at_sessions")
def look_at_sessions() -> None:
    """Have every connected session looked at."""
    actions.queue_session_looks()


def note(inbox: Inbox, standing: Standing) -> None:
    told: dict[str, Any] = standing._asdict()
    sessions.note(Actor.system(inbox.tenant_id), inbox.pk, **told)
