"""A real server with the demo in it, and real Chromium windows on it.

The server is the real command in a process of its own on its own database, so tests here know only what a person at
a screen knows. One server for the whole session: a test that changes something makes its own customer first.
"""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import packed
from tests.browser.cable import Cable
from tests.browser.happenings import PATIENCE_S, Company

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "niochat-demo"
# The demo's weeks are written first, by every worker at the same time.
UP_WITHIN_S = 600
# With the server's start and the front ends' builds, which the first test of all waits for.
WHOLE_TEST_S = 900
STOPS_WITHIN_S = 60
# Ports that the system gives to nobody who asks for any: between choosing one and listening on it nobody takes it.
PORTS = range(20_000, 32_000)
# A run may last longer than a token does.
TOKENS_LAST_MINUTES = 24 * 60
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

# For what is shown in the end. How soon is not measured here: the machine that runs this runs everything else as well.
expect.set_options(timeout=PATIENCE_S * 1000)

# The addresses that clients were printed with; a test's server has a port of its own.
PRINTED_PORTS = (8010, 8000, 8080, 3000)
# To a browser a name like this is no secure context, as it is in a company that serves itself by plain HTTP.
WITHOUT_TLS = "niochat.test"

# The last is what Chromium says of every page without TLS.
NOT_OURS = ("Failed to load resource", "WebSocket", "Cross-Origin-Opener-Policy")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.timeout(WHOLE_TEST_S))


@pytest.fixture(scope="session")
def browser_type_launch_args(server: str) -> dict[str, Any]:
    """The system's Chromium: the browser that Playwright would fetch for itself is not needed.

    It finds the server at every address that a document prints, so that printed code runs to the letter.
    """
    ours = f"127.0.0.1:{urlsplit(server).port}"
    rules = ",".join([*(f"MAP localhost:{port} {ours}" for port in PRINTED_PORTS), f"MAP {WITHOUT_TLS} 127.0.0.1"])
    args = [*CHROMIUM, f"--host-resolver-rules={rules}"]
    return {"executable_path": "/usr/bin/chromium", "args": args, "headless": True}


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a running product: embedded default, demo loaded."""
    with tempfile.TemporaryDirectory(prefix="niochat-browser-") as here:
        port = free_port()
        url = f"http://localhost:{port}"
        env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        env |= {
            "DEBUG": "1",
            "SECURE": "0",
            "VAR_DIR": here,
            "PUBLIC_URL": url,
            "ALLOWED_HOSTS": f"localhost,127.0.0.1,{WITHOUT_TLS}",
            "ACCESS_TOKEN_MINUTES": str(TOKENS_LAST_MINUTES),
            "DJANGO_SETTINGS_MODULE": "niochat.settings",
        }
        command = [sys.executable, "manage.py", "start", "--demo", "--ports", str(port)]
        log = Path(here) / "server.log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output)
        try:
            wait_until_up(url, process, log)
            yield url
        finally:
            process.terminate()
            process.wait(STOPS_WITHIN_S)


def free_port() -> int:
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("Every port is taken.")


def wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{url}/health", timeout=1).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"The product did not start:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def token(server: str) -> Callable[[str], str]:
    """An access token of a demo user."""
    known: dict[str, str] = {}

    def of(username: str) -> str:
        if username not in known:
            login = {"username": username, "password": PASSWORD}
            answer = httpx.post(f"{server}/api/v1/auth/token", json=login, timeout=PATIENCE_S)
            known[username] = answer.raise_for_status().json()["access"]
        return known[username]

    return of


@pytest.fixture(scope="session")
def company(server: str, token: Callable[[str], str]) -> Iterator[Company]:
    """The demo's company at work."""
    company = Company(server, token)
    yield company
    company.close()


@pytest.fixture(scope="session")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for applications, in which the client package is installed as npm packs it."""
    return packed.workplace(tmp_path_factory.mktemp("packed"))


def patient(context: BrowserContext) -> BrowserContext:
    """What is done in its windows waits as long as what is expected of them."""
    context.set_default_timeout(PATIENCE_S * 1000)
    return context


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window on whatever."""
    context = patient(browser.new_context())
    yield context.new_page()
    context.close()


@pytest.fixture
def window(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Open a window with cookies and storage of its own; what its console complains about fails the test at the end."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_window(path: str = "/", **options: Any) -> Page:
        settings = {"base_url": server, "viewport": {"width": 1440, "height": 900}, "locale": "pt-BR", **options}
        context = patient(browser.new_context(**settings))
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
        page.goto(path)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert complaints == []


def is_complaint(said: Any) -> bool:
    """An error that the page itself made; a refused or lost connection is the test's own doing."""
    return said.type == "error" and not any(words in said.text for words in NOT_OURS)


@pytest.fixture(scope="session")
def logins() -> dict[tuple[str, str], dict[str, Any]]:
    """What the browser keeps of a login, by user and host: a later window need not go by the form again."""
    return {}


@pytest.fixture
def cable(server: str) -> Iterator[Cable]:
    """A connection to the server that can be pulled out."""
    cable = Cable(urlsplit(server).port or 80)
    yield cable
    cable.close()


def log_in(page: Page, username: str) -> None:
    """By the form, from the page that shows it."""
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def follows(page: Page) -> None:
    """Until the dashboard has drawn its state and hears of every change."""
    expect(page.locator(".connection")).to_have_attribute("data-state", "connected")


@pytest.fixture
def desk(
    window: Callable[..., Page], server: str, logins: dict[tuple[str, str], dict[str, Any]]
) -> Callable[..., Page]:
    """A window in which a demo user has logged in; one of the dashboard's is followed as soon as it is given."""

    def open_desk(username: str, path: str = "/", *, own_session: bool = False, **options: Any) -> Page:
        """`own_session`: of a login that nobody else has, for who ends it."""
        who = username, urlsplit(options.get("base_url", server)).hostname or ""
        if who in logins and not own_session:
            page = window(path, storage_state=logins[who], **options)
        else:
            page = window("/login/", **options)
            log_in(page, username)
            if not own_session:
                logins[who] = {"cookies": page.context.cookies(), "origins": []}
            if path != "/":
                page.goto(path)
        if not path.startswith("/admin/"):
            follows(page)
        return page

    return open_desk
