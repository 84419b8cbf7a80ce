"""Log in, stay in, log out, and who am I."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib.auth import HASH_SESSION_KEY
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext_noop as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import payloads, resets, tokens
from accounts.actions.members import accept_invitation
from accounts.actions.profile import change_password, change_profile
from accounts.actions.resets import ask_for_reset, reset_password
from accounts.actions.sessions import end_session, renew_session, start_session
from accounts.actor import Actor, Origin
from accounts.authentication import actor_of
from accounts.credentials import examine
from accounts.door import door_of
from accounts.errors import Forbidden, SessionRevoked
from accounts.invitations import invited_by, password_for
from accounts.login import choose_membership, prove, prove_again
from accounts.models import AuthSession, Membership
from accounts.passwords import hash_of_new
from accounts.permissions_drf import PUBLIC
from accounts.serializers import (
    AcceptInput,
    ForgottenInput,
    LoginInput,
    PasswordInput,
    ProfileInput,
    RefreshInput,
    ResetInput,
    VerifyInput,
)


class PublicView(APIView):
    """Looks at no credentials: a stale token in a client's header must not keep it from getting a new one."""

    authentication_classes = ()
    permissions = {"POST": PUBLIC}
    refusals = {"POST": [HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND]}


class TokenView(PublicView):
    @extend_schema(request=LoginInput, responses=payloads.Tokens, operation_id="auth_token")
    def post(self, request: Request) -> Response:
        """Log in by user name or e-mail address. 429 after too many failures, whoever they were."""
        given = LoginInput(data=request.data)
        given.is_valid(raise_exception=True)
        user = prove(request, given.validated_data["username"], given.validated_data["password"])
        membership = choose_membership(user, given.validated_data["tenant"])
        session = start_session(membership, AuthSession.Kind.TOKEN, door_of(request, Origin.API))
        return Response(payloads.tokens_data(tokens.mint(session)))


class RefreshView(PublicView):
    @extend_schema(request=RefreshInput, responses=payloads.Tokens, operation_id="auth_token_refresh")
    def post(self, request: Request) -> Response:
        """A new pair for the newest refresh token. An older one shown again ends the whole session."""
        given = RefreshInput(data=request.data)
        given.is_valid(raise_exception=True)
        claims = tokens.read(given.validated_data["refresh"], "refresh")
        session = renew_session(claims, door_of(request, Origin.API))
        if session is None:
            raise SessionRevoked
        return Response(payloads.tokens_data(tokens.mint(session)))


class VerifyView(PublicView):
    @extend_schema(request=VerifyInput, responses=payloads.TokenState, operation_id="auth_token_verify")
    def post(self, request: Request) -> Response:
        """200 while the token, or the client key, would be accepted."""
        given = VerifyInput(data=request.data)
        given.is_valid(raise_exception=True)
        token_type, expires_at = examine(given.validated_data["token"])
        return Response(payloads.token_state_data(token_type, expires_at))


class LogoutView(APIView):
    permissions = {"POST": "session.own"}

    @extend_schema(request=None, responses={204: None}, operation_id="auth_logout")
    def post(self, request: Request) -> Response:
        """The session is dead at once: its access token too, and its sockets."""
        end_session(actor_of(request), own_session_id(actor_of(request)))
        request.session.flush()
        return Response(status=204)


class MeView(APIView):
    permissions = {"GET": "session.own", "PATCH": "session.own"}

    @extend_schema(responses=payloads.Me, operation_id="auth_me")
    def get(self, request: Request) -> Response:
        return Response(payloads.me_data(actor_of(request)))

    @extend_schema(request=ProfileInput, responses=payloads.Me, operation_id="auth_me_change")
    def patch(self, request: Request) -> Response:
        given = ProfileInput(data=request.data)
        given.is_valid(raise_exception=True)
        change_profile(actor_of(request), **given.validated_data)
        return Response(payloads.me_data(actor_of(request)))


class PasswordView(APIView):
    permissions = {"POST": "session.own"}

    @extend_schema(request=PasswordInput, responses=payloads.SessionsEnded, operation_id="auth_password")
    def post(self, request: Request) -> Response:
        """Change one's password; every other session of the user ends."""
        actor = actor_of(request)
        own_session_id(actor)
        given = PasswordInput(data=request.data)
        given.is_valid(raise_exception=True)
        user = Membership.of(actor).user
        prove_again(request, user, given.validated_data["current_password"], attr="current_password")
        user.password = hash_of_new(given.validated_data["new_password"], user, "new_password")
        ended = change_password(actor, user.password)
        if actor.origin is Origin.DASHBOARD:
            request.session.cycle_key()
            request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        return Response({"sessions_ended": ended})


class ForgottenView(PublicView):
    @extend_schema(
        request=ForgottenInput,
        responses={202: OpenApiResponse(description="If there is such an account, a link is on its way.")},
        operation_id="auth_password_forgotten",
    )
    def post(self, request: Request) -> Response:
        """Have a link for a new password sent to the account's address. The answer is the same whether there is one."""
        given = ForgottenInput(data=request.data)
        given.is_valid(raise_exception=True)
        door = door_of(request, Origin.API)
        resets.count(given.validated_data["username"], door.ip)
        ask_for_reset(given.validated_data["username"], get_language_from_request(request), door)
        return Response({}, status=HTTPStatus.ACCEPTED)


class ResetView(PublicView):
    @extend_schema(request=ResetInput, responses={204: None}, operation_id="auth_password_reset")
    def post(self, request: Request) -> Response:
        """Set a new password by the token of the link; every session of the user ends."""
        given = ResetInput(data=request.data)
        given.is_valid(raise_exception=True)
        token, password = given.validated_data["token"], given.validated_data["password"]
        password_hash = hash_of_new(password, resets.opened_by(token))
        reset_password(token, password_hash, door_of(request, Origin.API))
        return Response(status=HTTPStatus.NO_CONTENT)


class InvitationView(PublicView):
    @extend_schema(request=AcceptInput, responses=payloads.Tokens, operation_id="auth_invitation")
    def post(self, request: Request) -> Response:
        """Accept an invitation and be logged in: with a new password, or with that of the account one has."""
        given = AcceptInput(data=request.data)
        given.is_valid(raise_exception=True)
        invited = invited_by(given.validated_data["token"])
        password_hash = password_for(request, invited, given.validated_data["password"])
        door = door_of(request, Origin.API)
        membership = accept_invitation(invited, password_hash=password_hash, door=door)
        session = start_session(membership, AuthSession.Kind.TOKEN, door)
        return Response(payloads.tokens_data(tokens.mint(session)))


def own_session_id(actor: Actor) -> int:
    """The session that the actor came by; raises Forbidden for a client key, which has none."""
    if actor.session_id is None:
        raise Forbidden(_("A client key has no session; log in for this."))
    return actor.session_id
