"""Filters whose choices never name another tenant's things."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.backoffice.desk import desk_of


class TenantFilter(admin.SimpleListFilter):
    """The tenants of this desk."""

    title = _("tenant")
    parameter_name = "of_tenant"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.path: str = model_admin.tenant_path

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        desk = desk_of(request)
        return [(str(tenant.pk), tenant.name) for tenant in desk.tenants()] if desk else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        return queryset.filter(**{self.path: int(chosen)}) if chosen.isdecimal() else queryset


class WithinTenant(admin.RelatedFieldListFilter):
    """A related thing of the same tenants: an inbox, a team, a label."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        desk = desk_of(request)
        limits = {} if desk is None or desk.is_staff else {"tenant__in": list(desk.memberships)}
        return list(field.get_choices(include_blank=False, limit_choices_to=limits))
