"""The API's document and its page."""

from __future__ import annotations

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_document_is_openapi_3_1_and_public(client: Client) -> None:
    document = client.get("/api/v1/schema/", headers={"Accept": "application/json"}).json()

    assert document["openapi"].startswith("3.1")
    assert "/api/v1/conversations" in document["paths"]


def test_its_page_needs_no_inline_script(client: Client) -> None:
    page = client.get("/api/v1/docs/").content.decode()
    sources = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)

    assert sources
    assert all("src=" in attributes and not content.strip() for attributes, content in sources)
    assert "<style" not in page
