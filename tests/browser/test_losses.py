"""What people were doing is not lost: not with an ended session, not to the next person, and not for want of HTTPS."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WITHOUT_TLS, follows, log_in
from tests.browser.happenings import Company

pytestmark = pytest.mark.browser


@pytest.fixture
def plainly(server: str) -> str:
    """The product's address for those who have no HTTPS."""
    return f"http://{WITHOUT_TLS}:{urlsplit(server).port}"


@pytest.fixture
def conversation(company: Company) -> int:
    return int(company.customer_writes(f"Oi {uuid4().hex[:6]}")["conversation_id"])


def test_a_page_without_https_copies_and_sends(desk: Callable[..., Page], plainly: str, conversation: int) -> None:
    page = desk("agent", f"/c/{conversation}/", base_url=plainly)
    assert not page.evaluate("isSecureContext")
    question = page.locator(".message[data-side=theirs]").first
    question.hover()
    question.get_by_role("button", name="Copiar").click()
    page.press("#composer", "Control+V")
    expect(page.locator("#composer")).to_have_value(question.locator(".prose").inner_text())

    page.press("#composer", "Enter")
    expect(page.locator(".message[data-side=ours] .ticks[data-status]")).to_be_visible()


def test_a_session_that_ends_while_one_writes_loses_nothing(desk: Callable[..., Page], conversation: int) -> None:
    page = desk("agent", f"/c/{conversation}/")
    expect(page.locator(".message[data-side=theirs]")).to_be_visible()
    page.fill("#composer", "isto vai sem mim")
    page.context.clear_cookies(name="niochat_session")
    page.press("#composer", "Enter")
    page.wait_for_url(lambda url: "/login" in url)
    expect(page.get_by_role("status")).to_contain_text("Sua sessão terminou")

    log_in(page, "agent")
    ours = page.locator(".message[data-side=ours]", has_text="isto vai sem mim")
    expect(ours.locator(".ticks[data-status]")).to_be_visible()
    expect(ours).to_have_count(1)


def log_in_instead(page: Page, username: str, conversation: int) -> None:
    """Somebody else sits down at this window, whose session has ended meanwhile."""
    page.goto("about:blank")
    page.context.clear_cookies(name="niochat_session")
    page.goto(f"/login/?next=/c/{conversation}/")
    log_in(page, username)
    follows(page)


def test_the_next_person_at_a_window_finds_nothing_of_the_one_before(
    desk: Callable[..., Page], conversation: int
) -> None:
    page = desk("agent", f"/c/{conversation}/")
    page.fill("#composer", "só para mim")

    log_in_instead(page, "agent2", conversation)
    expect(page.locator("#composer")).to_have_value("")

    log_in_instead(page, "agent", conversation)
    expect(page.locator("#composer")).to_have_value("só para mim")
