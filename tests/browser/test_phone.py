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
from tests.browser.glimpses import glimpsed
from tests.browser.happenings import PATIENCE_S, Company, done

pytestmark = pytest.mark.browser
API_KEY = "simulated-key"
# Of a gateway that renews them until somebody scans one.
CODES = 500


@pytest.fixture(params=[evolution, waha], ids=["evolution", "waha"])
def gateway(request: pytest.FixtureRequest) -> Iterator[GatewayServer]:
    """A gateway whose codes are soon old."""
    running = GatewayServer(Gateway(request.param, api_key=API_KEY, qr_s=6.0, qr_most=CODES)).start()
    yield running
    running.stop()


@pytest.fixture
def line(server: str, token: Callable[[str], str], gateway: GatewayServer) -> dict[str, Any]:
    """An inbox of the demo's company on that gateway."""
    headers = {"Authorization": f"Bearer {token('admin')}"}
    with httpx.Client(base_url=f"{server}/api/v1", headers=headers, timeout=PATIENCE_S) as admin:
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
    row = f"#inbox-{line['id']}"
    page.locator(row).get_by_role("button", name="Mais").click()
    page.locator("[data-session] button[data-strong]").click()
    code = page.locator(".phone-sheet img")
    expect(code).to_be_visible()
    first = code.get_attribute("src") or ""
    assert first.startswith("data:image/png;base64,")
    expect(code).not_to_have_attribute("src", first)

    (name,) = gateway.world.sessions
    nobody_scans(gateway, name)
    again = page.get_by_role("button", name="Começar de novo")
    expect(page.locator(".phone-code")).to_contain_text("Ninguém escaneou o código a tempo.")
    gateway.world.qr_most = CODES
    again.click()
    expect(code).to_be_visible()
    with glimpsed(page, ".toast", f"{line['name']} está conectado"):
        assert gateway.world.scan(name)

    expect(page.locator(".phone-sheet")).to_have_count(0)
    for screen in (page, watcher):
        expect(screen.locator(f"{row} .session-mark")).to_have_attribute("data-session", "connected")

    mark = page.locator(f"{row} .session-mark")
    with gateway.world.changed:  # The gateway is about to do it, for as long as we look.
        page.get_by_role("button", name="Reiniciar").click()
        expect(mark).to_have_attribute("data-session", "connecting")
    expect(mark).to_have_attribute("data-session", "connected")
    assert len([call for call in gateway.world.calls if "restart" in call]) == 1


def test_a_new_contact_appears_on_the_contacts_page_with_a_notice(
    desk: Callable[..., Page], company: Company, line: dict[str, Any], gateway: GatewayServer
):
    connected_to(company, line, gateway)
    (name,) = gateway.world.sessions
    page = desk("agent", "/contacts/")
    expect(page.locator(".row").first).to_be_visible()
    who = f"Rita {uuid4().hex[:6]}"

    with glimpsed(page, ".toast", who):
        gateway.world.say(name, f"55119{uuid4().int % 10**8:08}", "Bom dia", who=who)
    expect(page.locator(".row", has_text=who)).to_be_visible()

    long_ago = f"De muito tempo atrás {who}"
    with company.colleague("supervisor") as supervisor:
        gateway.world.say(name, f"55119{uuid4().int % 10**8:08}", long_ago, who=who, at=time.time() - 10 * 86_400)
        supervisor.hears("audit_log", action="delivery_quarantined")
    admin = desk("admin", "/admin/conversations/setaside/")
    set_aside = admin.locator("#result_list tbody tr", has_text=line["name"])
    expect(set_aside).to_contain_text("mais de sete dias")
    set_aside.locator("a").first.click()
    with admin.expect_response(lambda answer: answer.request.method == "POST"):
        admin.get_by_role("button", name="tentar de novo").click()
    page.goto("/")
    expect(page.locator(".row", has_text=long_ago)).to_be_visible()


def test_a_syszap_client_is_shown_the_code_the_states_and_the_new_client(
    line: dict[str, Any], gateway: GatewayServer, company: Company, token: Callable[[str], str]
):
    bearer = token("admin")
    me = company.user("admin")
    query = f"companyId={me['tenant_id']}&userId={me['id']}&token={bearer}"
    address = f"{company.socket}/ws?{query}"
    with connect(address, open_timeout=PATIENCE_S) as client:
        begin_session(company, line)
        code = heard(client, "qr_code", line["id"])
        with connect(address, open_timeout=PATIENCE_S) as later:
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
    until = time.monotonic() + PATIENCE_S
    while (left := until - time.monotonic()) > 0:
        frame = json.loads(client.recv(left))
        data: dict[str, Any] = frame.get("data", {})
        if frame["type"] == kind and session_id in (None, int(data.get("sessionId", 0))):
            return data
    raise TimeoutError(f"{kind} was not said.")


def nobody_scans(gateway: GatewayServer, name: str) -> None:
    """Have the present code be the last, and old."""
    with gateway.world.changed:
        session = gateway.world.sessions[name]
        gateway.world.qr_most, session.expires = session.count, 0.0
        gateway.world.changed.notify_all()


def begin_session(company: Company, line: dict[str, Any]) -> None:
    with company.of("admin") as admin:
        done(admin.post(f"/inboxes/{line['id']}/session"))


def connected_to(company: Company, line: dict[str, Any], gateway: GatewayServer) -> None:
    """Have a phone scan the first code of the inbox."""
    begin_session(company, line)
    sessions, changed = gateway.world.sessions, gateway.world.changed
    with changed:
        assert changed.wait_for(lambda: any(one.state == "qr" for one in sessions.values()), PATIENCE_S)
        assert gateway.world.scan(next(iter(sessions)))
