"""A conversation by WhatsApp, from the customer's phone to the agent and back, with the ticks turning."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.gateways.lines import picture

pytestmark = pytest.mark.browser
DAY_MS = 24 * 3_600_000


def write(phone: Page, text: str) -> None:
    phone.fill("form .text", text)
    phone.press("form .text", "Enter")


def test_a_customers_phone_and_an_agent_talk(window: Callable[..., Page], desk: Callable[..., Page]):
    mark = uuid4().hex[:6]
    phone = window("/demo/phone/")
    agent = desk("agent")

    write(phone, f"Oi, a planta {mark} precisa de sol?")
    row = agent.locator(".row", has_text=mark)
    expect(row).to_be_visible()
    row.click()
    expect(agent.locator(".message", has_text=mark)).to_be_visible()
    expect(agent.locator(".window-left")).to_be_visible()

    agent.locator("#composer").press_sequentially("Só de manhã", delay=30)
    expect(phone.locator(".state")).to_have_text("escrevendo…")
    expect(phone.locator("li[data-mine] small[data-status=read]").last).to_be_visible()
    agent.press("#composer", "Enter")
    expect(phone.locator(".chat li", has_text="Só de manhã")).to_be_visible()
    ours = agent.locator(".message[data-side=ours]", has_text="Só de manhã")
    expect(ours.locator('.ticks[data-status="read"]')).to_be_visible()

    agent.get_by_role("button", name="Modelos").click()
    agent.get_by_role("button", name="retomar_conversa").click()
    agent.fill(".template-blanks input", "Joana")
    agent.press(".template-blanks input", "Enter")
    expect(phone.locator(".chat li", has_text="Oi, Joana!").last).to_be_visible()

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


def test_the_window_closes_while_somebody_writes_and_the_customer_opens_it_again(
    window: Callable[..., Page], desk: Callable[..., Page]
):
    mark = uuid4().hex[:6]
    phone = window("/demo/phone/")
    agent = desk("agent")
    write(phone, f"Oi de novo {mark}")
    agent.locator(".row", has_text=mark).click()
    agent.fill("#composer", "Um rascunho")

    agent.evaluate("() => { const now = Date.now; window.ahead = 0; Date.now = () => now.call(Date) + window.ahead; }")
    agent.evaluate(f"window.ahead = {DAY_MS} - 40_000")
    agent.locator(".window-left").get_by_text(re.compile(r"\d+ s$")).wait_for(timeout=65_000)
    agent.evaluate(f"window.ahead = {DAY_MS}")
    expect(agent.locator(".window-shut")).to_contain_text("Um rascunho")
    expect(agent.get_by_role("button", name="Escolher um modelo")).to_be_focused()

    agent.evaluate("window.ahead = 0")
    write(phone, "Ainda está aí?")
    expect(agent.locator("#composer")).to_be_focused()
    expect(agent.locator("#composer")).to_have_value("Um rascunho")

    agent.fill("#composer", "x" * 4097)
    expect(agent.locator(".composer-room")).to_contain_text("4.097 / 4.096")
    expect(agent.get_by_role("button", name="Enviar no WhatsApp")).to_be_disabled()
    agent.fill("#composer", "")


def test_a_token_that_is_refused_holds_messages_back_until_somebody_authorises_again(
    window: Callable[..., Page], desk: Callable[..., Page], server: str, token: Callable[[str], str]
):
    mark = uuid4().hex[:6]
    head = {"Authorization": f"Bearer {token('admin')}"}
    inboxes = httpx.get(f"{server}/api/v1/inboxes", headers=head).json()
    address = f"{server}/api/v1/inboxes/{next(one['id'] for one in inboxes if one['channel'] == 'whatsapp')}/account"
    meta = httpx.get(address, headers=head).json()["config"]["graph_url"]
    phone, agent, supervisor, admin = window("/demo/phone/"), desk("agent"), desk("supervisor"), desk("admin")
    write(phone, f"Oi mais uma vez {mark}")
    agent.locator(".row", has_text=mark).click()

    httpx.post(f"{meta}/_sim/behave", json={"answers": ["token"]}).raise_for_status()
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

    httpx.post(f"{meta}/_sim/behave", json={"answers": ["undeliverable"]}).raise_for_status()
    agent.fill("#composer", f"Em vão {mark}")
    agent.press("#composer", "Enter")
    vain = agent.locator(".message", has_text=f"Em vão {mark}")
    expect(vain).to_contain_text("O WhatsApp não conseguiu levar até este cliente.")
    expect(vain).to_contain_text("Message undeliverable (131026)")


def test_a_newcomer_connects_the_shops_phone_by_its_code_and_talks_by_it(
    window: Callable[..., Page], desk: Callable[..., Page]
):
    admin = desk("admin", "/settings/inboxes/")
    row = admin.locator(".rows > div", has=admin.locator(".session-mark")).first
    row.locator("button").last.click()
    admin.locator("[data-session] button[data-strong]").click()
    expect(admin.locator(".phone-sheet img")).to_be_visible()

    phone = window("/demo/phone/")
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
    expect(phone.locator(".chat li", has_text="até as 13h")).to_be_visible()
    ours = agent.locator(".message[data-side=ours]", has_text="até as 13h")
    expect(ours.locator('.ticks[data-status="read"]')).to_be_visible()
