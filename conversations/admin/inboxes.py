"""Inboxes in the back office, and what goes in and out at their providers."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.backoffice.buttons import Button
from accounts.backoffice.filters import WithinTenant
from accounts.backoffice.pages import TenantAdmin
from conversations import actions
from conversations.models import (
    Inbox,
    MessagePart,
    MessageTemplate,
    ProviderAccount,
    SendAttempt,
    SetAside,
    WebhookDelivery,
)
from conversations.providers import remote_of
from conversations.providers.base import SetsWebhook

SHOWN_CHARACTERS = 10_000


def renew_secret(actor: Actor, inbox: Inbox) -> str:
    """Renew it and say it: the one moment at which it can be read."""
    _inbox, secret = actions.rotate_inbox_secret(actor, inbox.pk)
    return _now("The new secret, shown only now: %(secret)s") % {"secret": secret}


@admin.register(Inbox)
class InboxesAdmin(TenantAdmin[Inbox]):
    """Inboxes; their secrets can be renewed but never read."""

    list_display = ["name", "channel", "is_active", "restricted", "csat_enabled", "created_at"]
    list_filter = ["channel", "is_active", "restricted"]
    list_select_related = ["tenant"]
    search_fields = ["name"]
    fields = [
        "tenant",
        "name",
        "channel",
        "token",
        "is_active",
        "restricted",
        "reopen",
        "keep_owner",
        "csat_enabled",
        "show_preview",
        "allowed_origins",
        "settings",
        "created_at",
    ]
    buttons = [
        Button("renew-secret", _("renew the secret"), "inbox.manage", renew_secret, lambda row: row.is_active),
        Button(
            "retire",
            _("put out of use"),
            "inbox.manage",
            lambda actor, row: actions.delete_inbox(actor, row.pk),
            lambda row: row.is_active,
        ),
    ]


@admin.register(ProviderAccount)
class ProviderAccountsAdmin(TenantAdmin[ProviderAccount]):
    """What an inbox needs for its provider; its secrets are nowhere to be read."""

    list_display = ["inbox", "last_delivery_at", "checked_at", "why", "last_error_at"]
    list_filter = [("inbox", WithinTenant)]
    list_select_related = ["inbox", "tenant"]
    search_fields = ["inbox__name"]
    fields = ["tenant", "inbox", "config", "facts", "last_delivery_at", "checked_at", "why", "last_error_at"]
    readonly_fields = ["why"]
    buttons = [
        Button(
            "check",
            _("check now"),
            "inbox.manage",
            lambda actor, row: actions.request_check(actor, row.inbox_id),
            lambda row: row.inbox.is_active,
        ),
        Button(
            "webhook",
            _("have it post to us"),
            "inbox.manage",
            lambda actor, row: actions.request_webhook(actor, row.inbox_id),
            lambda row: row.inbox.is_active and isinstance(remote_of(row.inbox), SetsWebhook),
        ),
    ]

    @admin.display(description=_("last error"), ordering="last_error")
    def why(self, row: ProviderAccount) -> str:
        return row.trouble


@admin.register(WebhookDelivery)
class DeliveriesAdmin(TenantAdmin[WebhookDelivery]):
    list_display = ["id", "inbox", "state", "why", "received_at"]
    list_filter = ["state", ("inbox", WithinTenant)]
    list_select_related = ["inbox", "tenant"]
    search_fields = ["digest"]
    ordering = ["-pk"]
    fields = ["tenant", "inbox", "digest", "state", "why", "content", "received_at"]
    readonly_fields = ["why", "content"]
    buttons = [
        Button(
            "read",
            _("read again"),
            "inbox.manage",
            lambda actor, row: actions.reread_delivery(actor, row.pk),
            lambda row: row.state != WebhookDelivery.State.RECEIVED and row.inbox.is_active,
        ),
        Button(
            "discard",
            _("throw away"),
            "inbox.manage",
            lambda actor, row: actions.discard_delivery(actor, row.pk),
            lambda row: row.state == WebhookDelivery.State.QUARANTINED,
        ),
    ]

    @admin.display(description=_("error"), ordering="error")
    def why(self, row: WebhookDelivery) -> str:
        return row.why

    @admin.display(description=_("content"))
    def content(self, row: WebhookDelivery) -> str:
        """What was posted, as far as it is text; the provider's own secrets were taken out before it was stored."""
        return Truncator(bytes(row.body[: 2 * SHOWN_CHARACTERS]).decode(errors="replace")).chars(SHOWN_CHARACTERS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookDelivery]:
        """A list of fifty need not load fifty times three megabytes."""
        return super().get_queryset(request).defer("body")


@admin.register(SetAside)
class SetAsideAdmin(TenantAdmin[SetAside]):
    """What came in and was not applied: a doubtful one waits for an admin, who has it applied or throws it away."""

    list_display = ["key", "inbox", "reason", "why", "created_at"]
    list_filter = ["reason", ("inbox", WithinTenant)]
    list_select_related = ["inbox", "tenant"]
    search_fields = ["key", "target"]
    ordering = ["-pk"]
    fields = ["tenant", "inbox", "key", "target", "reason", "why", "body", "created_at"]
    readonly_fields = ["why"]
    buttons = [
        Button(
            "rerun",
            _("try again"),
            "inbox.manage",
            lambda actor, row: actions.rerun_set_aside(actor, row.pk),
            lambda row: row.rests and row.inbox.is_active,
        ),
        Button("discard", _("throw away"), "inbox.manage", lambda actor, row: actions.discard_set_aside(actor, row.pk)),
    ]

    @admin.display(description=_("why"))
    def why(self, row: SetAside) -> str:
        return row.why


@admin.register(SendAttempt)
class AttemptsAdmin(TenantAdmin[SendAttempt]):
    list_display = ["id", "message", "inbox", "state", "why", "started_at", "ended_at"]
    list_filter = ["state", ("inbox", WithinTenant)]
    list_select_related = ["inbox", "message", "tenant"]
    search_fields = ["provider_id"]
    ordering = ["-pk"]
    fields = ["tenant", "inbox", "message", "state", "provider_id", "why", "started_at", "ended_at"]
    readonly_fields = ["why"]

    @admin.display(description=_("error"), ordering="error")
    def why(self, row: SendAttempt) -> str:
        return row.why


@admin.register(MessagePart)
class PartsAdmin(TenantAdmin[MessagePart]):
    list_display = ["id", "message", "number", "inbox", "provider_id"]
    list_filter = [("inbox", WithinTenant)]
    list_select_related = ["inbox", "message", "tenant"]
    search_fields = ["provider_id"]
    ordering = ["-pk"]
    fields = ["tenant", "inbox", "message", "number", "provider_id"]


@admin.register(MessageTemplate)
class TemplatesAdmin(TenantAdmin[MessageTemplate]):
    list_display = ["name", "language", "category", "approval", "inbox", "synced_at"]
    list_filter = ["approval", "language", ("inbox", WithinTenant)]
    list_select_related = ["inbox", "tenant"]
    search_fields = ["name"]
    fields = ["tenant", "inbox", "name", "language", "category", "approval", "components", "synced_at"]
