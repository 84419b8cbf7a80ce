"""The workplace's own routes: the snapshot and the numbers."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import actor_of
from dashboard import metrics
from dashboard.documents import MetricsAnswer, SnapshotAnswer
from dashboard.state import snapshot


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
