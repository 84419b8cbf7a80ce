"""A phone is connected by the code in the settings, as an admin sees it: shown at once, renewed, gone by itself."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect
from websockets.sync.client import ClientConnection, connect

from niochat.simulators.gateway import Gateway
from niochat.simulators.gateway_http import GatewayServer
from niochat.simulators.speech import evolution, waha

pytestmark = pytest.mark.browser
LIVE_MS = 15_000
API_KEY = "simulated-key"


@pytest.fixture(params=[evolution, waha], ids=["evolution", "waha"])
def gateway(request: pytest.FixtureRequest) -> Iterator[GatewayServer]:
    """A gateway whose codes are soon old."""
    running = GatewayServer(Gateway(request.param, api_key=API_KEY, qr_s=6.0, qr_most=50)).start()
    yield running
    running.stop()


@pytest.fixture
def line(server: str, token: Callable[[str], str], gateway: GatewayServer) -> dict[str, Any]:
    """An inbox of the demo's company on that gateway."""
    headers = {"Authorization": f"Bearer {token('admin')}"}
    with httpx.Client(base_url=f"{server}/api/v1", headers=headers) as admin:
        given = {"name": f"Loja {uuid4().hex[:6]}", "channel": "whatsapp_qr"}
        inbox: dict[str, Any] = admin.post("/inboxes", json=given).raise_for_status().json()
        slug = gateway.world.speech.__name__.rpartition(".")[2]
        account = {"gateway": slug, "base_url": gateway.url, "api_key": API_KEY}
        admin.patch(f"/inboxes/{inbox['id']}/account", json=account).raise_for_status()
    return inbox


def test_the_code_is_shown_at_once_renews_itself_and_goes_when_the_phone_is_connected(
    desk: Callable[..., Page], line: dict[str, Any], gateway: GatewayServer
):
    page = desk("admin", "/settings/inboxes/")
    watcher = desk("admin", "/settings/inboxes/")
    row = page.locator(".rows > div", has=page.locator(".session-mark"))
    row.last.locator("button").last.click()
    page.locator("[data-session] button[data-strong]").click()
    code = page.locator(".phone-sheet img")
    expect(code).to_be_visible(timeout=LIVE_MS)
    first = code.get_attribute("src") or ""
    assert first.startswith("data:image/png;base64,")
    expect(code).not_to_have_attribute("src", first, timeout=LIVE_MS)

    (name,) = gateway.world.sessions
    nobody_scans(gateway, name)
    again = page.get_by_role("button", name="Começar de novo")
    expect(page.locator(".phone-code")).to_contain_text("Ninguém escaneou o código a tempo.", timeout=LIVE_MS)
    gateway.world.qr_most = 50
    again.click()
    expect(code).to_be_visible(timeout=LIVE_MS)
    assert httpx.post(f"{gateway.url}/_sim/scan", json={"session": name}).json() == {"scanned": True}

    expect(page.locator(".phone-sheet")).to_have_count(0, timeout=LIVE_MS)
    expect(page.locator(".toast", has_text=f"{line['name']} está conectado")).to_be_visible(timeout=LIVE_MS)
    for screen in (page, watcher):
        marks = screen.locator(".session-mark").last
        expect(marks).to_have_attribute("data-session", "connected", timeout=LIVE_MS)

    page.get_by_role("button", name="Reiniciar").click()
    expect(page.locator(".session-mark").last).to_have_attribute("data-session", "connecting", timeout=LIVE_MS)
    expect(page.locator(".session-mark").last).to_have_attribute("data-session", "connected", timeout=LIVE_MS)
    assert len([call for call in gateway.world.calls if "restart" in call]) == 1


def test_a_new_contact_appears_on_the_contacts_page_with_a_notice(
    desk: Callable[..., Page], line: dict[str, Any], gateway: GatewayServer, server: str, token: Callable[[str], str]
):
    headers = {"Authorization": f"Bearer {token('admin')}"}
    httpx.post(f"{server}/api/v1/inboxes/{line['id']}/session", headers=headers).raise_for_status()
    page = desk("agent", "/contacts/")
    expect(page.locator(".row").first).to_be_visible(timeout=LIVE_MS)
    wait_for_session(page, gateway)
    (name,) = gateway.world.sessions
    assert gateway.world.scan(name)
    who = f"Rita {uuid4().hex[:6]}"

    gateway.world.say(name, f"55119{uuid4().int % 10**8:08}", "Bom dia", who=who)

    expect(page.locator(".row", has_text=who)).to_be_visible(timeout=LIVE_MS)
    expect(page.locator(".toast", has_text=who)).to_be_visible(timeout=LIVE_MS)

    long_ago = f"De muito tempo atrás {who}"
    gateway.world.say(name, f"55119{uuid4().int % 10**8:08}", long_ago, who=who, at=time.time() - 10 * 86_400)
    admin = desk("admin", "/admin/conversations/setaside/")
    set_aside = admin.locator("#result_list tbody tr", has_text=line["name"])
    for _ in range(20):
        if set_aside.count():
            break
        admin.wait_for_timeout(500)
        admin.reload()
    expect(set_aside).to_contain_text("mais de sete dias")
    set_aside.locator("a").first.click()
    admin.get_by_role("button", name="tentar de novo").click()
    admin.goto("/admin/conversations/setaside/")
    page.goto("/")
    expect(page.locator(".row", has_text=long_ago)).to_be_visible(timeout=LIVE_MS)


def test_a_syszap_client_is_shown_the_code_the_states_and_the_new_client(
    line: dict[str, Any], gateway: GatewayServer, server: str, token: Callable[[str], str]
):
    bearer = token("admin")
    headers = {"Authorization": f"Bearer {bearer}"}
    me = httpx.get(f"{server}/api/v1/auth/me", headers=headers).json()
    query = f"companyId={me['tenant_id']}&userId={me['id']}&token={bearer}"
    with connect(f"{server.replace('http', 'ws')}/ws?{query}") as client:
        httpx.post(f"{server}/api/v1/inboxes/{line['id']}/session", headers=headers).raise_for_status()
        code = heard(client, "qr_code", line["id"])
        with connect(f"{server.replace('http', 'ws')}/ws?{query}") as later:
            assert heard(later, "session_status", line["id"])["status"] == "qr"
            assert heard(later, "qr_code", line["id"])["qrCode"].startswith("data:image/png;base64,")
        (name,) = gateway.world.sessions
        assert gateway.world.scan(name)
        states = [heard(client, "session_status", line["id"])["status"]]
        while states[-1] != "connected":
            states.append(heard(client, "session_status", line["id"])["status"])
        gateway.world.say(name, f"55119{uuid4().int % 10**8:08}", "Bom dia", who="Rita")
        newcomer = heard(client, "new_client")

    assert code["qrCode"].startswith("data:image/png;base64,")
    assert states[-1] == "connected"
    assert newcomer["Name"] == "Rita"


def heard(client: ClientConnection, kind: str, session_id: int | None = None) -> dict[str, Any]:
    """The next frame of a kind, of this session."""
    while True:
        frame = json.loads(client.recv(timeout=LIVE_MS / 1000))
        data: dict[str, Any] = frame.get("data", {})
        if frame["type"] == kind and session_id in (None, int(data.get("sessionId", 0))):
            return data


def nobody_scans(gateway: GatewayServer, name: str) -> None:
    """Have the present code be the last, and old."""
    with gateway.world.changed:
        session = gateway.world.sessions[name]
        gateway.world.qr_most, session.expires = session.count, 0.0
        gateway.world.changed.notify_all()


def wait_for_session(page: Page, gateway: GatewayServer) -> None:
    """Until the gateway has a code."""
    for _ in range(100):
        if any(one.state == "qr" for one in gateway.world.sessions.values()):
            return
        page.wait_for_timeout(100)
    raise AssertionError("The gateway was never asked.")
