"""The door of `api` inboxes: the tenant's own program brings what customers wrote elsewhere."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_noop as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor, Origin
from accounts.errors import NotAuthenticated, Refused
from accounts.permissions_drf import PUBLIC
from conversations import actions
from conversations.models import Channel, Inbox
from conversations.payloads import message_data
from conversations.serializers import InboundInput
from conversations.views.asking import given
from conversations.views.documents import MessageAnswer


class InboundView(APIView):
    """`Authorization: Bearer <inbox key>`; the same `external_id` twice is one message."""

    permissions = {"POST": PUBLIC}
    refusals = {"POST": [HTTPStatus.UNAUTHORIZED, HTTPStatus.CONFLICT]}
    authentication_classes = ()

    @extend_schema(request=InboundInput, responses=MessageAnswer)
    def post(self, request: Request, inbox_id: int) -> Response:
        inbox = proven_inbox(request, inbox_id)
        actor = Actor.system(inbox.tenant_id, Origin.WEBHOOK)
        fields = given(InboundInput, request)
        written = actions.Written(**fields.pop("contact"), **fields)
        message, is_new = actions.receive_message(actor, inbox.pk, written)
        return Response(message_data(message), headers={} if is_new else {"Idempotent-Replayed": "true"})


def proven_inbox(request: Request, inbox_id: int) -> Inbox:
    """The active `api` inbox of this id whose key the request bears.

    Without a key: NotAuthenticated. A wrong key reads the same whether or not there is such an inbox.
    """
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "token") or not key.strip():
        raise NotAuthenticated(_("Send the inbox's key."))
    try:
        return Inbox.by_key(inbox_id, Channel.API, key.strip())
    except Inbox.DoesNotExist:
        raise Refused(_("Invalid key"), code="token_invalid") from None
