"""The workplace's own routes: the snapshot and the numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import clock
from accounts.actor import Actor
from accounts.authentication import actor_of
from accounts.errors import Refused, UnknownReference
from accounts.listing import choice_in, id_in, moment_in
from accounts.models import Membership
from conversations.models import Inbox, Team
from dashboard import metrics
from dashboard.buckets import INTERVALS, Interval, boundaries
from dashboard.documents import MetricsAnswer, SeriesAnswer, SnapshotAnswer, series_query
from dashboard.series import SERIES, points
from dashboard.state import snapshot
from realtime.events import iso

# Twice what a chart shows, so that it can be compared with what was before.
LOOKING_BACK: dict[Interval, timedelta] = {
    "hour": timedelta(hours=47),
    "day": timedelta(days=59),
    "week": timedelta(weeks=25),
    "month": timedelta(days=700),
}


class SnapshotView(APIView):
    permissions = {"GET": "snapshot.read"}

    @extend_schema(responses=SnapshotAnswer, operation_id="snapshot")
    def get(self, request: Request) -> Response:
        """What a fresh dashboard draws. Frames after `cursors` carry it on."""
        return Response(snapshot(actor_of(request)))


class MetricsView(APIView):
    permissions = {"GET": "metrics.read"}

    @extend_schema(responses=MetricsAnswer, operation_id="dashboard_metrics")
    def get(self, request: Request) -> Response:
        """The live numbers, at most a second old."""
        return Response(metrics.current(actor_of(request).tenant_id).data())


class SeriesView(APIView):
    permissions = {"GET": "metrics.read"}

    @extend_schema(parameters=series_query, responses=SeriesAnswer, operation_id="dashboard_series")
    def get(self, request: Request) -> Response:
        """A number over time: a point for each hour, day, week or month, of the inboxes that one sees."""
        actor = actor_of(request)
        name, interval = choice_in(request, "metric", SERIES), asked_interval(request)
        if not name:
            raise Refused(_("Say which: metric."), code="required", attr="metric")
        until = moment_in(request, "to") or clock.now()
        since = moment_in(request, "from") or until - LOOKING_BACK[interval]
        zone = metrics.zone_of(actor.tenant_id)
        bounds = boundaries(interval, since, until, zone)
        found = points(actor, name, bounds, narrowed(actor, request))
        span = {"timezone": zone.key, "from": iso(bounds[0]), "to": iso(bounds[-1])}
        return Response({"metric": name, "interval": interval, **span, "points": found})


def asked_interval(request: Request) -> Interval:
    return cast("Interval", choice_in(request, "interval", INTERVALS) or "day")


def narrowed(actor: Actor, request: Request) -> dict[str, int]:
    """The filters of the query; raises UnknownReference for what this actor does not see."""
    asked = {by: number for by in ("inbox", "agent", "team") if (number := id_in(request, by)) is not None}
    known: dict[str, Callable[[int], QuerySet[Any]]] = {
        "inbox": lambda pk: Inbox.visible_to(actor).filter(pk=pk),
        "agent": lambda pk: Membership.visible_to(actor).filter(user_id=pk),
        "team": lambda pk: Team.visible_to(actor).filter(pk=pk),
    }
    for by, number in asked.items():
        if not known[by](number).exists():
            raise UnknownReference(by)
    return asked
