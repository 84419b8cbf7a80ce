"""The components that NioChat's document prints, with our hook, plugin and service in place of the printed ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import patient
from tests.browser.happenings import Company
from tests.browser.printed import sites
from tests.browser.workshop import served

pytestmark = [pytest.mark.browser, pytest.mark.reference]


@pytest.fixture(scope="module")
def site(apps: Path) -> Iterator[str]:
    with served(sites.ours(apps)) as url:
        yield url


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    context = patient(browser.new_context(base_url=site))
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize("framework", ["react", "vue", "angular"])
def test_a_printed_dashboard_follows_by_our_binding(
    page: Page, company: Company, token: Callable[[str], str], framework: str
) -> None:
    page.goto(f"/{framework}.html")
    page.evaluate("(token) => start(token)", token("supervisor"))
    expect(page.get_by_text("Status: Conectado")).to_be_visible()
    expect(page.get_by_text("Total de Conversas:")).to_be_visible()
    mark = uuid4().hex[:6]

    company.everything(mark)

    expect(page.get_by_text(f"João Silva: 5 - Excelente atendimento {mark}")).to_be_visible()
    if framework == "angular":
        assert page.evaluate("service.isConnected() && service.csatUpdates().length === ratings.length")
    page.evaluate("stop()")
