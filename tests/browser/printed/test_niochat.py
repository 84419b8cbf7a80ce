"""The clients that NioChat's own document prints, run to the letter: every event comes with the documented fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import patient
from tests.browser.happenings import Company
from tests.browser.printed import sites
from tests.browser.reference import Document, fits
from tests.browser.workshop import served

pytestmark = [pytest.mark.browser, pytest.mark.reference]
EVENTS = (
    "chat_message",
    "message_reaction",
    "message_deleted",
    "dashboard_metrics",
    "csat_update",
    "audit_log",
    "user_status",
)
Heard = list[dict[str, Any]]
THEN = datetime(2026, 1, 1, tzinfo=UTC)


# The page's own use of the hook has a socket of its own, beside the component's.
FOLLOWS = "hook.connected && hook.metrics"


@pytest.fixture(scope="module")
def document() -> Document:
    return Document.named("niochat-websocket")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(sites.niochat(tmp_path_factory.mktemp("niochat") / "site")) as url:
        yield url


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    context = patient(browser.new_context(base_url=site))
    yield context.new_page()
    context.close()


@pytest.fixture
def supervisor(token: Callable[[str], str]) -> str:
    return token("supervisor")


def wait_for(page: Page, *types: str, mark: str = "") -> Heard:
    """What the page has heard, once it has heard these types and a rating that carries the mark."""
    page.wait_for_function(
        """([types, mark]) => types.every((type) => heard.some((frame) => frame.type === type))
        && heard.some((frame) => frame.type === "csat_update" && frame.data.feedback.endsWith(mark))""",
        arg=[list(types), mark],
    )
    heard: Heard = page.evaluate("heard")
    return heard


def assert_documented(heard: Heard, document: Document, types: tuple[str, ...] = EVENTS) -> None:
    samples = document.frames()
    for kind in types:
        given = [frame["data"] for frame in heard if frame["type"] == kind]
        assert any(fits(samples[kind], data) for data in given), f"{kind}: {samples[kind]} in none of {given}"
    messages = [frame["data"]["message"]["id"] for frame in heard if frame["type"] == "chat_message"]
    assert len(messages) == len(set(messages)), "a kept event reaches a socket once"


def test_the_document_prints_a_sample_of_each_event(document: Document) -> None:
    assert set(document.frames()) == set(EVENTS)


# A heading of the document, and how a reader makes what is printed there.
CLASSES = {
    "Classe WebSocket": "new NioChatWebSocket(token)",
    "Reconexão Automática": "new WebSocketWithReconnect(`ws://localhost:8010/ws/dashboard/?token=${token}`)",
}


@pytest.mark.parametrize("heading", CLASSES)
def test_a_printed_class_hears_every_event(
    page: Page, document: Document, company: Company, supervisor: str, heading: str
) -> None:
    page.goto("/plain.html")
    page.add_script_tag(content=document.code(heading))
    page.evaluate(
        f"""([token, types]) => {{
            window.heard = []; window.client = {CLASSES[heading]};
            for (const type of types) client.on(type, (data) => heard.push({{ type, data }}));
            client.connect();
        }}""",
        [supervisor, EVENTS],
    )
    page.wait_for_function("heard.some((frame) => frame.type === 'dashboard_metrics')")
    mark = uuid4().hex[:6]

    company.everything(mark)

    assert_documented(wait_for(page, *EVENTS, mark=mark), document)
    page.evaluate("client.maxReconnectAttempts = 0, client.disconnect()")


def test_the_printed_use_of_the_class_tells_of_a_message(
    page: Page, document: Document, company: Company, supervisor: str
) -> None:
    page.goto("/plain.html")
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text))
    with page.expect_console_message(lambda line: "Métricas atualizadas:" in line.text):
        page.add_script_tag(content=document.code("Classe WebSocket").replace("seu_token_aqui", supervisor))

    with page.expect_console_message(lambda line: "Nova mensagem:" in line.text):
        company.customer_writes("Oi")

    assert "Conectado ao WebSocket" in said


def test_the_class_with_the_token_that_it_is_printed_with_gives_up_after_five_tries(
    page: Page, document: Document
) -> None:
    page.clock.install(time=THEN)
    page.goto("/plain.html")
    page.clock.pause_at(THEN + timedelta(days=1))  # From here on time goes by as we say.
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text))
    with page.expect_console_message(lambda line: "Desconectado do WebSocket" in line.text):
        page.add_script_tag(content=document.code("Classe WebSocket"))

    with page.expect_console_message(lambda line: "Máximo de tentativas" in line.text):
        for number in range(1, 6):
            with page.expect_console_message(lambda line: "WebSocket desconectado" in line.text):
                page.clock.run_for(5_000)
            assert f"Tentativa de reconexão {number}/5" in said

    page.clock.run_for(60_000)
    assert said.count("Máximo de tentativas de reconexão atingido") == 1
    assert sum(line.startswith("Tentativa de reconexão") for line in said) == 5


def test_the_printed_react_hook_and_dashboard_follow(
    page: Page, document: Document, company: Company, supervisor: str
) -> None:
    page.goto("/react.html")
    unknown: set[str] = set()
    page.on("console", lambda line: unknown.add(line.text.removeprefix("Evento desconhecido: ")))
    page.evaluate("(token) => start(token)", supervisor)
    expect(page.get_by_text("Status: Conectado")).to_be_visible()
    expect(page.get_by_text("Total de Conversas:")).to_be_visible()
    page.wait_for_function(FOLLOWS)
    mark = uuid4().hex[:6]

    company.everything(mark)

    expect(page.get_by_text(f"João Silva: 5 - Excelente atendimento {mark}")).to_be_visible()
    page.wait_for_function("(mark) => hook.messages.some((one) => one.message.content === `Oi ${mark}`)", arg=mark)
    page.wait_for_function("(mark) => hook.csatUpdates.some((one) => one.feedback.endsWith(mark))", arg=mark)
    hook = page.evaluate("({ messages: hook.messages, metrics: hook.metrics, csatUpdates: hook.csatUpdates })")
    heard = [{"type": "chat_message", "data": data} for data in hook["messages"]]
    heard += [{"type": "csat_update", "data": data} for data in hook["csatUpdates"]]
    heard += [{"type": "dashboard_metrics", "data": hook["metrics"]}]
    assert_documented(heard, document, ("chat_message", "csat_update", "dashboard_metrics"))
    # The hook's author named three events; of the others it says that they came.
    others = {"message_reaction", "message_deleted", "audit_log", "user_status"}
    if not others <= unknown:
        page.wait_for_event("console", lambda _: others <= unknown)
    page.evaluate("stop()")


def test_what_the_printed_react_hook_sends_is_stored(page: Page, company: Company, supervisor: str) -> None:
    mark = uuid4().hex[:6]
    conversation = company.customer_writes(f"Oi {mark}")["conversation_id"]
    page.goto("/react.html")
    page.evaluate("(token) => start(token)", supervisor)
    page.wait_for_function(FOLLOWS)

    page.evaluate(
        "(frame) => hook.sendMessage(frame)", {"type": "message", "conversation_id": conversation, "content": mark}
    )

    page.wait_for_function("(mark) => hook.messages.some((one) => one.message.content === mark)", arg=mark)


def test_the_printed_vue_plugin_and_component_follow(
    page: Page, document: Document, company: Company, supervisor: str
) -> None:
    page.goto("/vue.html")
    page.evaluate("([token, types]) => start(token, types)", [supervisor, EVENTS])
    expect(page.get_by_text("Total de Conversas:")).to_be_visible()
    mark = uuid4().hex[:6]

    company.everything(mark)

    assert_documented(wait_for(page, *EVENTS, mark=mark), document)
    expect(page.get_by_text(f"João Silva: 5 - Excelente atendimento {mark}")).to_be_visible()
    expect(page.get_by_text("Status: Conectado")).to_be_visible()
    page.evaluate("stop()")
    page.wait_for_function("socket.ws === null")


def test_the_printed_angular_service_and_component_follow(
    page: Page, document: Document, company: Company, supervisor: str
) -> None:
    page.goto("/angular.html")
    page.evaluate("(token) => start(token)", supervisor)
    expect(page.get_by_text("Total de Conversas:")).to_be_visible()
    mark = uuid4().hex[:6]

    company.everything(mark)

    assert_documented(wait_for(page, *EVENTS, mark=mark), document)
    expect(page.get_by_text(f"João Silva: 5 - Excelente atendimento {mark}")).to_be_visible()
    expect(page.get_by_text("Status: Conectado")).to_be_visible()
    assert page.evaluate("service.isConnected()")
    page.evaluate("stop()")
    page.wait_for_function("!service.isConnected()")
