"""Django's admin site: in by the product's own login, and for admins only."""

from __future__ import annotations

from typing import Any, NoReturn, cast

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.backoffice.desk import desk_of
from accounts.backoffice.filters import with_tenant


class Suggestions(AutocompleteJsonView):
    """Things of the desk's tenants by a part of their names, each with whose it is where that may be several."""

    def get_queryset(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset()
        return rows.select_related("tenant")

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        shown = super().serialize_result(obj, to_field_name)
        desk = desk_of(self.request)
        return shown | {"text": with_tenant(obj)} if desk and desk.has_several_tenants else shown


class BackofficeSite(admin.AdminSite):
    site_title = "NioChat"
    site_header = "NioChat"
    index_title = _("Administration")

    def has_permission(self, request: HttpRequest) -> bool:
        return desk_of(request) is not None

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The product's login page, whose throttle counts here too. Who is in already has no business here."""
        wanted = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}):
            wanted = reverse("admin:index")
        if self.has_permission(request):
            return HttpResponseRedirect(wanted)
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(wanted)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return cast("HttpResponse", Suggestions.as_view(admin_site=self)(request))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> NoReturn:
        """Passwords are changed in the product, where that ends the other sessions and is on record."""
        raise Http404

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> NoReturn:
        """One leaves by the product's own door, which ends the session."""
        raise Http404
