"""Client keys, and one's own sessions."""

from __future__ import annotations

from functools import partial

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import payloads
from accounts.actions.keys import create_key, revoke_key
from accounts.actions.sessions import end_session
from accounts.authentication import actor_of
from accounts.listing import paged
from accounts.models import AuthSession, ClientKey
from accounts.serializers import KeyInput
from accounts.views.documents import paging


class KeysView(APIView):
    permissions = {"GET": "key.manage", "POST": "key.manage"}

    @extend_schema(parameters=paging, responses=payloads.Keys, operation_id="keys_list")
    def get(self, request: Request) -> Response:
        keys = ClientKey.visible_to(actor_of(request)).select_related("membership").order_by("-pk")
        return paged(request, keys, payloads.key_data)

    @extend_schema(request=KeyInput, responses={201: payloads.FreshKey}, operation_id="keys_create")
    def post(self, request: Request) -> Response:
        """Make a key that acts for you, with your role or a lesser one, or with scopes. It is shown this once."""
        given = KeyInput(data=request.data)
        given.is_valid(raise_exception=True)
        key, text = create_key(actor_of(request), **given.validated_data)
        return Response(payloads.fresh_key_data(key, text), status=201)


class KeyView(APIView):
    permissions = {"DELETE": "key.manage"}

    @extend_schema(responses={204: None}, operation_id="keys_revoke")
    def delete(self, request: Request, key_id: int) -> Response:
        revoke_key(actor_of(request), key_id)
        return Response(status=204)


class SessionsView(APIView):
    permissions = {"GET": "session.own"}

    @extend_schema(parameters=paging, responses=payloads.Sessions, operation_id="sessions_list")
    def get(self, request: Request) -> Response:
        """Where you are logged in to this tenant, the newest first."""
        actor = actor_of(request)
        return paged(
            request, AuthSession.visible_to(actor).order_by("-pk"), partial(payloads.session_data, actor=actor)
        )


class SessionView(APIView):
    permissions = {"DELETE": "session.own"}

    @extend_schema(responses={204: None}, operation_id="sessions_revoke")
    def delete(self, request: Request, session_id: int) -> Response:
        """Log out of one of your sessions; its sockets close."""
        end_session(actor_of(request), session_id)
        return Response(status=204)
