"""Pages that were written for other systems' hooks use ours, as they are printed; and PyTake's own way to connect."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from tests.browser.conftest import patient
from tests.browser.happenings import Company
from tests.browser.printed import sites
from tests.browser.reference import Document
from tests.browser.workshop import served

pytestmark = [pytest.mark.browser, pytest.mark.reference]


@pytest.fixture(scope="module")
def site(apps: Path, token: Callable[[str], str]) -> Iterator[str]:
    with served(sites.hooks(apps, token("agent"))) as url:
        yield url


@pytest.fixture
def said() -> list[str]:
    """What the page wrote on its console."""
    return []


@pytest.fixture
def page(browser: Browser, site: str, said: list[str]) -> Iterator[Page]:
    context = patient(browser.new_context(base_url=site))
    page = context.new_page()
    page.on("pageerror", lambda error: said.append(f"UNCAUGHT {error}"))
    page.on("console", lambda line: said.append(line.text))
    page.goto("/")
    yield page
    context.close()
    assert [line for line in said if line.startswith("UNCAUGHT")] == []


@pytest.fixture
def start(page: Page, token: Callable[[str], str]) -> Callable[[str], None]:
    def start(name: str) -> None:
        page.evaluate("([name, token]) => start(name, token)", [name, token("agent")])
        page.wait_for_function("hook.isConnected && desk.conversations.length > 0")

    return start


def hears(page: Page, line: str, happens: Callable[[], Any]) -> None:
    with page.expect_console_message(lambda one: line in one.text):
        happens()


def test_fastapis_component_connects_hears_and_sends(
    page: Page, start: Callable[[str], None], company: Company
) -> None:
    start("fastapi")
    expect(page.get_by_text("Status: connected")).to_be_visible()
    expect(page.get_by_role("button", name="Send Message")).to_be_enabled()

    hears(page, "New message: {type: chat_message", lambda: company.customer_writes("Oi"))
    # The conversation that it is printed with is nobody's: the server says so, and nothing breaks.
    hears(page, "New message: {type: error", page.get_by_role("button", name="Send Message").click)


def test_pytakes_debugging_hook_tells_of_the_connection(
    page: Page, start: Callable[[str], None], said: list[str], company: Company
) -> None:
    start("pytake")
    if "WS Connected" not in said:
        page.wait_for_event("console", lambda line: line.text == "WS Connected")

    hears(page, "WS Message:", lambda: company.customer_writes("Oi"))
    hears(page, "WS Disconnected", lambda: page.evaluate("hook.disconnect()"))


def test_syszaps_component_has_on_send_and_is_connected(
    page: Page, start: Callable[[str], None], company: Company
) -> None:
    start("syszap")

    assert page.evaluate("hook.send('ping', {}).then((pong) => typeof pong.timestamp)") == "string"
    assert (
        page.evaluate(
            "new Promise((done) => { const cleanup = hook.on('chat_message', done); window.cleanup = cleanup; }) && "
            "typeof window.cleanup"
        )
        == "function"
    )
    page.evaluate("stop()")


def test_use_conversations_has_every_field_of_pytakes(
    page: Page, start: Callable[[str], None], company: Company
) -> None:
    listed = re.findall(
        r"^  (\w+),? ", Document.named("pytake-conversations").code("useConversations Hook"), re.MULTILINE
    )
    start("pytake")

    kinds: dict[str, str] = page.evaluate(
        "(names) => Object.fromEntries(names.map((one) => [one, typeof desk[one]]))", listed
    )

    assert len(listed) == 15
    assert [name for name, kind in kinds.items() if kind == "undefined"] == []
    actions = {name for name, kind in kinds.items() if kind == "function"}
    assert actions == {
        "setSearchTerm", "setStatusFilter", "loadConversations", "selectConversation", "sendMessage", "markAsRead",
    }  # fmt: skip


def test_pages_that_ask_for_the_same_connection_share_it(
    page: Page, token: Callable[[str], str], company: Company
) -> None:
    sockets: list[WebSocket] = []

    def opened(socket: WebSocket) -> None:
        sockets.append(socket)

    page.on("websocket", opened)
    page.evaluate("(token) => startAlone(token, 'http://localhost:8010')", token("agent"))
    expect(page.get_by_text("connectedconnected", exact=True)).to_be_visible()
    mark = uuid4().hex[:6]
    company.customer_writes(f"Oi {mark}")

    page.wait_for_function("(mark) => hook.messages.some((one) => one.message.content === `Oi ${mark}`)", arg=mark)
    page.wait_for_function("hook.metrics && hook.connected && Array.isArray(hook.csatUpdates)")
    assert len([socket for socket in sockets if not socket.is_closed()]) == 1
    page.evaluate("stop()")


def test_pytakes_printed_connection_is_let_in_and_hears_a_customer(
    page: Page, company: Company, token: Callable[[str], str]
) -> None:
    document = Document.named("pytake-conversations")
    opening, _, greeting = document.code("Conexão e Autenticação").partition("// Autenticação automática após conexão")
    page.evaluate(
        f"""([authToken, userId]) => {{
            {document.code("Configuração do Cliente (React)")}
            const [protocol, , host] = getWebSocketUrl().split("/");
            {opening}
            window.heard = [];
            ws.onopen = () => {{ {greeting} ws.send(JSON.stringify({{ type: "ping" }})); }};
            ws.onmessage = (event) => heard.push(JSON.parse(event.data));
        }}""",
        [token("agent"), company.user("agent")["id"]],
    )
    # That it has let us in, PyTake's socket does not say: it answers what we say next.
    page.wait_for_function("heard.some((frame) => frame.type === 'pong')")
    mark = uuid4().hex[:6]

    company.customer_writes(f"Oi {mark}")

    page.wait_for_function("heard.some((frame) => frame.type === 'message_received')")
    frame = page.evaluate("heard.find((frame) => frame.type === 'message_received')")
    assert {"type", "event", "data", "timestamp", "conversation_id"} <= frame.keys()
    assert frame["data"]["content"] == f"Oi {mark}"
