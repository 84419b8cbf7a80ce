"""`make screenshots`: take the documents' pictures of a fresh product with its demo, or of the one at a given URL."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tools.services import free_port
from tools.terminal import give_up, say

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
DEMO_WORD = "niochat-demo"
UP_WITHIN_S = 300
SETTLED_MS = 1500


@contextmanager
def product() -> Iterator[str]:
    """A running product with a fresh demo; yields its URL."""
    with tempfile.TemporaryDirectory() as here:
        port = free_port()
        url = f"http://localhost:{port}"
        env = os.environ | {"DEBUG": "1", "VAR_DIR": here, "PUBLIC_URL": url, "LOG_LEVEL": "WARNING"}
        env.pop("DATABASE_URL", None)
        env.pop("REDIS_URL", None)
        command = [sys.executable, "manage.py", "start", "--demo", "--ports", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
        try:
            wait_for(f"{url}/health")
            yield url
        finally:
            process.terminate()
            process.wait(15)


def wait_for(url: str) -> None:
    until = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own server on loopback
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.3)
    give_up("The product did not start.")


def log_in(page: Page, url: str, username: str) -> None:
    page.goto(f"{url}/login/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", DEMO_WORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda found: "/login" not in found)


def shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(SETTLED_MS)
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=IMAGES / f"{name}.png")
    say(f"docs/images/{name}.png")


def main() -> None:
    running = nullcontext(sys.argv[1]) if sys.argv[1:] else product()
    with running as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        for scheme in ("light", "dark"):
            suffix = "" if scheme == "light" else "-dark"
            agent = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme=scheme, locale="pt-BR")
            log_in(agent, url, "agent")
            agent.locator(".row").first.click()
            shoot(agent, f"inbox{suffix}")
            supervisor = browser.new_context(
                viewport={"width": 1440, "height": 900}, color_scheme=scheme, locale="pt-BR"
            ).new_page()
            log_in(supervisor, url, "supervisor")
            supervisor.goto(f"{url}/live/")
            if scheme == "light":
                shoot(supervisor, "live")
            agent.context.close()
        shop = browser.new_page(viewport={"width": 1280, "height": 860}, locale="pt-BR")
        shop.goto(f"{url}/demo/shop/")
        shop.locator(".launcher").click()
        shoot(shop, "widget")
        browser.close()


if __name__ == "__main__":
    main()
