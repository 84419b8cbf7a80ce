"""Addresses of the workplace."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboard import rest

API = "api/v1"

urlpatterns: list[URLPattern] = [
    path(f"{API}/snapshot", rest.SnapshotView.as_view(), name="snapshot"),
    path(f"{API}/dashboard/metrics", rest.MetricsView.as_view(), name="dashboard-metrics"),
]
