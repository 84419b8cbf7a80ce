"""CSAT for the team: ask now, the ratings, their summary."""

from __future__ import annotations

from typing import Any

from django.db.models import Avg, Count, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import actor_of
from accounts.listing import choice_in, id_in, moment_in, paged
from conversations import actions
from conversations.models import Survey
from conversations.payloads import survey_data
from conversations.shapes import SatisfactionSummary, SurveyLink
from conversations.views.documents import RatingAnswer, SummaryAnswer, SurveyLinkAnswer, paging, survey_filters

RATINGS = ["1", "2", "3", "4", "5"]


class SendSurveyView(APIView):
    permissions = {"POST": "survey.send"}

    @extend_schema(request=None, responses=SurveyLinkAnswer)
    def post(self, request: Request, conversation_id: int) -> Response:
        survey = actions.send_survey(actor_of(request), conversation_id)
        return Response(SurveyLink(token=survey.token, url=survey.url).model_dump())


class CsatView(APIView):
    permissions = {"GET": "csat.read"}

    @extend_schema(parameters=[*survey_filters, *paging], responses=RatingAnswer(many=True))
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
    return SatisfactionSummary(
        average=round(float(found["average"]), 2) if answered else None,
        score=round((found["r4"] + found["r5"]) / answered, 4) if answered else None,
        response_rate=round(answered / sent, 4) if sent else None,
        sent=sent,
        answered=answered,
        distribution={str(rating): found[f"r{rating}"] for rating in range(1, 6)},
    ).model_dump()
