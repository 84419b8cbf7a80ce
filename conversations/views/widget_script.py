"""`/widget.js`."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from conversations.widget_script import built, widget_script

LASTS_S = 300


@require_safe
def script(request: HttpRequest) -> HttpResponseBase:
    """`/widget.js`. Any page may load it: it does nothing without an inbox that lists the page's site."""
    whole = built() if settings.DEBUG else widget_script()
    headers = {
        "ETag": whole.etag,
        "Cache-Control": f"public, max-age={LASTS_S}",
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if request.headers.get("If-None-Match") == whole.etag:
        return HttpResponse(status=304, headers=headers)
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    if zipped:
        headers["Content-Encoding"] = "gzip"
    content = whole.gzipped if zipped else whole.body
    return HttpResponse(content, content_type="text/javascript; charset=utf-8", headers=headers)
