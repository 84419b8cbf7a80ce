"""CSAT for the team: ask now, the ratings, their summary."""

from __future__ import annotations

from typing import Any

from django.db.models import Avg, Count, Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import actor_of
from accounts.errors import NotFound
from accounts.listing import choice_in, id_in, moment_in, paged
from conversations import actions
from conversations.models import Survey
from conversations.payloads import survey_data
from conversations.views.documents import paging

RATINGS = ["1", "2", "3", "4", "5"]
survey_filters = [
    OpenApiParameter("rating", str, description="1 to 5."),
    OpenApiParameter("agent", str, description="A user's id."),
    OpenApiParameter("inbox", str, description="An inbox's id."),
    OpenApiParameter("conversation", str, description="A conversation's id."),
    OpenApiParameter("from", str, description="Answered at this time or later."),
    OpenApiParameter("to", str, description="Answered before this time."),
]
SurveyLink = inline_serializer("SurveyLink", {"token": serializers.CharField(), "url": serializers.CharField()})
RatingAnswer = inline_serializer(
    "Rating",
    {
        "id": serializers.IntegerField(),
        "conversation_id": serializers.IntegerField(),
        "inbox_id": serializers.IntegerField(),
        "contact": serializers.DictField(),
        "contact_name": serializers.CharField(),
        "agent": serializers.DictField(allow_null=True),
        "agent_id": serializers.IntegerField(allow_null=True),
        "rating": serializers.IntegerField(allow_null=True),
        "feedback": serializers.CharField(allow_blank=True),
        "sent_at": serializers.CharField(),
        "answered_at": serializers.CharField(allow_null=True),
        "timestamp": serializers.CharField(),
    },
    many=True,
)
SummaryAnswer = inline_serializer(
    "SatisfactionSummary",
    {
        "average": serializers.FloatField(allow_null=True, help_text="Mean rating, 1 to 5."),
        "score": serializers.FloatField(allow_null=True, help_text="Ratings of 4 and 5 by all ratings, 0 to 1."),
        "response_rate": serializers.FloatField(allow_null=True, help_text="Answers by surveys sent, 0 to 1."),
        "sent": serializers.IntegerField(),
        "answered": serializers.IntegerField(),
        "distribution": serializers.DictField(child=serializers.IntegerField()),
    },
)


class SendSurveyView(APIView):
    permissions = {"POST": "survey.send"}

    @extend_schema(request=None, responses=SurveyLink)
    def post(self, request: Request, conversation_id: int) -> Response:
        survey = actions.send_survey(actor_of(request), conversation_id)
        if survey is None:
            raise NotFound
        return Response({"token": survey.token, "url": survey.url})


class CsatView(APIView):
    permissions = {"GET": "csat.read"}

    @extend_schema(parameters=[*survey_filters, *paging], responses=RatingAnswer)
    def get(self, request: Request) -> Response:
        """Ratings, newest first; an agent sees their own."""
        rows = filtered(request).filter(rating__isnull=False).select_related("contact", "agent")
        return paged(request, rows.order_by("-answered_at", "-pk"), survey_data)


class CsatSummaryView(APIView):
    permissions = {"GET": "csat.read"}

    @extend_schema(parameters=survey_filters, responses=SummaryAnswer)
    def get(self, request: Request) -> Response:
        """Average, score, response rate and distribution of the ratings that the filters leave."""
        return Response(summary(filtered(request, moment_column="sent_at")))


def filtered(request: Request, *, moment_column: str = "answered_at") -> QuerySet[Survey]:
    """Narrow the actor's surveys as the query asks; raises Refused (bad_filter, bad_datetime)."""
    conditions: dict[str, Any] = {
        "rating": choice_in(request, "rating", RATINGS) or None,
        "agent_id": id_in(request, "agent"),
        "inbox_id": id_in(request, "inbox"),
        "conversation_id": id_in(request, "conversation"),
        f"{moment_column}__gte": moment_in(request, "from"),
        f"{moment_column}__lt": moment_in(request, "to"),
    }
    given = {key: value for key, value in conditions.items() if value is not None}
    return Survey.visible_to(actor_of(request)).filter(**given)


def summary(rows: QuerySet[Survey]) -> dict[str, Any]:
    """The figures of helpdesk practice: what is unknown is null, never an invented default."""
    counts = {f"r{rating}": Count("pk", filter=Q(rating=rating)) for rating in range(1, 6)}
    found = rows.aggregate(sent=Count("pk"), answered=Count("rating"), average=Avg("rating"), **counts)
    sent, answered = found["sent"], found["answered"]
    return {
        "average": round(float(found["average"]), 2) if answered else None,
        "score": round((found["r4"] + found["r5"]) / answered, 4) if answered else None,
        "response_rate": round(answered / sent, 4) if sent else None,
        "sent": sent,
        "answered": answered,
        "distribution": {str(rating): found[f"r{rating}"] for rating in range(1, 6)},
    }
