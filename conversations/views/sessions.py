"""The session of an inbox's phone: connected by a code that is scanned, looked at, parted."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import actor_of
from conversations import actions
from conversations.models import Channel, Inbox
from conversations.sessions import session_data
from conversations.views.documents import PhoneSessionAnswer


class SessionView(APIView):
    permissions = {"GET": "inbox.manage", "POST": "inbox.manage", "DELETE": "inbox.manage"}

    @extend_schema(responses=PhoneSessionAnswer)
    def get(self, request: Request, inbox_id: int) -> Response:
        """How the phone's session stands, with the code that can be scanned now."""
        rows = Inbox.visible_to(actor_of(request)).select_related("account")
        inbox = rows.get(pk=inbox_id, channel=Channel.WHATSAPP_QR, is_active=True, account__isnull=False)
        return Response(session_data(inbox.account))

    @extend_schema(request=None, responses={202: PhoneSessionAnswer})
    def post(self, request: Request, inbox_id: int) -> Response:
        """Connect the phone: each code to scan comes as `qr_code`, each change as `session_status`."""
        return Response(session_data(actions.start_session(actor_of(request), inbox_id)), status=202)

    @extend_schema(responses=PhoneSessionAnswer)
    def delete(self, request: Request, inbox_id: int) -> Response:
        """Part the phone from the inbox."""
        return Response(session_data(actions.end_session(actor_of(request), inbox_id)))


class RestartView(APIView):
    permissions = {"POST": "inbox.manage"}

    @extend_schema(request=None, responses={202: PhoneSessionAnswer})
    def post(self, request: Request, inbox_id: int) -> Response:
        """Connect the phone anew, with the same phone where the gateway still has it."""
        return Response(session_data(actions.restart_session(actor_of(request), inbox_id)), status=202)
