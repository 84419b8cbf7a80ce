"""Addresses of the post room."""

from __future__ import annotations

from django.urls import path

from realtime.views import AsyncApiView, StatsView

urlpatterns = [
    path("api/v1/realtime/stats", StatsView.as_view(), name="realtime-stats"),
    path("api/v1/asyncapi", AsyncApiView.as_view(), name="asyncapi"),
]
