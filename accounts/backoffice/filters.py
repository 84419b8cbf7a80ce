"""Filters whose choices never name another tenant's things."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.backoffice.desk import desk_of

# Any that a row may have.
NUMBER = re.compile(r"[0-9]{1,18}")


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
    """A related thing of the same tenants: an inbox, a team, a label. A company's admin chooses from a list of theirs;
    the platform's staff, for whom that would be everybody's, looks for it by its name.
    """

    def __init__(self, field: Any, request: HttpRequest, *given: Any, **options: Any) -> None:
        desk = desk_of(request)
        self.is_searched = desk is not None and desk.is_staff
        super().__init__(field, request, *given, **options)
        if self.is_searched:
            self.template = "admin/filter_by_search.html"
            self.others = [(name, value) for name, values in self.rest_of(request) for value in values]
            self.select = self.drawn(field, request)

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        desk = desk_of(request)
        if desk is None or self.is_searched:
            return []
        return list(field.get_choices(include_blank=False, limit_choices_to={"tenant__in": list(desk.memberships)}))

    def has_output(self) -> bool:
        return self.is_searched or super().has_output()

    def rest_of(self, request: HttpRequest) -> list[tuple[str, list[str]]]:
        """What else the list is narrowed by; on another page of it there would be nothing."""
        own = (self.lookup_kwarg, self.lookup_kwarg_isnull, "p")
        return [(name, values) for name, values in request.GET.lists() if name not in own]

    def drawn(self, field: Any, request: HttpRequest) -> SafeString:
        """The box to search in, with what is chosen: one of what the thing's own page would list."""
        box = AutocompleteSelect(field, admin.site, attrs={"aria-label": self.title})
        rows = admin.site.get_model_admin(field.remote_field.model).get_queryset(request).select_related("tenant")
        choice: Any = ModelChoiceField(rows, widget=box, required=False)
        choice.label_from_instance = with_tenant
        given = self.lookup_val[-1] if self.lookup_val else None
        drawn: SafeString = choice.widget.render(self.lookup_kwarg, given if NUMBER.fullmatch(str(given)) else None)
        return drawn


def with_tenant(row: Any) -> str:
    """A thing's name, and whose it is."""
    return f"{row} ({row.tenant})"
