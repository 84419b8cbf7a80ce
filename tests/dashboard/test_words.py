"""The texts that the dashboard's scripts speak."""

from __future__ import annotations

import gzip

import pytest
from django.conf import settings
from django.test import Client

from dashboard.views import catalogue_mark

ADDRESS = "/jsi18n/?language=es&mark=abc"


@pytest.mark.django_db
def test_the_address_decides_about_the_language_and_no_cookie() -> None:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "pt-br"
    answer = client.get(ADDRESS)

    assert "Valoraciones" in answer.content.decode()


@pytest.mark.django_db
def test_browsers_keep_the_texts_and_fetch_them_compressed() -> None:
    answer = Client(headers={"accept-encoding": "gzip"}).get(ADDRESS)

    assert "immutable" in answer["Cache-Control"]
    assert b"catalog" in gzip.decompress(answer.content)


def test_other_texts_have_another_address() -> None:
    assert len({catalogue_mark(language) for language, _ in settings.LANGUAGES}) == len(settings.LANGUAGES)
