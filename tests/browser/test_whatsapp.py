"""A conversation by WhatsApp, from the customer's phone to the agent and back, with the ticks turning."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.happenings import PATIENCE_S, Company, done
from tests.gateways.lines import picture

pytestmark = pytest.mark.browser
DAY_MS = 24 * 3_600_000


def write(phone: Page, text: str) -> None:
    phone.fill("form .text", text)
    phone.press("form .text", "Enter")


def inbox_named(name: str, company: Company) -> int:
    """An inbox of the demo's."""
    return next(int(one["id"]) for one in done(company.agents.get("/inboxes")) if one["name"] == name)


@pytest.fixture
def phone_of(window: Callable[..., Page]) -> Callable[[str], Page]:
    """A customer's phone; of each customer one test only makes use."""

    def open_phone(name: str) -> Page:
        phone = window("/demo/phone/")
        phone.locator(".who select").select_option(label=name)
        return phone

    return open_phone


def test_a_customers_phone_and_an_agent_talk(phone_of: Callable[[str], Page], desk: Callable[..., Page]):
    mark = uuid4().hex[:6]
    phone = phone_of("Joana Silva")
    agent = desk("agent")

    write(phone, f"Oi, a planta {mark} precisa de sol?")
    row = agent.locator(".row", has_text=mark)
    expect(row).to_be_visible()
    row.click()
    expect(agent.locator(".message", has_text=mark)).to_be_visible()
    expect(agent.locator(".window-left")).to_be_visible()

    agent.locator("#composer").press_sequentially(f"Só de manhã {mark}", delay=30)
    expect(phone.locator(".state")).to_have_text("escrevendo…")
    question = phone.locator("li[data-mine]", has_text=mark)
    expect(question.locator("small[data-status=read]")).to_be_visible()
    agent.press("#composer", "Enter")
    expect(phone.locator(".chat li", has_text=f"Só de manhã {mark}")).to_be_visible()
    ours = agent.locator(".message[data-side=ours]", has_text=f"Só de manhã {mark}")
    expect(ours.locator('.ticks[data-status="read"]')).to_be_visible()

    agent.get_by_role("button", name="Modelos").click()
    agent.get_by_role("button", name="retomar_conversa").click()
    agent.fill(".template-blanks input", f"Joana {mark}")
    agent.press(".template-blanks input", "Enter")
    expect(phone.locator(".chat li", has_text=f"Oi, Joana {mark}!")).to_be_visible()

    agent.get_by_role("button", name="Modelos").click()
    agent.get_by_role("button", name="pedido_pronto").click()
    expect(agent.locator(".template-blanks input[type=file]")).to_be_attached()
    for blank in agent.locator(".template-blanks input:not([type=file])").all():
        blank.fill(mark)
    expect(agent.get_by_role("button", name="Enviar o modelo")).to_be_disabled()
    photo: FilePayload = {"name": "pedido.png", "mimeType": "image/png", "buffer": picture()}
    agent.set_input_files(".template-blanks input[type=file]", photo)
    agent.get_by_role("button", name="Enviar o modelo").click()
    arrived = phone.locator(".chat li", has_text=f"Oi, {mark}! Seu pedido está pronto")
    expect(arrived.locator("img, a")).to_be_visible()
    expect(agent.locator(".message[data-side=ours]", has_text=f"Oi, {mark}!").locator("img")).to_be_visible()


def answers_once(meta: str, how: str) -> None:
    """To the next message that is sent, the simulated WhatsApp answers with this refusal."""
    done(httpx.post(f"{meta}/_sim/behave", json={"answers": [how]}, timeout=PATIENCE_S))


def stand(page: Page, at: float) -> None:
    """Have the page's clock stand at a moment, in milliseconds."""
    page.evaluate("(at) => { Date.now = () => at; }", at)


def test_the_window_closes_while_somebody_writes_and_the_customer_opens_it_again(
    phone_of: Callable[[str], Page], desk: Callable[..., Page], company: Company
):
    mark = uuid4().hex[:6]
    phone = phone_of("Pedro Alves")
    agent = desk("agent")
    write(phone, f"Oi de novo {mark}")
    agent.locator(".row", has_text=mark).click()
    agent.fill("#composer", "Um rascunho")
    (conversation,) = done(company.agents.get("/conversations", params={"search": mark}))
    closes = datetime.fromisoformat(conversation["window_until"]).timestamp() * 1000

    stand(agent, closes - 40_000)
    expect(agent.locator(".window-left")).to_have_text(re.compile(r"\b40 s$"))
    stand(agent, closes)
    expect(agent.locator(".window-shut")).to_contain_text("Um rascunho")
    expect(agent.get_by_role("button", name="Escolher um modelo")).to_be_focused()

    # WhatsApp counts in whole seconds: the next message is to open the window for longer than the first did.
    phone.wait_for_function("(moment) => Date.now() > moment", arg=closes - DAY_MS + 1_000)
    write(phone, "Ainda está aí?")
    expect(agent.locator("#composer")).to_be_focused()
    expect(agent.locator("#composer")).to_have_value("Um rascunho")

    agent.fill("#composer", "x" * 4097)
    expect(agent.locator(".composer-room")).to_contain_text("4.097 / 4.096")
    expect(agent.get_by_role("button", name="Enviar no WhatsApp")).to_be_disabled()
    agent.fill("#composer", "")


def test_a_token_that_is_refused_holds_messages_back_until_somebody_authorises_again(
    phone_of: Callable[[str], Page], desk: Callable[..., Page], company: Company
):
    mark = uuid4().hex[:6]
    with company.of("admin") as api:
        account = done(api.get(f"/inboxes/{inbox_named('WhatsApp', company)}/account"))
    meta = account["config"]["graph_url"]
    phone, agent, supervisor, admin = phone_of("Marina Costa"), desk("agent"), desk("supervisor"), desk("admin")
    write(phone, f"Oi mais uma vez {mark}")
    agent.locator(".row", has_text=mark).click()

    answers_once(meta, "token")
    agent.fill("#composer", f"Resposta {mark}")
    agent.press("#composer", "Enter")
    for page in (agent, supervisor, admin):
        expect(page.locator(".paused")).to_be_visible()
    expect(agent.locator(".message", has_text=f"Resposta {mark}").locator('[data-status="pending"]')).to_be_visible()
    expect(agent.locator(".paused button")).to_have_count(0)

    admin.locator(".paused button").click()
    expect(admin.locator(".account-health")).to_contain_text("não aceita mais a nossa autorização")
    expect(admin.locator(".account-health")).to_contain_text("190")
    expect(admin.locator('.connection-mark[data-connection="paused"]')).to_be_visible()
    admin.fill("[name=access_token]", "demo-access-token")
    admin.locator("form.account button").click()
    expect(admin.locator(".account-health[data-bad]")).to_have_count(0)
    expect(admin.locator("[name=access_token]")).to_have_value("")
    expect(admin.locator("[name=phone_number_id]")).not_to_have_value("")

    expect(phone.locator(".chat li", has_text=f"Resposta {mark}")).to_be_visible()
    expect(agent.locator(".paused")).to_have_count(0)

    answers_once(meta, "undeliverable")
    agent.fill("#composer", f"Em vão {mark}")
    agent.press("#composer", "Enter")
    vain = agent.locator(".message", has_text=f"Em vão {mark}")
    expect(vain).to_contain_text("O WhatsApp não conseguiu levar até este cliente.")
    expect(vain).to_contain_text("Message undeliverable (131026)")


def test_a_newcomer_connects_the_shops_phone_by_its_code_and_talks_by_it(
    phone_of: Callable[[str], Page], desk: Callable[..., Page], company: Company
):
    admin = desk("admin", "/settings/inboxes/")
    row = admin.locator(f"#inbox-{inbox_named('WhatsApp (QR)', company)}")
    row.get_by_role("button", name="Mais").click()
    admin.locator("[data-session] button[data-strong]").click()
    expect(admin.locator(".phone-sheet img")).to_be_visible()

    phone = phone_of("Joana Silva")
    phone.locator(".line select").select_option("gateway")
    phone.locator(".scan").click()
    expect(admin.locator(".phone-sheet")).to_have_count(0)
    expect(row.locator(".session-mark")).to_have_attribute("data-session", "connected")
    expect(phone.locator(".scan")).to_be_hidden()

    mark = uuid4().hex[:6]
    write(phone, f"Vocês abrem no sábado? {mark}")
    agent = desk("agent")
    waiting = agent.locator(".row", has_text=mark)
    expect(waiting).to_be_visible()
    waiting.click()
    expect(agent.locator(".message", has_text=mark)).to_be_visible()
    agent.fill("#composer", f"Sim, até as 13h {mark}")
    agent.press("#composer", "Enter")
    expect(phone.locator(".chat li", has_text=f"até as 13h {mark}")).to_be_visible()
    ours = agent.locator(".message[data-side=ours]", has_text=f"até as 13h {mark}")
    expect(ours.locator('.ticks[data-status="read"]')).to_be_visible()
