"""`/demo/shop/`: a page like a customer's own, with the widget on it. On a developer's machine only."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from conversations.models import Inbox

DEMO_TENANT = "demo"
# Name, what it is, price in reais, the picture's name.
GOODS = (
    (_("Fern in a hanging pot"), _("Likes shade and company"), "89,00", "fern"),
    (_("Terracotta vase"), _("Thrown by hand, 24 cm"), "132,00", "vase"),
    (_("Snake plant"), _("Forgives every forgotten watering"), "74,00", "snake"),
    (_("Cup, speckled glaze"), _("Holds 220 ml of coffee"), "48,00", "cup"),
    (_("Cactus trio"), _("Three sizes, one tray"), "96,00", "cactus"),
    (_("Watering jug"), _("Enamel, long spout"), "118,00", "jug"),
)


@require_safe
def shop(request: HttpRequest) -> HttpResponse:
    """The shop window of the fictional Loja Aurora; says so where there is no demo company to chat with."""
    if not settings.DEBUG:
        raise Http404
    inbox = Inbox.first_embedded(DEMO_TENANT)
    return render(request, "shop/shop.html", {"key": inbox.token if inbox else "", "goods": GOODS})
