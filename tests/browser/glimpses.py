"""What is shown for a moment only: looked for from before it can be there, so that no look comes too late."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

# At every frame that the page paints, the widget's own included.
WATCH = """([name, selector, text]) => {
    const seen = (window.glimpses ??= {});
    const widgets = () => [...document.querySelectorAll("niochat-widget")].map(({ shadowRoot }) => shadowRoot);
    const is = (one) => one.textContent.includes(text) && one.checkVisibility();
    const look = () => {
        seen[name] = [document, ...widgets()].some((root) => [...root.querySelectorAll(selector)].some(is));
        if (!seen[name]) requestAnimationFrame(look);
    };
    look();
}"""


@contextmanager
def glimpsed(page: Page, selector: str, text: str = "") -> Iterator[None]:
    """What happens within makes the page show this, for however short a time."""
    name = f"{selector} {text}"
    page.evaluate(WATCH, [name, selector, text])
    yield
    page.wait_for_function("(name) => glimpses[name]", arg=name)
