"""Addresses of the workplace."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboard import rest
from dashboard.views import page

API = "api/v1"

urlpatterns: list[URLPattern] = [
    path("", page, name="inbox"),
    path("c/<id:conversation_id>/", page, name="conversation-page"),
    path("live/", page, name="live"),
    path("contacts/", page, name="contacts-page"),
    path("contacts/<id:contact_id>/", page, name="contact-page"),
    path("settings/", page, name="settings"),
    path("settings/<slug:section>/", page, name="settings-section"),
    path(f"{API}/snapshot", rest.SnapshotView.as_view(), name="snapshot"),
    path(f"{API}/dashboard/metrics", rest.MetricsView.as_view(), name="dashboard-metrics"),
    path(f"{API}/dashboard/series", rest.SeriesView.as_view(), name="dashboard-series"),
]
