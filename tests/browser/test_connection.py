"""The dashboard's connection, as its reader sees it come and go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cable import Cable

pytestmark = pytest.mark.browser
# Generous: the machine that runs this runs everything else as well.
LIVE_MS = 30_000


@pytest.fixture
def cable(server: str) -> Iterator[Cable]:
    """The agent's connection to the server."""
    cable = Cable(urlsplit(server).port or 80)
    yield cable
    cable.close()


def test_a_lost_connection_is_told_and_comes_back_by_itself(desk: Callable[..., Page], cable: Cable) -> None:
    agent = desk("agent", base_url=f"http://localhost:{cable.port}")
    bar = agent.locator(".connection[data-shown]")
    expect(agent.locator(".row").first).to_be_visible(timeout=LIVE_MS)
    expect(bar).to_have_count(0)

    cable.cut()
    expect(bar).to_be_visible(timeout=LIVE_MS)
    cable.mend()
    expect(bar).to_have_count(0, timeout=LIVE_MS)


def test_a_window_whose_session_ended_elsewhere_goes_to_the_login(desk: Callable[..., Page]) -> None:
    agent = desk("agent2")
    expect(agent.locator(".row").first).to_be_visible(timeout=LIVE_MS)
    other = agent.context.new_page()
    other.goto("/")
    expect(other.locator(".row").first).to_be_visible(timeout=LIVE_MS)

    # Not from within a page: both windows leave for the login at once, and would take the answer with them.
    cookies = {str(cookie["name"]): str(cookie["value"]) for cookie in agent.context.cookies()}
    left = agent.context.request.post(
        urljoin(agent.url, "/api/v1/auth/logout"),
        headers={"X-CSRFToken": cookies["niochat_csrf"], "Referer": agent.url},
    )
    assert left.ok
    for window in (agent, other):
        window.wait_for_url(lambda url: "/login/" in url, timeout=LIVE_MS)
