"""`/demo/phone/`: a customer's phone that writes to the demo's WhatsApp inboxes. On a developer's machine only."""

from __future__ import annotations

from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from conversations.models import Channel, Inbox
from conversations.views.shop import DEMO_TENANT

# The page talks with the simulated provider, which listens beside us on a port of its own.
SIMULATOR = ["http://127.0.0.1:*"]


@require_safe
@csp_update({"connect-src": SIMULATOR, "img-src": SIMULATOR, "media-src": SIMULATOR})
def phone(request: HttpRequest) -> HttpResponse:
    """The phone; says so where no provider is simulated."""
    if not settings.DEBUG:
        raise Http404
    lines = {
        "simulator": Inbox.simulated(DEMO_TENANT, Channel.WHATSAPP, "graph_url"),
        "gateway": Inbox.simulated(DEMO_TENANT, Channel.WHATSAPP_QR, "base_url"),
    }
    return render(request, "phone/phone.html", lines)
