"""The base of every page of the back office."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.backoffice.buttons import Button
from accounts.backoffice.columns import tenant_by
from accounts.backoffice.desk import Desk, desk_of
from accounts.backoffice.filters import TenantFilter
from accounts.errors import Refused

M = TypeVar("M", bound=Model)
# What a filter's links may ask of a field; nothing reaches across a relation but to its id.
LOOKUPS = ("", "__exact", "__in", "__isnull", "__gte", "__lt", "__id__exact", "__isempty")

# In this order: the second finds jQuery by the first.
NARROWING = ["admin/js/jquery.init.js", "accounts/filters.js"]


class TenantAdmin(admin.ModelAdmin, Generic[M]):  # type: ignore[type-arg]  # at run time it takes none
    """Reads the rows of the desk's tenants, changes them by `buttons` only.

    `fields` must be given: what is not in it, a secret first of all, is never shown. `tenant_path` leads from a row to
    its tenant; empty means that the rows are the platform's, for its staff alone.
    """

    tenant_path: ClassVar[str] = "tenant"
    buttons: ClassVar[Sequence[Button]] = ()
    # Fields beside those of `list_filter` that a link of ours may filter by.
    linked_by: ClassVar[Sequence[str]] = ()
    actions: Any = None
    list_per_page = 50
    show_full_result_count = False
    # A count for each choice of each filter is a query for each.
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False

    @property
    def media(self) -> Media:
        """With what the filters that are searched in need, before the page that uses it."""
        return super().media + AutocompleteSelect(None, self.admin_site).media + Media(js=NARROWING)

    # --- who sees what

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return self.desk(request).within(super().get_queryset(request), self.tenant_path)

    def desk(self, request: HttpRequest) -> Desk:
        found = desk_of(request)
        if found is None:
            raise PermissionDenied
        return found

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        desk = desk_of(request)
        return desk is not None and (desk.is_staff or bool(self.tenant_path))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    # --- lists

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = list(super().get_list_display(request))
        return [*columns, tenant_by(self.tenant_path)] if self.shows_tenants(request) else columns

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters = list(super().get_list_filter(request))
        return [TenantFilter, *filters] if self.shows_tenants(request) else filters

    def shows_tenants(self, request: HttpRequest) -> bool:
        return self.desk(request).has_several_tenants and self.tenant_path not in ("", "pk")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what our filters and links use. Django itself would let anybody ask `?password__startswith=`."""
        offered = {item[0] if isinstance(item, tuple) else item for item in self.list_filter}
        fields = [TenantFilter.parameter_name, *self.linked_by, *(name for name in offered if isinstance(name, str))]
        return lookup in {f"{name}{suffix}" for name in fields for suffix in LOOKUPS}

    # --- buttons

    def get_urls(self) -> list[URLPattern]:
        press = require_POST(self.admin_site.admin_view(self.press))
        return [path("<path:object_id>/do/<slug:name>/", press, name=self.address("press")), *super().get_urls()]

    def address(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def press(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Call one action, outside of any transaction: actions open their own."""
        row = self.get_object(request, unquote(object_id))
        button = next((each for each in self.buttons if each.name == name), None)
        if row is None or button is None or not button.fits(row):
            raise Http404
        actor = button.actor(self.desk(request), self.tenant_of(row))
        if actor is None:
            raise PermissionDenied
        self.tell(request, button.run, actor, row)
        return HttpResponseRedirect(self.page_after(request, object_id))

    def tell(self, request: HttpRequest, run: Callable[..., Any], *args: Any) -> None:
        """Run it, and say what came of it."""
        try:
            said = run(*args)
        except Refused as refused:
            self.message_user(request, refused.translated(), messages.ERROR)
        else:
            self.message_user(request, said if isinstance(said, str) else _("Done."), messages.SUCCESS)

    def page_after(self, request: HttpRequest, object_id: str) -> str:
        """The row's page, or the list where the row is gone."""
        if self.get_object(request, unquote(object_id)) is None:
            return reverse(f"admin:{self.address('changelist')}")
        return reverse(f"admin:{self.address('change')}", args=[object_id])

    def tenant_of(self, row: M) -> int | None:
        """The id of the row's tenant."""
        found: Any = row
        for step in self.tenant_path.split("__"):
            found = getattr(found, step, None)
        number: int | None = getattr(found, "pk", found)
        return number

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> Any:
        row = options.get("obj")
        return super().render_change_form(request, context | self.offered(request, row), *args, **options)

    def offered(self, request: HttpRequest, row: M | None) -> dict[str, Any]:
        """The buttons that this person may press on this row."""
        if row is None:
            return {}
        desk, tenant_id = self.desk(request), self.tenant_of(row)
        fitting = [button for button in self.buttons if button.fits(row) and button.actor(desk, tenant_id)]
        where = quote(row.pk)
        return {
            "buttons": [
                (button.label, reverse(f"admin:{self.address('press')}", args=[where, button.name]))
                for button in fitting
            ]
        }

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """What was done to a row stands in the audit."""
        query = urlencode(self.in_audit(unquote(object_id)))
        return HttpResponseRedirect(f"{reverse('admin:audit_auditrecord_changelist')}?{query}")

    def in_audit(self, object_id: str) -> dict[str, str]:
        """Which audit records are about a row."""
        return {"target_type": self.opts.model_name or "", "target_id": object_id}
