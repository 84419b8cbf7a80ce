"""Every address of the product. Routes for programs stand without the trailing slash; `OptionalSlash` takes it off."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.i18n import JSONCatalog

from dashboard.views import words
from niochat import errors, health
from niochat.sockets import PATHS, upgrade_required

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health.alive, name="health"),
    path("health/ready", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("jsi18n/", words, name="javascript-catalog"),
    path("jsi18n.json", JSONCatalog.as_view(), name="json-catalog"),
    path("api/v1/", include("niochat.docs")),
    *(re_path(route, upgrade_required) for route in PATHS),
]
urlpatterns += [
    path("", include(f"{app}.urls"))
    for app in ("accounts", "conversations", "audit", "realtime", "dashboard")
    if find_spec(f"{app}.urls")
]
# Django itself would answer a developer with a page of its own; a program always gets the contract's shape.
urlpatterns.append(re_path(r"^(?:api|webhooks)(?:/.*)?$", errors.no_such_route))

handler400 = "niochat.errors.bad_request"
handler403 = "niochat.errors.forbidden"
handler404 = "niochat.errors.not_found"
handler500 = "niochat.errors.server_error"
