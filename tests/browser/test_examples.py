"""The client's examples, each built with the packed package and used beside a customer who writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect

from tests.browser import packed
from tests.browser.cable import Cable
from tests.browser.conftest import PASSWORD, patient
from tests.browser.glimpses import glimpsed
from tests.browser.happenings import Company
from tests.browser.workshop import served

pytestmark = pytest.mark.browser
FRAMEWORKS = ("plain", "react", "vue", "angular")
Open = Callable[..., Page]
Prepare = Callable[[Page], None]


@pytest.fixture(scope="module")
def examples(apps: Path) -> Iterator[dict[str, str]]:
    """The address of each example."""
    with ExitStack() as stack:
        sites = {name: stack.enter_context(served(packed.built(apps, name))) for name in FRAMEWORKS[1:]}
        plain: Path = packed.plain(apps)
        root = stack.enter_context(served(plain.parents[1]))
        yield {"plain": f"{root}/examples/plain/", **sites}


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desk(browser: Browser, examples: dict[str, str], framework: str) -> Iterator[Open]:
    """Open the example and log in; what its console complains about fails the test."""
    complaints: list[str] = []
    context = patient(browser.new_context(viewport={"width": 1200, "height": 800}))

    def open_desk(
        server: str = "http://localhost:8010", *, prepared: Prepare = lambda _: None, state: str = "Live"
    ) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        prepared(page)
        page.goto(f"{examples[framework]}?server={server}")
        page.get_by_label("User").fill("agent")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.locator(".state")).to_have_text(state)
        return page

    yield open_desk
    context.close()
    assert complaints == []


def row(page: Page, name: str) -> Locator:
    return page.locator(".row", has_text=name)


def message(page: Page, text: str) -> Locator:
    return page.locator(".message", has_text=text)


def test_an_agent_reads_answers_and_sees_who_is_there(desk: Open, company: Company) -> None:
    mark = uuid4().hex[:6]
    name = f"Rita {mark}"
    page = desk()
    conversation = company.customer_writes(f"Oi {mark}", name, identifier=mark)["conversation_id"]

    expect(row(page, name).locator(".unread")).to_have_text("1")
    expect(page.locator(".row .name").first).to_have_text(name)
    row(page, name).click()
    expect(message(page, f"Oi {mark}")).to_be_visible()
    expect(row(page, name).locator(".unread")).to_have_count(0)

    page.get_by_label("Message").fill(f"Olá {mark}")
    page.get_by_label("Message").press("Enter")
    expect(message(page, f"Olá {mark}")).to_have_attribute("data-side", "ours")
    expect(message(page, f"Olá {mark}")).not_to_have_attribute("data-status", "pending")
    expect(page.get_by_label("Message")).to_have_value("")
    expect(row(page, name).locator(".last")).to_have_text(f"Olá {mark}")
    assert [one["content"] for one in company.messages(conversation)].count(f"Olá {mark}") == 1

    with company.colleague("agent2") as colleague:
        expect(page.locator(".people")).to_have_text("2 online")
        colleague.say("join", conversation_id=conversation)
        expect(page.locator(".viewers")).to_have_text("1 also here")
        with glimpsed(page, ".typing", "A colleague is typing…"):
            colleague.say("typing", conversation_id=conversation, is_typing=True)
        colleague.say("typing", conversation_id=conversation, is_typing=False)
        expect(page.locator(".typing")).to_have_text("")
        page.get_by_label("Message").press_sequentially("Um")
        colleague.hears("typing", user_id=company.user("agent")["id"], is_typing=True)


def test_searching_and_filtering_narrow_the_list(desk: Open, company: Company) -> None:
    mark = uuid4().hex[:6]
    conversation = company.customer_writes(f"procuro {mark}", f"Lia {mark}")["conversation_id"]
    page = desk()

    page.get_by_label("Search").fill(f"procuro {mark}")
    expect(page.locator(".row")).to_have_count(1)
    page.get_by_label("Status").select_option("closed")
    expect(page.locator(".row")).to_have_count(0)
    company.closes(conversation)
    expect(row(page, f"Lia {mark}")).to_be_visible()


def test_a_cut_cable_loses_nothing(desk: Open, company: Company, cable: Cable) -> None:
    mark = uuid4().hex[:6]
    name = f"Nina {mark}"
    conversation = company.customer_writes(f"Oi {mark}", name, identifier=mark)["conversation_id"]
    page = desk(f"http://localhost:{cable.port}")
    row(page, name).click()
    expect(message(page, f"Oi {mark}")).to_be_visible()

    cable.cut()
    expect(page.locator(".state")).not_to_have_text("Live")
    company.customer_writes(f"sem rede {mark}", name, identifier=mark)
    page.get_by_label("Message").fill(f"guardada {mark}")
    page.get_by_label("Message").press("Enter")
    expect(message(page, f"guardada {mark}")).to_have_attribute("data-status", "pending")
    cable.mend()

    expect(message(page, f"sem rede {mark}")).to_be_visible()
    expect(message(page, f"guardada {mark}")).not_to_have_attribute("data-status", "pending")
    expect(page.locator(".state")).to_have_text("Live")
    expect(message(page, f"sem rede {mark}")).to_have_count(1)
    expect(message(page, f"guardada {mark}")).to_have_count(1)
    assert [one["content"] for one in company.messages(conversation)].count(f"guardada {mark}") == 1


def refuse_sockets(page: Page) -> None:
    """As a proxy that lets no WebSocket through; and the page's clock is ours."""
    page.route_web_socket("**/ws/**", lambda socket: socket.close())
    page.clock.install()


def is_sent(answer: Response) -> bool:
    """Whether the answer is to a message: signs of writing and reading are posted too."""
    return answer.request.method == "POST" and answer.url.endswith("/messages") and answer.ok


def test_without_a_socket_the_list_is_fetched_every_30_seconds_and_answers_go_by_rest(
    desk: Open, company: Company
) -> None:
    mark = uuid4().hex[:6]
    page = desk(prepared=refuse_sockets, state="Reconnecting…")
    expect(page.locator(".row").first).to_be_visible()
    conversation = company.customer_writes(f"Oi {mark}", f"Iara {mark}")["conversation_id"]

    page.clock.run_for(31_000)
    row(page, f"Iara {mark}").click()
    page.get_by_label("Message").fill(f"Olá {mark}")
    with page.expect_response(is_sent):
        page.get_by_label("Message").press("Enter")

    expect(message(page, f"Olá {mark}")).to_have_count(1)
    assert [one["content"] for one in company.messages(conversation)].count(f"Olá {mark}") == 1


def test_a_wrong_password_is_said_aloud(page: Page, examples: dict[str, str], framework: str) -> None:
    page.goto(examples[framework])
    page.get_by_label("User").fill(f"nobody-{framework}")  # Of the demo's people each may fail five times only.
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_role("alert").first).not_to_be_empty()
