"""Surveys from the customer's side: REST for the widget, a page that needs no JavaScript. The token is the right."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.actor import Actor, Origin, Role
from accounts.door import client_ip
from accounts.errors import Refused
from accounts.permissions_drf import PUBLIC
from accounts.rates import count
from conversations import actions
from conversations.errors import BadRating, SurveyExpired
from conversations.models import Survey
from conversations.serializers import LONGEST_FEEDBACK, SurveyAnswer
from conversations.shapes import SurveyShown
from conversations.views.asking import given
from conversations.views.documents import SurveyShownAnswer
from conversations.views.embedding import Shared

LOOKS_A_MINUTE = 60
RATINGS = {str(rating): rating for rating in range(1, 6)}
FACES = ((1, _("Very bad")), (2, _("Bad")), (3, _("Fair")), (4, _("Good")), (5, _("Very good")))


class SurveyView(Shared):
    """Open to every site: whoever has the token may answer, and nothing of the browser's own is asked for."""

    permissions = {"GET": PUBLIC, "POST": PUBLIC}
    refusals = {"GET": [HTTPStatus.GONE], "POST": [HTTPStatus.GONE]}
    site = "*"

    @extend_schema(auth=[], responses=SurveyShownAnswer)
    def get(self, request: Request, token: str) -> Response:
        """Who asks, and what was answered so far."""
        return Response(survey_state(open_survey(token, client_ip(request))))

    @extend_schema(request=SurveyAnswer, auth=[], responses=SurveyShownAnswer)
    def post(self, request: Request, token: str) -> Response:
        """The customer's answer; until the survey closes, a later one takes its place."""
        ip = client_ip(request)
        survey = open_survey(token, ip)
        answer = given(SurveyAnswer, request)
        answered = actions.answer_survey(customer_of(survey, ip), survey.pk, **answer)
        survey.rating, survey.feedback = answered.rating, answered.feedback
        return Response(survey_state(survey))


def open_survey(token: str, ip: str) -> Survey:
    """The survey of this token while it can be answered. Raises Survey.DoesNotExist, SurveyExpired, RateLimited."""
    count("survey", ip, most=LOOKS_A_MINUTE, seconds=60)
    survey = Survey.by_token(token)
    if clock.now() > survey.closes_at:
        raise SurveyExpired
    return survey


def customer_of(survey: Survey, ip: str) -> Actor:
    """Whoever holds the link answers as the customer whom it was sent to."""
    return Actor(
        tenant_id=survey.tenant_id,
        role=Role.CONTACT,
        origin=Origin.SURVEY,
        contact_id=survey.contact_id,
        name=survey.contact.label,
        ip=ip,
    )


def survey_state(survey: Survey) -> dict[str, Any]:
    """What the customer may know of a survey."""
    return SurveyShown(
        company=survey.tenant.name,
        agent=survey.agent.name if survey.agent else None,
        rating=survey.rating,
        feedback=survey.feedback,
        closes_at=survey.closes_at,
    ).model_dump(mode="json")


@csrf_exempt  # The token in the address is the right to answer; a cookie would add nothing, and not everybody has one.
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """`/s/<token>/`: one question, five faces, a text field, a thank-you."""
    try:
        survey = open_survey(token, client_ip(request))
        return answered(request, survey) if request.method == "POST" else asked(request, survey)
    except (Survey.DoesNotExist, Refused) as refused:
        return sorry(request, refused)


def asked(request: HttpRequest, survey: Survey, problem: str = "") -> HttpResponse:
    """The question; or, once it is answered, the thank-you, from which the answer can be changed."""
    shown = {
        "survey": survey,
        "problem": problem,
        "ratings": FACES,
        "longest": LONGEST_FEEDBACK,
        "done": survey.rating is not None and "change" not in request.GET and not problem,
        "until": survey.closes_at,
    }
    return render(request, "survey/page.html", shown, status=422 if problem else 200)


def answered(request: HttpRequest, survey: Survey) -> HttpResponse:
    """Take the form and show the page again, so that reloading it sends nothing twice."""
    rating = RATINGS.get(request.POST.get("rating", ""))
    feedback = request.POST.get("feedback", "").replace("\x00", "").strip()[:LONGEST_FEEDBACK]
    if rating is None:
        return asked(request, survey, problem=BadRating.code)
    actions.answer_survey(customer_of(survey, client_ip(request)), survey.pk, rating=rating, feedback=feedback)
    return HttpResponseRedirect(request.path)


def sorry(request: HttpRequest, refused: Exception) -> HttpResponse:
    """A page for a link that is wrong, has closed, or was followed too often."""
    status = refused.status if isinstance(refused, Refused) else 404
    return render(request, "survey/sorry.html", {"status": int(status)}, status=status)
