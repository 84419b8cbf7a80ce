"""The API's page, in a real browser: read it, log in on it, try a call; nothing from elsewhere, nothing inline."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
VIOLATIONS = "document.addEventListener('securitypolicyviolation', event => console.error('CSP', event.blockedURI))"


def test_the_page_lists_every_operation_and_tries_one_with_a_token(
    window: Callable[..., Page], server: str, token: Callable[[str], str]
) -> None:
    page = window("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(VIOLATIONS)
    page.goto("/api/v1/docs/")

    expect(page.locator("#operations-auth-auth_token")).to_be_visible()
    document = page.request.get("/api/v1/schema/", headers={"Accept": "application/json"}).json()
    operations = sum(len(methods) for methods in document["paths"].values())
    expect(page.locator(".opblock")).to_have_count(operations)

    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".auth-container input[aria-label='auth-bearer-value']").fill(token("supervisor"))
    page.locator(".auth-container").filter(has_text="bearer").get_by_role("button", name="Apply credentials").click()
    page.locator(".modal-ux").get_by_role("button", name="Close").first.click()

    tried = page.locator("#operations-auth-auth_me")
    tried.locator(".opblock-summary-control").first.click()
    tried.get_by_role("button", name="Try it out").click()
    tried.get_by_role("button", name="Execute").click()
    expect(tried.locator(".live-responses-table .response .response-col_status").first).to_contain_text("200")
    expect(tried.locator(".live-responses-table")).to_contain_text('"username": "supervisor"')

    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {urlsplit(server).netloc}
