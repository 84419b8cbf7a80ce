"""The OpenAPI document and the page that shows it."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

# Its script comes by a request of its own: our policy allows no inline scripts. Its renderer knows this page only, so
# nothing but the page is to be had.
page = SpectacularSwaggerSplitView.as_view(
    url_name="schema", template_name="api_docs.html", http_method_names=["get", "head"]
)

urlpatterns = [path("schema", SpectacularAPIView.as_view(), name="schema"), path("docs", page, name="docs")]
