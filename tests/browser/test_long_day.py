"""A day at the desk: what is read stays in its place, one tab is heard, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.happenings import Company

pytestmark = pytest.mark.browser
# A page that was closed may be on its way back for a while.
GONE_MS = 60_000
# More than the page keeps the messages of.
CUSTOMERS = 24
KEPT = 20
LONG = "Uma mensagem comprida, para que a conversa role. " * 6
FAR_FROM_END = "box => { box.scrollTop = 0; }"
GO = "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }"
OPENED = "import('/static/dashboard/app.js').then(app => Object.keys(app.current().messages).length)"
TWO_LOOK = "id => import('/static/dashboard/app.js').then(app => app.current().viewers[id]?.length > 1)"
COUNT_TONES = """
    window.tones = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...at) { window.tones += 1; return start.apply(this, at); };
"""


@pytest.fixture
def unlisted(company: Company) -> Any:
    """A conversation that no list of a fresh page holds."""
    query: dict[str, str | int] = {"status": "closed", "limit": 1, "offset": 300}
    return company.agents.get("/conversations", params=query).raise_for_status().json()[0]


@pytest.fixture
def talk(company: Company) -> int:
    """A conversation longer than the window."""
    who = uuid4().hex
    for number in range(12):
        message = company.customer_writes(f"{number}: {LONG}", identifier=who)
    return int(message["conversation_id"])


def writes_on(company: Company, conversation: int, content: str) -> None:
    """A colleague adds a note, which everybody sees."""
    body = {"content": content, "private": True}
    company.api.post(f"/conversations/{conversation}/messages", json=body).raise_for_status()


def opened(page: Page, conversation: int) -> None:
    expect(page.locator(f".messages[data-thread='{conversation}'] article").last).to_be_visible()


def top_of(page: Page, words: str) -> float:
    box = page.locator("article", has_text=words).first.bounding_box()
    assert box is not None
    return box["y"]


def test_what_comes_while_one_reads_further_up_is_counted_and_moves_nothing(
    desk: Callable[..., Page], company: Company, talk: int
) -> None:
    page = desk("agent", f"/c/{talk}/")
    opened(page, talk)
    page.locator(".messages").evaluate(FAR_FROM_END)
    pill = page.locator(".to-latest")
    expect(pill).to_have_text("Mais recentes")
    before = top_of(page, "0: Uma mensagem")

    for number in range(3):
        writes_on(company, talk, f"depois {number}")
    expect(pill).to_have_text("3 novas")
    assert top_of(page, "0: Uma mensagem") == before

    pill.click()
    expect(page.locator("article", has_text="depois 2")).to_be_in_viewport()
    expect(pill).to_be_hidden()
    writes_on(company, talk, "mais uma")
    expect(page.locator("article", has_text="mais uma")).to_be_in_viewport()
    expect(pill).to_be_hidden()


def test_whoever_comes_back_reads_on_where_they_were(desk: Callable[..., Page], company: Company, talk: int) -> None:
    other = int(company.customer_writes("Oi")["conversation_id"])
    page = desk("agent", f"/c/{talk}/")
    opened(page, talk)
    page.locator(".messages").evaluate(FAR_FROM_END.replace("= 0", "= 300"))
    expect(page.locator(".to-latest")).to_be_visible()
    before = top_of(page, "4: Uma mensagem")

    page.evaluate(GO, f"/c/{other}/")
    opened(page, other)
    writes_on(company, talk, "enquanto isso")
    page.evaluate(GO, f"/c/{talk}/")
    opened(page, talk)

    expect(page.locator(".to-latest")).to_have_text("1 nova")
    assert abs(top_of(page, "4: Uma mensagem") - before) <= 1


def test_a_conversation_opens_although_frames_of_it_come_before_the_answer(
    desk: Callable[..., Page], company: Company, unlisted: Any
) -> None:
    page = desk("agent", bypass_csp=True)
    expect(page.locator(".row").first).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/api/v1/conversations/{unlisted['id']}", hold)
    with page.expect_request(f"**/api/v1/conversations/{unlisted['id']}"):
        page.evaluate(GO, f"/c/{unlisted['id']}/")

    # Whoever comes into the room is told to all who are in it.
    with company.colleague("agent2") as colleague:
        colleague.say("join", conversation_id=unlisted["id"])
        page.wait_for_function(TWO_LOOK, arg=unlisted["id"])
        for route in held:
            route.continue_()
        expect(page.locator(".head-who")).to_contain_text(unlisted["contact"]["name"])


def test_an_address_that_can_not_be_loaded_says_so_and_is_tried_again(desk: Callable[..., Page], unlisted: Any) -> None:
    page = desk("agent")
    expect(page.locator(".row").first).to_be_visible()
    page.route(f"**/api/v1/conversations/{unlisted['id']}", lambda route: route.abort())
    page.evaluate(GO, f"/c/{unlisted['id']}/")
    expect(page.get_by_text("Não foi possível carregar a conversa.")).to_be_visible()

    page.unroute(f"**/api/v1/conversations/{unlisted['id']}")
    page.get_by_role("button", name="Tentar de novo").click()
    expect(page.locator(".head-who")).to_contain_text(unlisted["contact"]["name"])


def test_of_one_persons_tabs_one_is_heard(desk: Callable[..., Page], company: Company) -> None:
    first = desk("agent", bypass_csp=True)
    first.context.add_init_script(COUNT_TONES)
    first.reload()
    second = first.context.new_page()
    second.goto("/")
    tabs = [first, second]
    for tab in tabs:
        expect(tab.locator(".row").first).to_be_visible()
        tab.bring_to_front()
        tab.locator(".search input").click()
    second.wait_for_function("navigator.locks.query().then(({ held, pending }) => held.length * pending.length === 1)")

    name = f"Nova {uuid4().hex[:6]}"
    company.customer_writes("Oi", name=name)
    for tab in tabs:
        tab.bring_to_front()
        expect(tab.locator(".row", has_text=name)).to_be_visible()
    assert sorted(tab.evaluate("tones") for tab in tabs) == [0, 2]

    # The one that was heard is closed: from now on the other is.
    loud = next(tab for tab in tabs if tab.evaluate("tones"))
    quiet = next(tab for tab in tabs if tab is not loud)
    loud.close()
    quiet.wait_for_function("navigator.locks.query().then(({ held }) => held.length === 1)")
    # What comes at once after a tone makes none.
    quiet.wait_for_function("since => performance.now() > since + 1500", arg=quiet.evaluate("performance.now()"))
    company.customer_writes("Oi", name=f"{name} outra")
    expect(quiet.locator(".row", has_text=f"{name} outra")).to_be_visible()
    quiet.wait_for_function("tones === 2")


def test_a_day_of_conversations_leaves_nothing_behind(desk: Callable[..., Page], company: Company) -> None:
    ids = [int(company.customer_writes(f"Oi, sou o {number}")["conversation_id"]) for number in range(CUSTOMERS)]
    page = desk("agent")
    traffic = Traffic(page)
    walk(page, ids)
    before = weigh(page, traffic)

    for _ in range(3):
        walk(page, ids)

    after = weigh(page, traffic)
    assert page.evaluate(OPENED) == KEPT
    assert after["jsEventListeners"] <= before["jsEventListeners"]
    assert after["nodes"] <= before["nodes"] * 1.05


def walk(page: Page, ids: list[int]) -> None:
    for conversation in ids:
        page.evaluate(GO, f"/c/{conversation}/")
        opened(page, conversation)


class Traffic:
    """The requests whose answers a page awaits."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.under_way: set[Request] = set()
        page.on("request", self.leaves)
        page.on("requestfinished", self.ends)
        page.on("requestfailed", self.ends)

    def leaves(self, request: Request) -> None:
        self.under_way.add(request)

    def ends(self, request: Request) -> None:
        self.under_way.discard(request)

    def wait_for_the_last(self) -> None:
        while self.under_way:
            self.page.wait_for_event("requestfinished")


def weigh(page: Page, traffic: Traffic) -> dict[str, Any]:
    """What the page holds, once all that it has asked for is drawn."""
    traffic.wait_for_the_last()
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    inside = page.context.new_cdp_session(page)
    inside.send("HeapProfiler.enable")
    inside.send("HeapProfiler.collectGarbage")
    counters: dict[str, Any] = inside.send("Memory.getDOMCounters")
    inside.detach()
    return counters


def test_a_customers_dot_says_whether_they_are_here(
    window: Callable[..., Page], desk: Callable[..., Page], company: Company
) -> None:
    agent = desk("agent")
    shop = window("/demo/shop/")
    words = f"Oi, {uuid4().hex[:6]}"
    shop.click(".launcher")
    shop.fill(".composer textarea", words)
    shop.press(".composer textarea", "Enter")
    row = agent.locator(".row", has_text=words)
    here = row.locator(".presence[data-status=online]")

    expect(here).to_be_visible()
    expect(row.locator(".row-name")).to_contain_text("online")
    # Somebody who opens the page now is told of it too.
    agent.reload()
    expect(here).to_be_visible()
    row.click()
    expect(agent.locator(".head .presence[data-status=online]").first).to_be_visible()

    shop.close()
    expect(here).to_have_count(0, timeout=GONE_MS)
    expect(agent.locator(".head-who")).not_to_contain_text("online")


def test_the_list_holds_still_under_the_pointer_and_says_what_has_come(
    desk: Callable[..., Page], company: Company
) -> None:
    company.customer_writes("Eu já estava aqui")
    page = desk("agent")
    rows = page.locator(".row")
    expect(rows.first).to_be_visible()
    first = str(rows.first.get_attribute("id"))
    page.locator(".list-rows").hover()
    name = f"Nova {uuid4().hex[:6]}"

    for number in range(3):
        company.customer_writes("Oi", name=f"{name} {number}")
    expect(page.locator(".list-news")).to_have_text("3 novas")
    expect(rows.first).to_have_id(first)

    page.locator(".list-news").click()
    expect(rows.first).to_contain_text(f"{name} 2")
    expect(page.locator(".list-news")).to_have_count(0)


def test_what_was_done_is_taken_back_by_a_key(desk: Callable[..., Page], company: Company) -> None:
    conversation = int(company.customer_writes("Oi")["conversation_id"])
    page = desk("supervisor", f"/c/{conversation}/")
    opened(page, conversation)
    page.keyboard.press("a")
    owner = page.locator(".facts").get_by_role("button", name="Carla Mendes")
    expect(owner).to_be_visible()
    owner.click()
    page.locator(".menu").get_by_text("Ana Lima").click()
    expect(page.locator(".toast")).to_contain_text("Ana Lima")
    page.keyboard.press("z")
    expect(owner).to_be_visible()

    page.keyboard.press("e")
    expect(page.locator(".toast")).to_contain_text("Conversa encerrada")
    page.keyboard.press("z")
    expect(page.locator(".toast")).to_have_count(0)
    expect(page.locator(".head-close")).to_be_enabled()
