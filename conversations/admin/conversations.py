"""What is written, in the back office: read, and a few acts by buttons."""

from __future__ import annotations

from django.contrib import admin
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.backoffice.buttons import Button
from accounts.backoffice.columns import number_of
from accounts.backoffice.filters import WithinTenant
from accounts.backoffice.pages import TenantAdmin
from conversations import actions
from conversations.models import Attachment, Conversation, Message, Reaction, ReadMark

SHOWN_CHARACTERS = 80
CONVERSATION, MESSAGE = number_of("conversation", _("conversation")), number_of("message", _("message"))


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
        ("inbox", WithinTenant),
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
    list_display = ["id", CONVERSATION, "sender", "preview", "message_type", "status", "private", "created_at"]
    list_filter = ["sender_type", "message_type", "status", "private", ("inbox", WithinTenant)]
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
        "why",
        "private",
        "reply_to",
        "client_message_id",
        "provider_id",
        "metadata",
        "created_at",
        "deleted_at",
        "deleted_by",
    ]
    readonly_fields = ["sender", "why"]
    buttons = [
        Button(
            "delete",
            _("delete"),
            "message.delete_any",
            lambda actor, row: actions.delete_message(actor, row.pk),
            lambda row: row.deleted_at is None,
        )
    ]

    @admin.display(description=_("error"))
    def why(self, row: Message) -> str:
        return row.told_failure

    @admin.display(description=_("sender"), ordering="sender_type")
    def sender(self, row: Message) -> str:
        who = row.sender_user or row.sender_contact
        return f"{who} ({row.get_sender_type_display()})" if who else row.get_sender_type_display()

    @admin.display(description=_("content"))
    def preview(self, row: Message) -> str:
        return Truncator(row.content).chars(SHOWN_CHARACTERS)


@admin.register(Reaction)
class ReactionsAdmin(TenantAdmin[Reaction]):
    list_display = ["reaction", MESSAGE, "user", "contact", "created_at"]
    list_select_related = ["user", "contact", "tenant"]
    search_fields = ["=message__id"]
    ordering = ["-pk"]
    fields = ["tenant", "message", "reaction", "user", "contact", "created_at"]


@admin.register(ReadMark)
class ReadMarksAdmin(TenantAdmin[ReadMark]):
    list_display = ["id", CONVERSATION, "sender_key", "message_id", "read_at"]
    list_select_related = ["tenant"]
    search_fields = ["=conversation__id"]
    ordering = ["-pk"]
    fields = ["tenant", "conversation", "sender_key", "user", "message_id", "read_at"]


@admin.register(Attachment)
class AttachmentsAdmin(TenantAdmin[Attachment]):
    """Files by name; where their bytes lie is nobody's business."""

    list_display = ["name", "content_type", "size", CONVERSATION, MESSAGE, "private", "created_at"]
    list_filter = ["content_type", "private", ("inbox", WithinTenant), ("deleted_at", admin.EmptyFieldListFilter)]
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
