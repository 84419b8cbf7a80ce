"""The dashboard's connection, as its reader sees it come and go."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cable import Cable
from tests.browser.conftest import follows
from tests.browser.happenings import Company

pytestmark = pytest.mark.browser


def test_a_lost_connection_is_told_and_comes_back_by_itself(
    desk: Callable[..., Page], cable: Cable, company: Company
) -> None:
    agent = desk("agent", base_url=f"http://localhost:{cable.port}")
    bar = agent.locator(".connection[data-shown]")
    expect(agent.locator(".row").first).to_be_visible()
    expect(bar).to_have_count(0)

    cable.cut()
    expect(bar).to_be_visible()
    meanwhile = company.customer_writes(f"Oi {uuid4().hex[:6]}")["content"]
    cable.mend()
    expect(agent.locator(".row", has_text=meanwhile)).to_be_visible()
    expect(bar).to_have_count(0)


def test_whoever_writes_while_the_connection_is_away_is_seen_to_type_as_soon_as_it_is_back(
    desk: Callable[..., Page], cable: Cable, company: Company
) -> None:
    conversation = company.customer_writes(f"Oi {uuid4().hex[:6]}")["conversation_id"]
    agent = desk("agent", f"/c/{conversation}/", base_url=f"http://localhost:{cable.port}")
    agent.evaluate("() => { const moment = Date.now(); Date.now = () => moment; }")
    with company.colleague("agent2") as colleague:
        colleague.say("join", conversation_id=conversation)
        colleague.hears("viewers", conversation_id=conversation)
        cable.cut()
        expect(agent.locator(".connection[data-shown]")).to_be_visible()
        agent.locator("#composer").press_sequentially("Um")
        cable.mend()
        follows(agent)
        agent.locator("#composer").press_sequentially(" momento")
        colleague.hears("typing", conversation_id=conversation, is_typing=True)


def test_a_window_whose_session_ended_elsewhere_goes_to_the_login(desk: Callable[..., Page]) -> None:
    agent = desk("agent2", own_session=True)
    other = agent.context.new_page()
    other.goto("/")
    follows(other)

    # Not from within a page: both windows leave for the login at once, and would take the answer with them.
    cookies = {str(cookie["name"]): str(cookie["value"]) for cookie in agent.context.cookies()}
    left = agent.context.request.post(
        urljoin(agent.url, "/api/v1/auth/logout"),
        headers={"X-CSRFToken": cookies["niochat_csrf"], "Referer": agent.url},
    )
    assert left.ok
    for window in (agent, other):
        window.wait_for_url(lambda url: "/login/" in url)
