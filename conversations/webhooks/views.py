"""`/webhooks/{provider}/{inbox token}`: verified as it came, stored, answered. What it says is read by a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext_noop as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor, Origin
from accounts.errors import NotFound, Refused
from accounts.permissions_drf import PUBLIC
from conversations import actions, metrics
from conversations.models import Inbox
from conversations.providers import RemoteProvider, by_slug, remote_of
from conversations.providers.base import AnswersDeliveries, KeepsLess, NumbersDeliveries

LONGEST_CHALLENGE = 256


@extend_schema(exclude=True)
class WebhookView(APIView):
    """The one door for all providers. Whatever is wrong with an address reads the same."""

    permissions = {"GET": PUBLIC, "POST": PUBLIC}
    authentication_classes = ()
    throttle_classes = ()

    def get(self, request: Request, provider: str, token: str) -> HttpResponse:
        """The handshake: the challenge back as plain text, for whoever knows the verify token."""
        adapter, inbox = addressed(provider, token)
        challenge = adapter.challenge(inbox, request.query_params.dict())
        if challenge is None:
            raise Refused(_("The verify token is wrong."), code="forbidden")
        if len(challenge) > LONGEST_CHALLENGE:
            raise Refused(_("The challenge is too long."), code="invalid", attr="hub.challenge")
        return HttpResponse(challenge, content_type="text/plain; charset=utf-8")

    def post(self, request: Request, provider: str, token: str) -> Response:
        """Keep it and say thanks. Nothing is stored of what the provider did not sign."""
        adapter, inbox = addressed(provider, token)
        try:
            is_new, answer = taken(adapter, inbox, request)
        except Refused as refused:
            metrics.posted.labels(adapter.slug, refused.code).inc()
            raise
        outcome = "received" if is_new else "duplicate"
        metrics.posted.labels(adapter.slug, outcome).inc()
        return Response(answer or {"status": outcome})


def taken(adapter: RemoteProvider, inbox: Inbox, request: Request) -> tuple[bool, Mapping[str, Any]]:
    """Whether what was posted is new, and what it is to be answered with; raises Refused for what is not believed."""
    raw = request.stream.read(settings.WEBHOOK_MAX_BYTES + 1) if request.stream else b""
    if len(raw) > settings.WEBHOOK_MAX_BYTES:
        raise Refused(_("The delivery is too large."), code="payload_too_large")
    if not adapter.verify(inbox, request.headers, raw):
        raise Refused(_("The signature is wrong."), code="signature_invalid")
    kept = adapter.kept(raw) if isinstance(adapter, KeepsLess) else raw
    key, answer = said_by(adapter, inbox, raw)
    actor = Actor.system(inbox.tenant_id, Origin.WEBHOOK)
    return actions.take_delivery(actor, inbox.pk, kept, key=key), answer


def said_by(adapter: RemoteProvider, inbox: Inbox, raw: bytes) -> tuple[str, Mapping[str, Any]]:
    """The provider's own number for a delivery, and what it is to be answered with, where it has such things.

    What can't be read has neither: it is kept and set aside, since a refusal would only have it sent again for ever.
    """
    try:
        key = adapter.delivery_key(inbox, raw) if isinstance(adapter, NumbersDeliveries) else ""
        return key, adapter.answer(raw) if isinstance(adapter, AnswersDeliveries) else {}
    except Refused:
        return "", {}


def addressed(provider: str, token: str) -> tuple[RemoteProvider, Inbox]:
    """The adapter and the inbox that an address names; raises NotFound."""
    adapter = by_slug(provider)
    if adapter is None:
        raise NotFound
    try:
        inbox = Inbox.posted_to(token, adapter.channel)
    except Inbox.DoesNotExist:
        raise NotFound from None
    if remote_of(inbox) is not adapter:
        raise NotFound
    return adapter, inbox
