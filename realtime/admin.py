"""Streams and sockets in the back office. What streams carry (StreamEvent) is not shown there."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.backoffice.pages import TenantAdmin
from realtime.models import Connection, Epoch, Presence, Stream, Visit


@admin.register(Stream)
class StreamsAdmin(TenantAdmin[Stream]):
    """Addresses, and how far their logs go."""

    list_display = ["name", "head", "floor"]
    search_fields = ["name"]
    fields = ["name", "head", "floor"]
    ordering = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stream]:
        streams = super(TenantAdmin, self).get_queryset(request)
        desk = self.desk(request)
        if desk.is_staff:
            return streams
        own = Q()
        for tenant_id in desk.memberships:
            own |= Q(name__startswith=f"t{tenant_id}.")
        return streams.filter(own)

    def shows_tenants(self, request: HttpRequest) -> bool:
        return False


@admin.register(Connection)
class ConnectionsAdmin(TenantAdmin[Connection]):
    tenant_path = "tenant_id"
    list_display = ["id", "user_id", "process", "leaving", "connected_at", "expires_at"]
    list_filter = ["leaving", "process"]
    search_fields = ["=user_id", "process"]
    fields = ["id", "user_id", "process", "leaving", "connected_at", "expires_at"]


@admin.register(Visit)
class VisitsAdmin(TenantAdmin[Visit]):
    tenant_path = "tenant_id"
    list_display = ["id", "contact_id", "process", "leaving", "connected_at", "expires_at"]
    list_filter = ["leaving", "process"]
    search_fields = ["=contact_id", "process"]
    fields = ["id", "contact_id", "process", "leaving", "connected_at", "expires_at"]


@admin.register(Presence)
class PresencesAdmin(TenantAdmin[Presence]):
    tenant_path = "tenant_id"
    list_display = ["user_id", "status", "last_seen_at"]
    list_filter = ["status"]
    search_fields = ["=user_id"]
    fields = ["user_id", "status", "last_seen_at"]


@admin.register(Epoch)
class EpochsAdmin(TenantAdmin[Epoch]):
    tenant_path = ""
    list_display = ["id", "value"]
    fields = ["id", "value"]
