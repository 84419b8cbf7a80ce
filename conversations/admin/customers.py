"""Customers in the back office: who they are, and what they said of us."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.backoffice.filters import WithinTenant
from accounts.backoffice.pages import TenantAdmin
from conversations.models import Contact, ContactIdentity, Survey


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
    list_filter = [("inbox", WithinTenant)]
    list_select_related = ["contact", "inbox", "tenant"]
    search_fields = ["identifier", "contact__name"]
    ordering = ["-pk"]
    fields = ["tenant", "inbox", "contact", "identifier", "created_at"]


@admin.register(Survey)
class SurveysAdmin(TenantAdmin[Survey]):
    """Ratings; the link by which a customer answers is not shown."""

    list_display = ["id", "contact", "agent", "rating", "feedback", "sent_at", "answered_at"]
    list_filter = ["rating", ("inbox", WithinTenant), ("answered_at", admin.EmptyFieldListFilter)]
    list_select_related = ["contact", "agent", "tenant"]
    search_fields = ["contact__name", "agent__username", "feedback", "=conversation__id"]
    fields = ["tenant", "conversation", "inbox", "contact", "agent", "rating", "feedback", "sent_at", "answered_at"]
