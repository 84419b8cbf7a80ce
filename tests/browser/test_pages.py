"""Every page of the dashboard opens, by day, by night and on a phone, and its console has nothing to complain about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import follows
from tests.browser.happenings import Company

pytestmark = pytest.mark.browser
PAGES = [
    ("agent", "/", ".row"),
    ("agent", "/contacts/", ".row"),
    ("agent", "/settings/", ".settings-page form"),
    ("supervisor", "/live/", ".chart canvas"),
    ("admin", "/settings/people/", ".rows li"),
    ("admin", "/settings/inboxes/", ".rows > div"),
    ("admin", "/settings/labels/", ".rows li"),
]
# What the window cuts off at its side although somebody is meant to press it.
OUTSIDE = """() => [...document.querySelectorAll("button, a, input, select, textarea")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => one.getAttribute("aria-label") ?? one.textContent.trim())"""
# What moves has come where it goes; what moves for ever (dots, say) is not waited for.
AT_REST = """() => Promise.all(document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished.catch(() => {})))"""
LOOKS: dict[str, dict[str, Any]] = {
    "by day": {},
    "by night": {"color_scheme": "dark"},
    "on a phone": {"viewport": {"width": 390, "height": 844}},
}


@pytest.mark.parametrize(("username", "path", "sign"), PAGES)
def test_a_page_opens(desk: Callable[..., Page], username: str, path: str, sign: str) -> None:
    page = desk(username, path)

    expect(page.locator(sign).first).to_be_visible()
    follows(page)
    expect(page.locator(".connection[data-shown]")).to_have_count(0)


@pytest.fixture
def conversation(company: Company) -> str:
    """The page of one in which a customer has said some plain words."""
    return f"/c/{company.customer_writes(f'Oi, {uuid4().hex[:6]}')['conversation_id']}/"


@pytest.mark.parametrize("look", LOOKS)
def test_the_inbox_never_scrolls_as_a_whole(desk: Callable[..., Page], conversation: str, look: str) -> None:
    page = desk("agent", **LOOKS[look])
    page.locator(f".row[href='{conversation}']").click()
    expect(page.locator(".bubble")).to_be_visible()
    page.evaluate(AT_REST)

    sizes = page.evaluate(
        "() => [document.documentElement.scrollHeight, innerHeight, document.documentElement.scrollWidth, innerWidth]"
    )
    assert sizes[0] <= sizes[1]
    assert sizes[2] <= sizes[3]
    assert page.evaluate(OUTSIDE) == []


def test_a_page_for_supervisors_says_so_to_an_agent(desk: Callable[..., Page]) -> None:
    page = desk("agent", "/live/")

    expect(page.get_by_role("heading", name="Para supervisores")).to_be_visible()


def test_what_the_server_refuses_is_said_at_the_field(desk: Callable[..., Page]) -> None:
    page = desk("admin", "/settings/labels/")
    name = page.locator(".rows form input[name=name]")
    name.fill("atacado")
    name.press("Enter")
    expect(page.locator(".rows form input[name=name]:invalid")).to_be_focused()
    assert "atacado" in name.evaluate("it => it.validationMessage")

    name.fill("atacado novo")
    expect(page.locator(".rows form input[name=name]:valid")).to_be_visible()


def test_what_is_written_survives_a_reload(desk: Callable[..., Page], conversation: str) -> None:
    page = desk("agent", conversation)
    page.fill("#composer", "meio caminho andado")
    page.reload()

    expect(page.locator("#composer")).to_have_value("meio caminho andado")


def test_the_keyboard_goes_through_the_inbox(desk: Callable[..., Page], conversation: str) -> None:
    page = desk("agent")
    rows, chosen = page.locator(".row"), page.locator(".row[aria-selected=true]")
    expect(rows.first).to_have_attribute("href", conversation)
    page.keyboard.press("j")
    expect(chosen).to_have_attribute("href", conversation)
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("k")
    expect(chosen).to_have_attribute("href", conversation)

    message = page.locator(".message")
    expect(message).to_have_count(1)
    page.locator(".messages").focus()
    page.keyboard.press("ArrowUp")
    expect(message).to_be_focused()
    page.keyboard.press("Tab")
    react = message.get_by_role("button", name="Reagir")
    expect(react).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".emoji-grid button").first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".emoji-grid button").nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(react).to_be_focused()

    page.keyboard.press("n")
    expect(page.locator(".composer[data-note] #composer")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Atalhos do teclado")).to_be_visible()


def test_the_keyboard_goes_through_a_menu_of_menus(desk: Callable[..., Page], conversation: str) -> None:
    page = desk("agent", conversation)
    more = page.locator(".head-actions").get_by_role("button", name="Mais")
    more.press("Enter")
    expect(page.get_by_role("dialog", name="Conversa", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Equipe")).to_be_focused()

    page.keyboard.press("Escape")
    expect(page.locator(".menu")).to_have_count(0)
    expect(more).to_be_focused()
