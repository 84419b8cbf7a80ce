"""Inboxes, teams and labels."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.authentication import actor_of
from accounts.listing import paged
from accounts.models import Membership
from accounts.permissions import allowed
from conversations import actions
from conversations.directory import inbox_data, label_data, team_data
from conversations.models import Inbox, Label, Team
from conversations.serializers import InboxChange, InboxInput, LabelInput, TeamInput
from conversations.views.asking import given
from conversations.views.documents import InboxAnswer, InboxWithKeyAnswer, LabelAnswer, TeamAnswer, gone, paging


def inbox_and_members(actor: Actor, inbox: Inbox) -> dict[str, Any]:
    """One inbox; to those who manage it, with the members whom it is restricted to."""
    if not allowed(actor, "inbox.manage"):
        return inbox_data(inbox)
    rows = Membership.visible_to(actor).values_list("user_id", "inbox_ids")
    return inbox_data(inbox, sorted(user_id for user_id, inbox_ids in rows if inbox.pk in inbox_ids))


class InboxesView(APIView):
    permissions = {"GET": "inbox.read", "POST": "inbox.manage"}

    @extend_schema(parameters=paging, responses=InboxAnswer(many=True))
    def get(self, request: Request) -> Response:
        return paged(request, Inbox.visible_to(actor_of(request)).filter(is_active=True).order_by("pk"), inbox_data)

    @extend_schema(request=InboxInput, responses={201: InboxWithKeyAnswer})
    def post(self, request: Request) -> Response:
        """Make an inbox. `key` is its secret, shown this once."""
        actor = actor_of(request)
        inbox, secret = actions.create_inbox(actor, **given(InboxInput, request))
        return Response({**inbox_and_members(actor, inbox), "key": secret}, status=201)


class InboxView(APIView):
    permissions = {"GET": "inbox.read", "PATCH": "inbox.manage", "DELETE": "inbox.manage"}

    @extend_schema(responses=InboxAnswer)
    def get(self, request: Request, inbox_id: int) -> Response:
        actor = actor_of(request)
        return Response(inbox_and_members(actor, Inbox.visible_to(actor).get(pk=inbox_id)))

    @extend_schema(request=InboxChange, responses=InboxAnswer)
    def patch(self, request: Request, inbox_id: int) -> Response:
        actor = actor_of(request)
        inbox = actions.update_inbox(actor, inbox_id, **given(InboxChange, request, partial=True))
        return Response(inbox_and_members(actor, inbox))

    @extend_schema(responses=gone)
    def delete(self, request: Request, inbox_id: int) -> Response:
        actions.delete_inbox(actor_of(request), inbox_id)
        return Response(status=204)


class InboxSecretView(APIView):
    permissions = {"POST": "inbox.manage"}

    @extend_schema(request=None, responses=InboxWithKeyAnswer)
    def post(self, request: Request, inbox_id: int) -> Response:
        """Make a new secret, shown this once as `key`; the old one is dead at once."""
        actor = actor_of(request)
        inbox, secret = actions.rotate_inbox_secret(actor, inbox_id)
        return Response({**inbox_and_members(actor, inbox), "key": secret})


class TeamsView(APIView):
    permissions = {"GET": "team.read", "POST": "team.manage"}

    @extend_schema(parameters=paging, responses=TeamAnswer(many=True))
    def get(self, request: Request) -> Response:
        rows = Team.visible_to(actor_of(request)).prefetch_related("members")
        return paged(request, rows.order_by("name", "pk"), team_data)

    @extend_schema(request=TeamInput, responses={201: TeamAnswer})
    def post(self, request: Request) -> Response:
        return Response(team_data(actions.create_team(actor_of(request), **given(TeamInput, request))), status=201)


class TeamView(APIView):
    permissions = {"GET": "team.read", "PATCH": "team.manage", "DELETE": "team.manage"}

    @extend_schema(responses=TeamAnswer)
    def get(self, request: Request, team_id: int) -> Response:
        return Response(team_data(Team.visible_to(actor_of(request)).get(pk=team_id)))

    @extend_schema(request=TeamInput, responses=TeamAnswer)
    def patch(self, request: Request, team_id: int) -> Response:
        fields = given(TeamInput, request, partial=True)
        return Response(team_data(actions.update_team(actor_of(request), team_id, **fields)))

    @extend_schema(responses=gone)
    def delete(self, request: Request, team_id: int) -> Response:
        actions.delete_team(actor_of(request), team_id)
        return Response(status=204)


class LabelsView(APIView):
    permissions = {"GET": "label.read", "POST": "label.manage"}

    @extend_schema(parameters=paging, responses=LabelAnswer(many=True))
    def get(self, request: Request) -> Response:
        return paged(request, Label.visible_to(actor_of(request)).order_by("name", "pk"), label_data)

    @extend_schema(request=LabelInput, responses={201: LabelAnswer})
    def post(self, request: Request) -> Response:
        return Response(label_data(actions.create_label(actor_of(request), **given(LabelInput, request))), status=201)


class LabelView(APIView):
    permissions = {"GET": "label.read", "PATCH": "label.manage", "DELETE": "label.manage"}

    @extend_schema(responses=LabelAnswer)
    def get(self, request: Request, label_id: int) -> Response:
        return Response(label_data(Label.visible_to(actor_of(request)).get(pk=label_id)))

    @extend_schema(request=LabelInput, responses=LabelAnswer)
    def patch(self, request: Request, label_id: int) -> Response:
        fields = given(LabelInput, request, partial=True)
        return Response(label_data(actions.update_label(actor_of(request), label_id, **fields)))

    @extend_schema(responses=gone)
    def delete(self, request: Request, label_id: int) -> Response:
        actions.delete_label(actor_of(request), label_id)
        return Response(status=204)
