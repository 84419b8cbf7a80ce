"""The widget as a customer meets it: on the demonstration's shop, and on a stranger's strict page."""

from __future__ import annotations

import hashlib
import hmac
import io
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, Route, WebSocketRoute, expect

from tests.browser.cable import Cable
from tests.browser.happenings import PATIENCE_S

pytestmark = pytest.mark.browser
OPENS_WITHIN_MS = 200
FIELD = ".composer textarea"
HOSTILE = "* { display: inline !important; color: red !important; font-size: 40px !important } button { display: none }"


class Team:
    """What the team does, by REST."""

    def __init__(self, server: str, token: str) -> None:
        bearer = {"Authorization": f"Bearer {token}"}
        self.api = httpx.Client(base_url=f"{server}/api/v1", headers=bearer, timeout=PATIENCE_S)

    def conversation_with(self, text: str) -> int:
        """The conversation in which somebody wrote this, and saw it taken."""
        (found,) = self.api.get("/conversations", params={"search": text, "limit": 1}).raise_for_status().json()
        return int(found["id"])

    def contents(self, conversation: int) -> list[str]:
        return [message["content"] for message in self.api.get(f"/conversations/{conversation}/messages").json()]

    def reply(self, conversation: int, content: str) -> None:
        self.api.post(f"/conversations/{conversation}/messages", json={"content": content}).raise_for_status()

    def rating(self, conversation: int) -> Any:
        return self.api.get(f"/conversations/{conversation}").raise_for_status().json()["csat"]

    def close(self, conversation: int) -> str:
        """Close it and ask for a rating; the survey's address."""
        self.api.post(f"/conversations/{conversation}/close").raise_for_status()
        return str(self.api.post(f"/conversations/{conversation}/survey").raise_for_status().json()["url"])


@pytest.fixture
def team(server: str, token: Callable[[str], str]) -> Iterator[Team]:
    team = Team(server, token("supervisor"))
    yield team
    team.api.close()


@pytest.fixture
def key(server: str, token: Callable[[str], str]) -> dict[str, Any]:
    """The demo's web chat, as its admin sees it."""
    admin = {"Authorization": f"Bearer {token('admin')}"}
    answer = httpx.get(f"{server}/api/v1/inboxes", headers=admin, timeout=PATIENCE_S)
    return dict(next(inbox for inbox in answer.json() if inbox["channel"] == "webchat"))


@pytest.fixture
def secret(server: str, token: Callable[[str], str], key: dict[str, Any]) -> str:
    """The inbox's secret, which the site's own server would keep."""
    admin = {"Authorization": f"Bearer {token('admin')}"}
    answer = httpx.post(f"{server}/api/v1/inboxes/{key['id']}/secret", headers=admin, timeout=PATIENCE_S)
    return str(answer.raise_for_status().json()["key"])


@pytest.fixture
def elsewhere(server: str, key: dict[str, Any]) -> Iterator[str]:
    """A stranger's site: another origin, a style for everything, and a policy that allows what the widget's page needs.

    The query of its address becomes the script tag's attributes.
    """
    socket = server.replace("http", "ws")
    allowed = f"script-src {server}; connect-src {server} {socket}; img-src 'self' blob:"
    policy = f"default-src 'none'; style-src 'nonce-x'; {allowed}"

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            attributes = " ".join(f'data-{name}="{values[0]}"' for name, values in asked.items())
            script = f'<script src="{server}/widget.js" data-inbox="{key["token"]}" {attributes} async></script>'
            page = f'<!doctype html><html lang="ja"><style nonce="x">{HOSTILE}</style><body>page {script}</body></html>'
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            return

    site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield f"http://localhost:{site.server_address[1]}"
    site.shutdown()
    site.server_close()


@pytest.fixture
def mark() -> str:
    return uuid4().hex[:8]


def write(page: Page, text: str) -> None:
    page.fill(FIELD, text)
    page.press(FIELD, "Enter")


def says(page: Page, text: str) -> None:
    """Write, and see that it was taken."""
    write(page, text)
    is_taken(page, text)


def is_taken(page: Page, text: str) -> None:
    expect(bubble(page, text).locator(".icon-check, .icon-checks")).to_be_visible()


def bubble(page: Page, text: str) -> Any:
    return page.locator(".message", has_text=text)


def is_known(page: Page) -> None:
    """The server has told what it knows of this visitor."""
    expect(page.locator("[role=log]")).to_have_attribute("aria-busy", "false")


def cut(page: Page, cable: Cable) -> None:
    """Their network is gone, and the browser knows it."""
    cable.cut()
    page.context.set_offline(True)


def mend(page: Page, cable: Cable) -> None:
    cable.mend()
    page.context.set_offline(False)


def holds(page: Page, condition: str, arg: Any = None) -> None:
    """Until this holds of the places of the widget's parts, which move there; `top` and `box` take a selector."""
    places = """const box = (selector) => (document.querySelector(selector) ??
            document.querySelector("niochat-widget").shadowRoot.querySelector(selector)).getBoundingClientRect();
        const top = (selector) => box(selector).top;"""
    page.wait_for_function(f"(arg) => {{ {places} return {condition}; }}", arg=arg)


def test_it_opens_at_once_and_the_visitor_is_heard(window: Callable[..., Page], team: Team, mark: str) -> None:
    shop = window("/demo/shop/")
    shop.click(".launcher")
    took = shop.evaluate(
        """() => Math.max(...document.querySelector("niochat-widget").shadowRoot.querySelector(".panel")
              .getAnimations().map((moving) => moving.effect.getComputedTiming().endTime), 0)"""
    )
    assert took <= OPENS_WITHIN_MS
    expect(shop.locator(FIELD)).to_be_focused()

    says(shop, f"Oi {mark}")
    conversation = team.conversation_with(mark)
    team.reply(conversation, f"Olá {mark} https://aurora.example/frete")
    expect(bubble(shop, f"Olá {mark}")).to_be_visible()
    expect(bubble(shop, f"Olá {mark}").locator("a")).to_have_attribute("rel", "noopener noreferrer nofollow")
    assert shop.context.cookies() == []


def test_a_reload_keeps_the_conversation_and_counts_what_was_not_read(
    window: Callable[..., Page], team: Team, mark: str
) -> None:
    shop = window("/demo/shop/")
    shop.click(".launcher")
    says(shop, f"Oi {mark}")
    conversation = team.conversation_with(mark)
    shop.press(FIELD, "Escape")
    expect(shop.locator(".panel")).to_be_hidden()
    expect(shop.locator(".launcher")).to_be_focused()
    team.reply(conversation, "Primeira")
    team.reply(conversation, "Segunda")

    expect(shop.locator(".badge")).to_have_text("2")
    shop.reload()
    expect(shop.locator(".launcher")).to_have_attribute("aria-label", "Abrir a conversa, 2 mensagens novas")
    shop.click(".launcher")
    expect(bubble(shop, "Segunda")).to_be_visible()
    expect(shop.locator(".badge")).to_be_hidden()
    shop.reload()
    is_known(shop)
    expect(shop.locator(".launcher")).to_have_attribute("aria-label", "Abrir a conversa")


def test_what_is_written_without_a_connection_goes_once_when_it_is_back(
    window: Callable[..., Page], cable: Cable, team: Team, mark: str
) -> None:
    shop = window("/demo/shop/", base_url=f"http://localhost:{cable.port}")
    shop.click(".launcher")
    says(shop, f"Antes {mark}")
    conversation = team.conversation_with(f"Antes {mark}")

    cut(shop, cable)
    for number in range(3):
        write(shop, f"Sem rede {number} {mark}")
    expect(bubble(shop, f"Sem rede 2 {mark}").locator(".icon-clock")).to_be_visible()
    team.reply(conversation, f"Enquanto isso {mark}")
    mend(shop, cable)

    expect(bubble(shop, f"Enquanto isso {mark}")).to_be_visible()
    is_taken(shop, f"Sem rede 2 {mark}")
    said = [content for content in team.contents(conversation) if "Sem rede" in content]
    assert said == [f"Sem rede {number} {mark}" for number in range(3)]


def test_a_message_outlives_a_page_that_was_closed_before_it_went(
    window: Callable[..., Page], cable: Cable, team: Team, mark: str
) -> None:
    shop = window("/demo/shop/", base_url=f"http://localhost:{cable.port}")
    shop.click(".launcher")
    says(shop, f"Antes {mark}")
    cut(shop, cable)
    write(shop, f"Depois {mark}")
    expect(bubble(shop, f"Depois {mark}").locator(".icon-clock")).to_be_visible()
    shop.goto("about:blank")
    mend(shop, cable)
    shop.goto("/demo/shop/")
    shop.click(".launcher")

    is_taken(shop, f"Depois {mark}")
    expect(bubble(shop, f"Depois {mark}")).to_have_count(1)
    assert team.contents(team.conversation_with(f"Antes {mark}")) == [f"Antes {mark}", f"Depois {mark}"]


def test_a_picture_is_sent_with_its_progress_and_shown(window: Callable[..., Page], team: Team, mark: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (400, 300), "#c4704b").save(picture, "PNG")
    shop = window("/demo/shop/")
    shop.click(".launcher")
    file: FilePayload = {"name": f"{mark}.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    shop.set_input_files(".composer input[type=file]", file)
    expect(shop.locator(".chips li.done")).to_have_count(1)
    says(shop, f"Este vaso {mark}")

    width = "(image) => image.decode().then(() => image.naturalWidth)"
    assert bubble(shop, mark).locator("img[src]").evaluate(width) == 400
    shop.reload()
    shop.click(".launcher")
    assert bubble(shop, mark).locator("img[src]").evaluate(width) == 400
    messages = team.api.get(f"/conversations/{team.conversation_with(mark)}/messages").json()
    assert [file["name"] for file in messages[-1]["attachments"]] == [f"{mark}.png"]


def test_the_keyboard_alone_is_enough(window: Callable[..., Page], mark: str) -> None:
    shop = window("/demo/shop/")
    shop.locator(".launcher").focus()
    shop.keyboard.press("Enter")
    expect(shop.locator(FIELD)).to_be_focused()
    shop.keyboard.type(f"Teclado {mark}")
    shop.keyboard.press("Enter")
    is_taken(shop, f"Teclado {mark}")

    inside = "document.activeElement === document.querySelector('niochat-widget')"
    for press in ["Tab"] * 8 + ["Shift+Tab"] * 8:
        shop.keyboard.press(press)
        assert shop.evaluate(inside)
    shop.keyboard.press("Escape")
    expect(shop.locator(".launcher")).to_be_focused()
    expect(shop.locator(".launcher")).to_have_attribute("aria-expanded", "false")
    expect(shop.locator("[role=log]")).to_have_attribute("aria-live", "polite")


def test_it_keeps_clear_of_the_cookie_bar_and_fills_a_phone(window: Callable[..., Page]) -> None:
    shop = window("/demo/shop/")
    expect(shop.locator("#cookies")).to_be_visible()
    expect(shop.locator(".launcher")).to_be_visible()
    holds(shop, "box('.launcher').bottom <= top('#cookies')")
    above = shop.locator("#cookies").bounding_box()
    assert above
    shop.click("#cookies button")
    expect(shop.locator("#cookies")).to_be_hidden()
    holds(shop, "box('.launcher').bottom > arg", above["y"])

    phone = window("/demo/shop/", viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    phone.tap(".launcher")
    holds(phone, "['x', 'y', 'width', 'height'].map((side) => box('.panel')[side]).join() === arg", "0,0,390,780")
    expect(phone.locator(".launcher")).to_be_hidden()


def test_a_strict_page_of_another_origin_embeds_it_and_cannot_spoil_it(
    window: Callable[..., Page], elsewhere: str, team: Team, mark: str
) -> None:
    page = window(f"{elsewhere}/?language=en&accent=%23c2410c")
    page.click(".launcher")
    expect(page.locator(FIELD)).to_have_attribute("placeholder", "Write a message")
    expect(page.locator("h2")).to_have_css("font-size", "16px")
    expect(page.locator(".launcher")).to_have_css("background-color", "rgb(194, 65, 12)")
    says(page, f"From afar {mark}")
    team.reply(team.conversation_with(mark), f"Answer {mark}")

    expect(bubble(page, f"Answer {mark}")).to_be_visible()
    assert page.context.cookies() == []


def test_the_page_can_open_it_listen_and_say_who_the_visitor_is(
    window: Callable[..., Page], secret: str, team: Team, mark: str
) -> None:
    signature = hmac.new(secret.encode(), mark.encode(), hashlib.sha256).hexdigest()
    shop = window("/demo/shop/")
    expect(shop.locator(".launcher")).to_be_visible()
    shop.evaluate("window.heard = []; NioChat.on('message', ({content}) => heard.push(content)); NioChat.open()")
    says(shop, f"Ainda anônimo {mark}")
    conversation = team.conversation_with(mark)
    shop.evaluate(
        "([identifier, hash]) => NioChat.identify({identifier, identifier_hash: hash, name: 'Rui Alves'})",
        [mark, signature],
    )

    expect(bubble(shop, f"Ainda anônimo {mark}")).to_be_visible()
    assert team.api.get(f"/conversations/{conversation}").json()["contact"]["name"] == "Rui Alves"
    team.reply(conversation, f"Olá, Rui {mark}")
    expect(bubble(shop, f"Olá, Rui {mark}")).to_be_visible()
    shop.wait_for_function("heard.length > 0")
    assert shop.evaluate("heard") == [f"Olá, Rui {mark}"]

    shop.evaluate("NioChat.forget()")
    expect(bubble(shop, mark)).to_have_count(0)
    assert shop.evaluate("NioChat.identify({identifier: 'x', identifier_hash: 'y'}).catch((error) => error.code)") == (
        "identity_invalid"
    )


def test_the_survey_page_needs_no_javascript(window: Callable[..., Page], team: Team, mark: str) -> None:
    shop = window("/demo/shop/")
    shop.click(".launcher")
    says(shop, f"Oi {mark}")
    conversation = team.conversation_with(mark)
    team.reply(conversation, "Olá")
    survey = urlsplit(team.close(conversation)).path

    page = window(survey, java_script_enabled=False)
    expect(page.locator("textarea")).to_be_hidden()
    page.locator("label.rating").nth(3).click()
    page.fill("textarea", f"Bom {mark}")
    page.click("button[type=submit]")
    expect(page.locator("h1")).to_have_text("Obrigado")
    assert team.rating(conversation) == {"rating": 4, "feedback": f"Bom {mark}"}


def an_answer(request: Any) -> bool:
    return request.method == "POST" and "/api/v1/surveys/" in request.url


def test_a_click_on_a_face_in_the_widget_counts_at_once(window: Callable[..., Page], team: Team, mark: str) -> None:
    shop = window("/demo/shop/")
    shop.click(".launcher")
    says(shop, f"Oi {mark}")
    conversation = team.conversation_with(mark)
    team.reply(conversation, "Olá")
    team.close(conversation)
    survey = shop.locator(".survey")
    expect(survey).to_be_visible()
    expect(survey.locator("textarea")).to_be_hidden()
    with shop.expect_response(lambda answer: an_answer(answer.request) and answer.ok):
        survey.locator("label.rating").nth(4).click()
    expect(survey.locator("textarea")).to_be_visible()
    assert team.rating(conversation)["rating"] == 5

    survey.locator("textarea").fill("Rápido")
    survey.locator("button[type=submit]").click()
    expect(survey.get_by_role("status")).to_be_visible()
    write(shop, f"Mais uma coisa {mark}")
    expect(survey).to_have_count(0)


class Detained:
    """A page's answers to surveys, none of which arrives before it is let go."""

    def __init__(self, page: Page) -> None:
        self.is_over = False
        self.routes: list[Route] = []
        page.route("**/api/v1/surveys/**", self.take)

    def take(self, route: Route) -> None:
        if self.is_over:
            route.continue_()
        else:
            self.routes.append(route)

    def release(self) -> None:
        self.is_over = True
        for route in self.routes:
            route.continue_()


def test_of_two_answers_to_a_survey_the_later_one_counts_however_late_the_earlier_arrives(
    window: Callable[..., Page], team: Team, mark: str
) -> None:
    shop = window("/demo/shop/")
    shop.click(".launcher")
    says(shop, f"Oi {mark}")
    conversation = team.conversation_with(mark)
    address = urlsplit(team.close(conversation)).path

    survey = shop.locator(".survey")
    detained = Detained(shop)
    with shop.expect_request(an_answer):
        survey.locator("label.rating").nth(1).click()
    survey.locator("textarea").fill("Demorou")
    survey.locator("button[type=submit]").click()
    detained.release()
    expect(survey.get_by_role("status")).to_be_visible()
    assert team.rating(conversation) == {"rating": 2, "feedback": "Demorou"}

    page = window(f"{address}?change=1")
    detained = Detained(page)
    with page.expect_request(an_answer):
        page.locator("label.rating").nth(2).click()
    page.fill("textarea", "Melhorou")
    page.click("button[type=submit]", no_wait_after=True)
    detained.release()
    expect(page.locator("h1")).to_have_text("Obrigado")
    assert team.rating(conversation) == {"rating": 3, "feedback": "Melhorou"}


class Sockets:
    """A page's sockets, which a proxy lets through or not; its other requests go on."""

    def __init__(self, page: Page) -> None:
        self.let_through = True
        self.open: list[WebSocketRoute] = []
        page.route_web_socket("**/ws/widget/", self.take)
        page.reload()

    def take(self, socket: WebSocketRoute) -> None:
        if self.let_through:
            socket.connect_to_server()
            self.open.append(socket)
        else:
            socket.close()

    def block(self) -> None:
        self.let_through = False
        for socket in self.open:
            socket.close()


def test_what_a_stranger_has_not_sent_yet_goes_along_when_they_say_who_they_are(
    window: Callable[..., Page], secret: str, team: Team, mark: str
) -> None:
    signature = hmac.new(secret.encode(), mark.encode(), hashlib.sha256).hexdigest()
    shop = window("/demo/shop/")
    sockets = Sockets(shop)
    shop.click(".launcher")
    says(shop, f"Antes {mark}")
    sockets.block()
    write(shop, f"Depois {mark}")
    shop.evaluate(
        "([identifier, hash]) => NioChat.identify({identifier, identifier_hash: hash, name: 'Ada Reis'})",
        [mark, signature],
    )
    expect(bubble(shop, f"Depois {mark}").locator(".icon-clock")).to_be_visible()

    sockets.let_through = True
    is_taken(shop, f"Depois {mark}")
    conversation = team.conversation_with(f"Antes {mark}")
    assert team.contents(conversation) == [f"Antes {mark}", f"Depois {mark}"]
    assert team.api.get(f"/conversations/{conversation}").json()["contact"]["name"] == "Ada Reis"
