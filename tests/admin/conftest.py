"""Two companies in the back office, and the browsers of those who look at them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from tests.admin.companies import STAFF_PASSWORD, Company, company, logged_in, platform
from tests.emptying import empty_database


@pytest.fixture(scope="module")
def companies(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[Company, Company]]:
    """They stay as they are: what a test does to them is rolled back."""
    with django_db_blocker.unblock():
        made = company("Lua"), company("Mar")
        platform()
    yield made
    with django_db_blocker.unblock():
        empty_database("default")


@pytest.fixture
def lua(companies: tuple[Company, Company], db: None) -> Company:
    return companies[0]


@pytest.fixture
def mar(companies: tuple[Company, Company], db: None) -> Company:
    return companies[1]


@pytest.fixture
def client(lua: Company) -> Client:
    """The browser of Lua's admin, who knows nothing of Mar."""
    return logged_in("Lua-admin")


@pytest.fixture
def staff(client: Client) -> Client:
    """The browser of the platform's staff."""
    return logged_in("root", STAFF_PASSWORD)
