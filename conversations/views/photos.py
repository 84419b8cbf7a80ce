"""A customer's photo, by a link that lasts: whoever holds it may see it."""

from __future__ import annotations

from django.core import signing
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from conversations.photos import key_of


@require_safe
def photo(request: HttpRequest, token: str) -> FileResponse:
    """The picture behind a signed name; 404 for a forged one, and where the storage has lost it."""
    try:
        content = default_storage.open(key_of(token))
    except (signing.BadSignature, FileNotFoundError):
        raise Http404 from None
    response = FileResponse(content, content_type="image/jpeg")
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
