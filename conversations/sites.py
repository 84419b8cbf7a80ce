"""Which pages may embed an inbox's widget."""

from __future__ import annotations

import re

from django.conf import settings

from conversations.errors import OriginForbidden
from conversations.models import Inbox

LOCALHOST = re.compile(r"https?://(localhost|127\.0\.0\.1)(:\d{1,5})?", re.ASCII)


def ensure_allowed(inbox: Inbox, origin: str, own: str) -> None:
    """Raise OriginForbidden for a page whose origin is not on the inbox's list. `own` is where the request was sent to.

    A request without an Origin comes from our own pages or from no browser at all. With DEBUG any local port is
    welcome.
    """
    if origin in ("", own, settings.PUBLIC_URL) or origin in inbox.allowed_origins:
        return
    if not (settings.DEBUG and LOCALHOST.fullmatch(origin)):
        raise OriginForbidden
