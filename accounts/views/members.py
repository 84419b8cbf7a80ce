"""The people of a tenant."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import invitations, payloads
from accounts.actions.members import change_member, invite_member, remove_member
from accounts.authentication import actor_of
from accounts.listing import paged
from accounts.models import Membership
from accounts.serializers import InvitationInput, MemberInput
from accounts.views.documents import paging


class MembersView(APIView):
    permissions = {"GET": "user.read", "POST": "user.manage"}

    @extend_schema(parameters=paging, responses=payloads.Members, operation_id="users_list")
    def get(self, request: Request) -> Response:
        """Colleagues, the invited and the disabled included."""
        members = Membership.visible_to(actor_of(request)).select_related("user").order_by("pk")
        return paged(request, members, payloads.member_data)

    @extend_schema(request=InvitationInput, responses={201: payloads.Invitation}, operation_id="users_invite")
    def post(self, request: Request) -> Response:
        """Invite somebody; the link in the answer is how they come in. Nothing is sent by itself."""
        given = InvitationInput(data=request.data)
        given.is_valid(raise_exception=True)
        membership = invite_member(actor_of(request), **given.validated_data)
        token = invitations.token_for(membership)
        return Response(payloads.invitation_data(membership, token, invitations.link(token)), status=201)


class MemberView(APIView):
    permissions = {"GET": "user.read", "PATCH": "user.manage", "DELETE": "user.manage"}

    @extend_schema(responses=payloads.Member, operation_id="users_read")
    def get(self, request: Request, user_id: int) -> Response:
        members = Membership.visible_to(actor_of(request)).select_related("user")
        return Response(payloads.member_data(members.get(user_id=user_id)))

    @extend_schema(request=MemberInput, responses=payloads.Member, operation_id="users_change")
    def patch(self, request: Request, user_id: int) -> Response:
        """Change the role, the restricted inboxes, or shut out and let in. Open sockets learn it at once."""
        given = MemberInput(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(payloads.member_data(change_member(actor_of(request), user_id, **given.validated_data)))

    @extend_schema(responses={204: None}, operation_id="users_remove")
    def delete(self, request: Request, user_id: int) -> Response:
        """Take somebody out of the tenant; what they wrote stays."""
        remove_member(actor_of(request), user_id)
        return Response(status=204)
