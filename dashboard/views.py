"""The dashboard's pages. They are one document; what it shows is the address's business, in `router.js`."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from accounts.actor import Actor
from accounts.entrance import remember_language, signed_in
from accounts.models import Membership

STATIC = Path(__file__).parent / "static"
CLIENT = settings.BASE_DIR / "clients" / "js" / "src"
IMPORTED = re.compile(r'^(?:import|export) .*"\./(.+\.js)";$', re.MULTILINE)
SHEETS = [
    "dashboard/vendor/uplot/uPlot.min.css",
    *(f"dashboard/css/{name}.css" for name in ("inbox", "thread", "window", "live", "settings", "narrow")),
]
# Not for the first paint: a plain script of the head, and what draws the live page's charts.
PLAIN = {"theme.js"}
CHARTS = {"charts.js", "uPlot.esm.js"}
KEPT_S = 365 * 86_400
catalogue = JavaScriptCatalog.as_view()


@require_safe
@never_cache
@ensure_csrf_cookie
@signed_in
def page(request: HttpRequest, actor: Actor, /, **_: object) -> HttpResponse:
    """Any page of the dashboard, in its reader's language; whoever has no session logs in first."""
    membership = Membership.of(actor)
    language = membership.user.language or membership.tenant.language
    needed = modules(charts=request.path_info.startswith("/live/"))
    with translation.override(language):
        context = {
            "modules": needed,
            "sheets": SHEETS,
            "mark": catalogue_mark(language),
            "file_most": settings.ATTACHMENT_MAX_BYTES,
        }
        response = render(request, "dashboard/app.html", context)
    remember_language(response, language)
    return response


@gzip_page
@cache_control(public=True, max_age=KEPT_S, immutable=True)
def words(request: HttpRequest) -> HttpResponseBase:
    """The texts of the scripts in the language that the address names; its mark changes with them."""
    asked = request.GET.get("language", "")
    with translation.override(asked if asked in dict(settings.LANGUAGES) else translation.get_language()):
        return catalogue(request)


@cache
def catalogue_mark(language: str) -> str:
    """What the texts of the scripts are in a language, in few letters: other texts, another address."""
    compiled = settings.BASE_DIR / "locale" / translation.to_locale(language) / "LC_MESSAGES" / "djangojs.mo"
    return sha256(compiled.read_bytes()).hexdigest()[:12] if compiled.exists() else ""


@cache
def modules(*, charts: bool) -> list[str]:
    """Every module that the first paint needs, so that the browser fetches them at once and not import by import."""
    later = PLAIN if charts else PLAIN | CHARTS
    found = sorted((STATIC / "dashboard").rglob("*.js"))
    ours = [str(path.relative_to(STATIC)) for path in found if path.name not in later]
    return [*(f"niochat-client/{name}" for name in imported_by("index.js")), *ours]


def imported_by(name: str, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A module of the client and all that it imports; the bindings for other people's frameworks are none of them."""
    known = (*known, name)
    for further in IMPORTED.findall((CLIENT / name).read_text()):
        if further not in known:
            known = imported_by(further, known)
    return known
