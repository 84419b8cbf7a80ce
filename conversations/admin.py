"""The trade in the back office: customers, what is written, how it was rated; read, and a few acts by buttons."""

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
    Attachment,
    Contact,
    ContactIdentity,
    Conversation,
    Inbox,
    Label,
    Message,
    MessageTemplate,
    OpenInterval,
    ProviderAccount,
    Reaction,
    ReadMark,
    ReplyTime,
    SendAttempt,
    SetAside,
    Survey,
    Team,
    WebhookDelivery,
)
from conversations.providers import remote_of
from conversations.providers.base import SetsWebhook

SHOWN_CHARACTERS = 80
IN_INBOX = ("inbox", WithinTenant)


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


@admin.register(Contact)
class ContactsAdmin(TenantAdmin[Contact]):
    list_display = ["label", "phone", "email", "verified", "last_seen_at", "created_at"]
    list_filter = ["verified"]
    list_select_related = ["tenant"]
    search_fields = ["name", "phone", "email"]
    ordering = ["-pk"]
    fields = ["tenant", "name", "phone", "email", "avatar_url", "verified", "metadata", "last_seen_at", "created_at"]

    @admin.display(description=_("name"), ordering="name")
    def label(self, row: Contact) -> str:
        return row.label


@admin.register(ContactIdentity)
class IdentitiesAdmin(TenantAdmin[ContactIdentity]):
    list_display = ["identifier", "contact", "inbox", "created_at"]
    list_filter = [IN_INBOX]
    list_select_related = ["contact", "inbox", "tenant"]
    search_fields = ["identifier", "contact__name"]
    ordering = ["-pk"]
    fields = ["tenant", "inbox", "contact", "identifier", "created_at"]


@admin.register(Conversation)
class ConversationsAdmin(TenantAdmin[Conversation]):
    list_display = [
        "id",
        "contact",
        "inbox",
        "status",
        "assignee",
        "team",
        "priority",
        "unread_count",
        "csat_rating",
        "last_activity_at",
    ]
    list_filter = [
        "status",
        "priority",
        IN_INBOX,
        ("team", WithinTenant),
        ("labels", WithinTenant),
        "csat_rating",
        ("created_at", admin.DateFieldListFilter),
    ]
    list_select_related = ["contact", "inbox", "assignee", "team", "tenant"]
    linked_by = ["contact", "assignee"]
    search_fields = ["=id", "contact__name", "contact__phone", "contact__email", "assignee__username"]
    ordering = ["-last_activity_at", "-pk"]
    fields = [
        "tenant",
        "inbox",
        "contact",
        "status",
        "priority",
        "assignee",
        "team",
        "labels",
        "unread_count",
        "last_message",
        "last_message_at",
        "first_replied_at",
        "waiting_since",
        "snoozed_until",
        "csat_rating",
        "csat_feedback",
        "created_at",
        "closed_at",
    ]
    buttons = [
        Button(
            "close",
            _("close"),
            "conversation.update",
            lambda actor, row: actions.close_conversation(actor, row.pk),
            lambda row: row.is_open,
        ),
        Button(
            "reopen",
            _("reopen"),
            "conversation.update",
            lambda actor, row: actions.reopen_conversation(actor, row.pk),
            lambda row: not row.is_open,
        ),
    ]

    def in_audit(self, object_id: str) -> dict[str, str]:
        return {"conversation_id": object_id}


@admin.register(Message)
class MessagesAdmin(TenantAdmin[Message]):
    list_display = ["id", "conversation_id", "sender", "preview", "message_type", "status", "private", "created_at"]
    list_filter = ["sender_type", "message_type", "status", "private", IN_INBOX]
    list_select_related = ["sender_user", "sender_contact", "tenant"]
    linked_by = ["conversation"]
    search_fields = ["content", "=conversation__id", "=provider_id"]
    ordering = ["-pk"]
    fields = [
        "tenant",
        "conversation",
        "inbox",
        "sender",
        "content",
        "message_type",
        "status",
        "error",
        "private",
        "reply_to",
        "client_message_id",
        "provider_id",
        "metadata",
        "created_at",
        "deleted_at",
        "deleted_by",
    ]
    readonly_fields = ["sender"]
    buttons = [
        Button(
            "delete",
            _("delete"),
            "message.delete_any",
            lambda actor, row: actions.delete_message(actor, row.pk),
            lambda row: row.deleted_at is None,
        )
    ]

    @admin.display(description=_("sender"), ordering="sender_type")
    def sender(self, row: Message) -> str:
        who = row.sender_user or row.sender_contact
        return f"{who} ({row.get_sender_type_display()})" if who else row.get_sender_type_display()

    @admin.display(description=_("content"))
    def preview(self, row: Message) -> str:
        return Truncator(row.content).chars(SHOWN_CHARACTERS)


@admin.register(Reaction)
class ReactionsAdmin(TenantAdmin[Reaction]):
    list_display = ["reaction", "message_id", "user", "contact", "created_at"]
    list_select_related = ["user", "contact", "tenant"]
    search_fields = ["=message__id"]
    ordering = ["-pk"]
    fields = ["tenant", "message", "reaction", "user", "contact", "created_at"]


@admin.register(ReadMark)
class ReadMarksAdmin(TenantAdmin[ReadMark]):
    list_display = ["id", "conversation_id", "sender_key", "message_id", "read_at"]
    list_select_related = ["tenant"]
    search_fields = ["=conversation__id"]
    ordering = ["-pk"]
    fields = ["tenant", "conversation", "sender_key", "user", "message_id", "read_at"]


@admin.register(Attachment)
class AttachmentsAdmin(TenantAdmin[Attachment]):
    """Files by name; where their bytes lie is nobody's business."""

    list_display = ["name", "content_type", "size", "conversation_id", "message_id", "private", "created_at"]
    list_filter = ["content_type", "private", IN_INBOX, ("deleted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["tenant"]
    search_fields = ["name", "=conversation__id"]
    ordering = ["-pk"]
    fields = [
        "tenant",
        "inbox",
        "conversation",
        "message",
        "sender_key",
        "name",
        "content_type",
        "size",
        "width",
        "height",
        "private",
        "created_at",
        "deleted_at",
    ]


@admin.register(Survey)
class SurveysAdmin(TenantAdmin[Survey]):
    """Ratings; the link by which a customer answers is not shown."""

    list_display = ["id", "contact", "agent", "rating", "feedback", "sent_at", "answered_at"]
    list_filter = ["rating", IN_INBOX, ("answered_at", admin.EmptyFieldListFilter)]
    list_select_related = ["contact", "agent", "tenant"]
    search_fields = ["contact__name", "agent__username", "feedback", "=conversation__id"]
    fields = ["tenant", "conversation", "inbox", "contact", "agent", "rating", "feedback", "sent_at", "answered_at"]


@admin.register(Team)
class TeamsAdmin(TenantAdmin[Team]):
    list_display = ["name", "people", "created_at"]
    list_select_related = ["tenant"]
    search_fields = ["name"]
    fields = ["tenant", "name", "members", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return super().get_queryset(request).prefetch_related("members")

    @admin.display(description=_("members"))
    def people(self, row: Team) -> str:
        return ", ".join(sorted(user.name for user in row.members.all()))


@admin.register(Label)
class LabelsAdmin(TenantAdmin[Label]):
    list_display = ["name", "colour", "created_at"]
    list_select_related = ["tenant"]
    search_fields = ["name"]
    fields = ["tenant", "name", "colour", "created_at"]


@admin.register(OpenInterval)
class OpenIntervalsAdmin(TenantAdmin[OpenInterval]):
    """Stretches of time in which conversations were open: what metrics are counted from."""

    list_display = ["id", "conversation_id", "opened_at", "closed_at"]
    list_select_related = ["tenant"]
    search_fields = ["=conversation__id"]
    ordering = ["-pk"]
    fields = ["tenant", "conversation", "opened_at", "closed_at"]


@admin.register(ReplyTime)
class ReplyTimesAdmin(TenantAdmin[ReplyTime]):
    """How long customers waited for answers: what metrics are counted from."""

    list_display = ["id", "conversation_id", "turn", "waited_from", "replied_at"]
    list_select_related = ["tenant"]
    search_fields = ["=conversation__id"]
    ordering = ["-pk"]
    fields = ["tenant", "conversation", "user", "turn", "waited_from", "replied_at", "seconds"]


@admin.register(ProviderAccount)
class ProviderAccountsAdmin(TenantAdmin[ProviderAccount]):
    """What an inbox needs for its provider; its secrets are nowhere to be read."""

    list_display = ["inbox", "last_delivery_at", "checked_at", "last_error", "last_error_at"]
    list_filter = [IN_INBOX]
    list_select_related = ["inbox", "tenant"]
    search_fields = ["inbox__name"]
    fields = ["tenant", "inbox", "config", "facts", "last_delivery_at", "checked_at", "last_error", "last_error_at"]
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


@admin.register(WebhookDelivery)
class DeliveriesAdmin(TenantAdmin[WebhookDelivery]):
    list_display = ["id", "inbox", "state", "error", "received_at"]
    list_filter = ["state", IN_INBOX]
    list_select_related = ["inbox", "tenant"]
    search_fields = ["digest"]
    ordering = ["-pk"]
    fields = ["tenant", "inbox", "digest", "state", "error", "received_at"]


@admin.register(SetAside)
class SetAsideAdmin(TenantAdmin[SetAside]):
    list_display = ["key", "inbox", "reason", "error", "created_at"]
    list_filter = ["reason", IN_INBOX]
    list_select_related = ["inbox", "tenant"]
    search_fields = ["key", "target"]
    ordering = ["-pk"]
    fields = ["tenant", "inbox", "key", "target", "reason", "error", "body", "created_at"]


@admin.register(SendAttempt)
class AttemptsAdmin(TenantAdmin[SendAttempt]):
    list_display = ["id", "message", "inbox", "state", "error", "started_at", "ended_at"]
    list_filter = ["state", IN_INBOX]
    list_select_related = ["inbox", "message", "tenant"]
    search_fields = ["provider_id"]
    ordering = ["-pk"]
    fields = ["tenant", "inbox", "message", "state", "provider_id", "error", "started_at", "ended_at"]


@admin.register(MessageTemplate)
class TemplatesAdmin(TenantAdmin[MessageTemplate]):
    list_display = ["name", "language", "category", "approval", "inbox", "synced_at"]
    list_filter = ["approval", "language", IN_INBOX]
    list_select_related = ["inbox", "tenant"]
    search_fields = ["name"]
    fields = ["tenant", "inbox", "name", "language", "category", "approval", "components", "synced_at"]
