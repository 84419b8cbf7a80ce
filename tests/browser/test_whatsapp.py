"""A conversation by WhatsApp, from the customer's phone to the agent and back, with the ticks turning."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
# Generous: the machine that runs this runs everything else as well.
LIVE_MS = 15_000


def write(phone: Page, text: str) -> None:
    phone.fill("form .text", text)
    phone.press("form .text", "Enter")


def test_a_customers_phone_and_an_agent_talk(window: Callable[..., Page], desk: Callable[..., Page]):
    mark = uuid4().hex[:6]
    phone = window("/demo/phone/")
    agent = desk("agent")

    write(phone, f"Oi, a planta {mark} precisa de sol?")
    row = agent.locator(".row", has_text=mark)
    expect(row).to_be_visible(timeout=LIVE_MS)
    row.click()
    expect(agent.locator(".message", has_text=mark)).to_be_visible(timeout=LIVE_MS)
    expect(agent.locator(".window-left")).to_be_visible()

    agent.locator("#composer").press_sequentially("Só de manhã", delay=30)
    expect(phone.locator(".state")).to_have_text("escrevendo…", timeout=LIVE_MS)
    expect(phone.locator("li[data-mine] small[data-status=read]").last).to_be_visible(timeout=LIVE_MS)
    agent.press("#composer", "Enter")
    expect(phone.locator(".chat li", has_text="Só de manhã")).to_be_visible(timeout=LIVE_MS)
    ours = agent.locator(".message[data-side=ours]", has_text="Só de manhã")
    expect(ours.locator('.ticks[data-status="read"]')).to_be_visible(timeout=LIVE_MS)

    agent.get_by_role("button", name="Modelos").click()
    agent.get_by_role("button", name="retomar_conversa").click()
    agent.fill(".template-blanks input", "Joana")
    agent.press(".template-blanks input", "Enter")
    expect(phone.locator(".chat li", has_text="Oi, Joana!").last).to_be_visible(timeout=LIVE_MS)
