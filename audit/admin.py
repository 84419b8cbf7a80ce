"""The book in the back office: to read."""

from __future__ import annotations

import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.backoffice.pages import TenantAdmin
from audit.models import AuditChain, AuditRecord


@admin.register(AuditRecord)
class AuditRecordsAdmin(TenantAdmin[AuditRecord]):
    tenant_path = "tenant_id"
    list_display = ["number", "at", "who", "verb", "target", "conversation_id", "origin", "ip"]
    list_display_links = ["number", "at"]
    list_filter = [("at", admin.DateFieldListFilter), "verb", "origin"]
    linked_by = ["target_type", "target_id", "conversation_id", "user_id"]
    search_fields = ["username", "ip", "=conversation_id"]
    ordering = ["-pk"]
    fields = [
        "number",
        "at",
        "verb",
        "username",
        "user_id",
        "contact_id",
        "origin",
        "ip",
        "session_id",
        "key_id",
        "target",
        "conversation_id",
        "told",
        "previous_hash",
        "hash",
    ]
    readonly_fields = ["target", "told"]

    @admin.display(description=_("user"), ordering="username")
    def who(self, row: AuditRecord) -> str:
        return row.username or (f"contact {row.contact_id}" if row.contact_id else "–")

    @admin.display(description=_("target"))
    def target(self, row: AuditRecord) -> str:
        return f"{row.target_type} {row.target_id}" if row.target_type else "–"

    @admin.display(description=_("details"))
    def told(self, row: AuditRecord) -> SafeString:
        return format_html('<pre class="details">{}</pre>', json.dumps(row.details, ensure_ascii=False, indent=2))


@admin.register(AuditChain)
class AuditChainsAdmin(TenantAdmin[AuditChain]):
    """How far each chain goes, and how far it is anchored outside the database."""

    tenant_path = "tenant_id"
    list_display = ["tenant_id", "number", "anchored", "head"]
    fields = ["tenant_id", "number", "anchored", "previous", "head"]
    ordering = ["tenant_id"]
