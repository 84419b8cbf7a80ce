"""The main job, as people see it: a customer and an agent talk, a supervisor watches, and a cut cable loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.cable import Cable
from tests.browser.glimpses import glimpsed

pytestmark = pytest.mark.browser
CUT_MS = 10_000


def write(shop: Page, text: str) -> None:
    """The customer writes in the widget."""
    shop.fill(".composer textarea", text)
    shop.press(".composer textarea", "Enter")


def said(page: Page, text: str) -> Locator:
    return page.locator(".message", has_text=text)


def uses(message: Locator, tool: str) -> None:
    """One of a message's tools, by the keyboard: under a pointer it moves on when another comes or goes."""
    message.focus()
    message.get_by_role("button", name=tool).press("Enter")


def greet(agent: Page, shop: Page, mark: str) -> None:
    """The customer writes; the agent sees it without a reload, opens it, and each sees the other type."""
    shop.click(".launcher")
    write(shop, f"Oi, a planta {mark} chegou murcha")
    agent.get_by_role("tab", name="Abertas").click()
    row = agent.locator(".row", has_text=mark)
    expect(row).to_be_visible()
    row.click()
    expect(said(agent, f"planta {mark}")).to_be_visible()
    with glimpsed(shop, ".message.typing"):
        agent.locator("#composer").press_sequentially("Sinto muito", delay=30)
    with glimpsed(agent, ".message.typing"):
        shop.locator(".composer textarea").press_sequentially("e o vaso", delay=30)


def answer(agent: Page, shop: Page, mark: str) -> None:
    """The agent answers; the customer reads it, and the ticks say so. A note stays inside."""
    agent.press("#composer", "Enter")
    expect(said(shop, "Sinto muito")).to_be_visible()
    ours = agent.locator(".message[data-side=ours]", has_text="Sinto muito")
    expect(ours.locator(".ticks[data-status=read]")).to_be_visible()
    agent.click("[aria-keyshortcuts=n]")
    agent.fill("#composer", f"nota {mark}")
    agent.press("#composer", "Enter")
    expect(agent.locator(".message[data-side=note]", has_text=f"nota {mark}")).to_be_visible()


def react_and_delete(agent: Page, shop: Page, mark: str) -> None:
    """The agent reacts, then says something wrong and deletes it."""
    question = said(agent, f"planta {mark}")
    uses(question, "Reagir")
    agent.locator(".emoji-grid button").first.click()
    expect(question.locator(".reaction")).to_be_visible()
    expect(said(shop, f"planta {mark}").locator(".reaction")).to_be_visible()
    agent.click("[aria-keyshortcuts=r]")
    agent.fill("#composer", f"senha {mark}")
    agent.press("#composer", "Enter")
    wrong = agent.locator(".message[data-side=ours]", has_text=f"senha {mark}")
    expect(said(shop, f"senha {mark}")).to_be_visible()
    expect(wrong.locator(".ticks[data-status=read]")).to_be_visible()
    uses(wrong, "Apagar")
    expect(said(shop, f"senha {mark}")).to_have_count(0)


def lose_the_network(agent: Page, shop: Page, mark: str, cable: Cable) -> None:
    """The agent's cable is out for ten seconds while the customer goes on writing; then everything is there, once."""
    cable.cut()
    for number in range(3):
        write(shop, f"sem rede {number} {mark}")
    expect(said(shop, f"sem rede 2 {mark}").locator(".icon-check, .icon-checks")).to_be_visible()
    expect(agent.locator(".connection[data-shown]")).to_be_visible()
    agent.wait_for_timeout(CUT_MS)
    expect(said(agent, "sem rede")).to_have_count(0)
    cable.mend()
    expect(said(agent, f"sem rede 2 {mark}")).to_be_visible()
    write(shop, f"de volta {mark}")
    expect(said(agent, f"de volta {mark}")).to_be_visible()
    for number in range(3):
        expect(said(agent, f"sem rede {number} {mark}")).to_have_count(1)


def close_and_rate(agent: Page, shop: Page, mark: str) -> None:
    """The agent closes; the customer rates with five and a comment."""
    agent.locator(".head-actions").get_by_role("button", name="Encerrar").click()
    survey = shop.locator(".survey")
    expect(survey).to_be_visible()
    survey.locator("input[value='5']").check(force=True)
    survey.locator("textarea").fill(f"Ótimo {mark}")
    survey.locator("button[type=submit]").click()


def test_a_customer_and_an_agent_talk_and_a_supervisor_sees_it(
    window: Callable[..., Page], desk: Callable[..., Page], cable: Cable
) -> None:
    mark = uuid4().hex[:6]
    agent = desk("agent", base_url=f"http://localhost:{cable.port}")
    wall = desk("supervisor", "/live/")
    shop = window("/demo/shop/")
    loaded = agent.evaluate("performance.timeOrigin")
    closed = wall.locator("[data-metric=closed_conversations]")
    closed_before = closed.inner_text()

    greet(agent, shop, mark)
    conversation = urlsplit(agent.url).path
    answer(agent, shop, mark)
    react_and_delete(agent, shop, mark)
    lose_the_network(agent, shop, mark, cable)
    close_and_rate(agent, shop, mark)

    expect(wall.get_by_text(f"Ótimo {mark}")).to_be_visible()
    expect(closed).not_to_have_text(closed_before)
    record = wall.locator("[data-action=survey_answered]", has=wall.locator(f"a[href='{conversation}']"))
    expect(record.first).to_be_visible()
    assert agent.evaluate("performance.timeOrigin") == loaded
    expect(shop.get_by_text(f"nota {mark}")).to_have_count(0)
