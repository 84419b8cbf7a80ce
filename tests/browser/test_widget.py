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
from playwright.sync_api import FilePayload, Page, expect

pytestmark = pytest.mark.browser
OPENS_WITHIN_MS = 200
FIELD = ".composer textarea"
HOSTILE = "* { display: inline !important; color: red !important; font-size: 40px !important } button { display: none }"


class Team:
    """What the team does, by REST."""

    def __init__(self, server: str, token: str) -> None:
        bearer = {"Authorization": f"Bearer {token}"}
        self.api = httpx.Client(base_url=f"{server}/api/v1", headers=bearer, timeout=30)

    def conversation_with(self, text: str) -> int:
        """The conversation in which somebody wrote this."""
        for _ in range(50):
            found = self.api.get("/conversations", params={"search": text, "limit": 1}).json()
            if found:
                return int(found[0]["id"])
        raise AssertionError(f"nobody wrote {text}")

    def contents(self, conversation: int) -> list[str]:
        return [message["content"] for message in self.api.get(f"/conversations/{conversation}/messages").json()]

    def reply(self, conversation: int, content: str) -> None:
        self.api.post(f"/conversations/{conversation}/messages", json={"content": content}).raise_for_status()

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
    answer = httpx.get(f"{server}/api/v1/inboxes", headers={"Authorization": f"Bearer {token('admin')}"})
    return dict(next(inbox for inbox in answer.json() if inbox["channel"] == "webchat"))


@pytest.fixture
def secret(server: str, token: Callable[[str], str], key: dict[str, Any]) -> str:
    """The inbox's secret, which the site's own server would keep."""
    admin = {"Authorization": f"Bearer {token('admin')}"}
    answer = httpx.post(f"{server}/api/v1/inboxes/{key['id']}/secret", headers=admin, timeout=30)
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


def bubble(page: Page, text: str) -> Any:
    return page.locator(".message", has_text=text)


def top_of(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box
    return float(box["y"])


def test_it_opens_at_once_and_the_visitor_is_heard(window: Callable[..., Page], team: Team, mark: str) -> None:
    shop = window("/demo/shop/")
    shop.click(".launcher")
    took = shop.evaluate(
        """() => Math.max(...document.querySelector("niochat-widget").shadowRoot.querySelector(".panel")
              .getAnimations().map((moving) => moving.effect.getComputedTiming().endTime), 0)"""
    )
    assert took <= OPENS_WITHIN_MS
    expect(shop.locator(FIELD)).to_be_focused()

    write(shop, f"Oi {mark}")
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
    write(shop, f"Oi {mark}")
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
    shop.wait_for_timeout(300)
    shop.reload()
    expect(shop.locator(".launcher")).to_have_attribute("aria-label", "Abrir a conversa")


def test_what_is_written_without_a_connection_goes_once_when_it_is_back(
    window: Callable[..., Page], team: Team, mark: str
) -> None:
    shop = window("/demo/shop/")
    shop.click(".launcher")
    write(shop, f"Antes {mark}")
    conversation = team.conversation_with(f"Antes {mark}")
    expect(bubble(shop, "Antes").locator(".icon-check")).to_be_visible()

    shop.context.set_offline(True)
    for number in range(3):
        write(shop, f"Sem rede {number} {mark}")
    expect(bubble(shop, f"Sem rede 2 {mark}").locator(".icon-clock")).to_be_visible()
    team.reply(conversation, f"Enquanto isso {mark}")
    shop.context.set_offline(False)

    expect(bubble(shop, f"Enquanto isso {mark}")).to_be_visible(timeout=20_000)
    expect(bubble(shop, f"Sem rede 2 {mark}").locator(".icon-check, .icon-checks")).to_be_visible(timeout=20_000)
    said = [content for content in team.contents(conversation) if "Sem rede" in content]
    assert said == [f"Sem rede {number} {mark}" for number in range(3)]


def test_a_message_outlives_a_page_that_was_closed_before_it_went(window: Callable[..., Page], mark: str) -> None:
    shop = window("/demo/shop/")
    shop.click(".launcher")
    write(shop, f"Antes {mark}")
    expect(bubble(shop, "Antes").locator(".icon-check")).to_be_visible()
    shop.route("**/widget.js", lambda route: route.continue_())
    shop.context.set_offline(True)
    write(shop, f"Depois {mark}")
    shop.context.set_offline(False)
    shop.reload()
    shop.click(".launcher")

    expect(bubble(shop, f"Depois {mark}")).to_have_count(1)
    expect(bubble(shop, f"Depois {mark}").locator(".icon-check")).to_be_visible()


def test_a_picture_is_sent_with_its_progress_and_shown(window: Callable[..., Page], team: Team, mark: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (400, 300), "#c4704b").save(picture, "PNG")
    shop = window("/demo/shop/")
    shop.click(".launcher")
    file: FilePayload = {"name": f"{mark}.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    shop.set_input_files(".composer input[type=file]", file)
    expect(shop.locator(".chips li.done")).to_have_count(1)
    write(shop, f"Este vaso {mark}")

    shown = bubble(shop, mark).locator("img")
    expect(shown).to_be_visible()
    assert shown.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 400
    shop.reload()
    shop.click(".launcher")
    assert (
        bubble(shop, mark).locator("img[src]").evaluate("(image) => image.decode().then(() => image.naturalWidth)")
        == 400
    )
    messages = team.api.get(f"/conversations/{team.conversation_with(mark)}/messages").json()
    assert [file["name"] for file in messages[-1]["attachments"]] == [f"{mark}.png"]


def test_the_keyboard_alone_is_enough(window: Callable[..., Page], mark: str) -> None:
    shop = window("/demo/shop/")
    shop.locator(".launcher").focus()
    shop.keyboard.press("Enter")
    expect(shop.locator(FIELD)).to_be_focused()
    shop.keyboard.type(f"Teclado {mark}")
    shop.keyboard.press("Enter")
    expect(bubble(shop, f"Teclado {mark}")).to_be_visible()

    inside = "document.activeElement === document.querySelector('niochat-widget')"
    for press in ["Tab"] * 8 + ["Shift+Tab"] * 8:
        shop.keyboard.press(press)
        assert shop.evaluate(inside)
    shop.keyboard.press("Escape")
    expect(shop.locator(".launcher")).to_be_focused()
    assert shop.locator(".launcher").get_attribute("aria-expanded") == "false"
    expect(shop.locator("[role=log]")).to_have_attribute("aria-live", "polite")


def test_it_keeps_clear_of_the_cookie_bar_and_fills_a_phone(window: Callable[..., Page]) -> None:
    shop = window("/demo/shop/")
    expect(shop.locator("#cookies")).to_be_visible()
    shop.wait_for_timeout(400)
    assert top_of(shop, ".launcher") + 56 <= top_of(shop, "#cookies")
    before = top_of(shop, ".launcher")
    shop.click("#cookies button")
    shop.wait_for_timeout(400)
    assert top_of(shop, ".launcher") > before

    phone = window("/demo/shop/", viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    phone.tap(".launcher")
    phone.wait_for_timeout(400)
    box = phone.locator(".panel").bounding_box()
    assert box
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 780)
    expect(phone.locator(".launcher")).to_be_hidden()


def test_a_strict_page_of_another_origin_embeds_it_and_cannot_spoil_it(
    window: Callable[..., Page], elsewhere: str, team: Team, mark: str
) -> None:
    page = window(f"{elsewhere}/?language=en&accent=%23c2410c")
    page.click(".launcher")
    expect(page.locator(FIELD)).to_have_attribute("placeholder", "Write a message")
    assert page.locator("h2").evaluate("(title) => getComputedStyle(title).fontSize") == "16px"
    assert page.locator(".launcher").evaluate("(it) => getComputedStyle(it).backgroundColor") == "rgb(194, 65, 12)"
    write(page, f"From afar {mark}")
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
    write(shop, f"Ainda anônimo {mark}")
    conversation = team.conversation_with(mark)
    shop.evaluate(
        "([identifier, hash]) => NioChat.identify({identifier, identifier_hash: hash, name: 'Rui Alves'})",
        [mark, signature],
    )

    expect(bubble(shop, f"Ainda anônimo {mark}")).to_be_visible()
    assert team.api.get(f"/conversations/{conversation}").json()["contact"]["name"] == "Rui Alves"
    team.reply(conversation, f"Olá, Rui {mark}")
    expect(bubble(shop, f"Olá, Rui {mark}")).to_be_visible()
    assert shop.evaluate("heard") == [f"Olá, Rui {mark}"]

    shop.evaluate("NioChat.forget()")
    expect(bubble(shop, mark)).to_have_count(0)
    assert shop.evaluate("NioChat.identify({identifier: 'x', identifier_hash: 'y'}).catch((error) => error.code)") == (
        "identity_invalid"
    )


def test_the_survey_page_needs_no_javascript(window: Callable[..., Page], team: Team, mark: str) -> None:
    shop = window("/demo/shop/")
    shop.click(".launcher")
    write(shop, f"Oi {mark}")
    conversation = team.conversation_with(mark)
    team.reply(conversation, "Olá")
    survey = urlsplit(team.close(conversation)).path

    page = window(survey, java_script_enabled=False)
    expect(page.locator("textarea")).to_be_hidden()
    page.locator("label.rating").nth(3).click()
    page.fill("textarea", f"Bom {mark}")
    page.click("button[type=submit]")
    expect(page.locator("h1")).to_have_text("Obrigado")
    assert team.api.get(f"/conversations/{conversation}").json()["csat"] == {"rating": 4, "feedback": f"Bom {mark}"}


def test_a_click_on_a_face_in_the_widget_counts_at_once(window: Callable[..., Page], team: Team, mark: str) -> None:
    shop = window("/demo/shop/")
    shop.click(".launcher")
    write(shop, f"Oi {mark}")
    conversation = team.conversation_with(mark)
    team.reply(conversation, "Olá")
    team.close(conversation)
    survey = shop.locator(".survey")
    expect(survey).to_be_visible()
    expect(survey.locator("textarea")).to_be_hidden()
    survey.locator("label.rating").nth(4).click()
    expect(survey.locator("textarea")).to_be_visible()
    shop.wait_for_timeout(1_000)
    assert team.api.get(f"/conversations/{conversation}").json()["csat"]["rating"] == 5

    survey.locator("textarea").fill("Rápido")
    survey.locator("button[type=submit]").click()
    expect(survey.get_by_role("status")).to_be_visible()
    write(shop, f"Mais uma coisa {mark}")
    expect(survey).to_have_count(0)
