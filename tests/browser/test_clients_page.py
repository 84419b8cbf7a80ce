"""docs/clients.md: its applications are built as they are printed, and show a live list."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser import packed
from tests.browser.happenings import Company
from tests.browser.reference import ROOT, Document
from tests.browser.workshop import served

pytestmark = pytest.mark.browser
# A heading of the page, and the module that the application begins with.
SECTIONS = {
    "plain": ("Without a framework", "/src/main.js"),
    "react": ("React", "/src/main.jsx"),
    "vue": ("Vue", "/src/main.js"),
    "angular": ("Angular", "/out/angular/src/main.js"),
}
SHELL = '<div id="root"></div><div id="app"></div><app-root></app-root><script type="module" src="{entry}"></script>'
NAMED = re.compile(r"^(?://|<!--) (\S+)(?: -->)?\n")


def written(apps: Path, name: str) -> Path:
    """An application of a section's blocks: each says on its first line which file it is."""
    heading, entry = SECTIONS[name]
    app = apps / "docs" / name
    app.mkdir(parents=True)
    (app / "index.html").write_text(SHELL.format(entry=entry))
    for file in (*packed.EXAMPLES.glob(f"{name}/vite.config.js"), *packed.EXAMPLES.glob(f"{name}/tsconfig.json")):
        shutil.copy(file, app)
    for _, code in Document((ROOT / "docs" / "clients.md").read_text()).blocks(heading):
        if named := NAMED.match(code):
            path = app / named[1]
            path.parent.mkdir(exist_ok=True)
            path.write_text(code)
    return packed.compiled(app)


@pytest.fixture(scope="module")
def pages(apps: Path) -> Iterator[dict[str, str]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(served(written(apps, name))) for name in SECTIONS}


@pytest.mark.parametrize("name", SECTIONS)
def test_the_printed_application_shows_a_live_list(
    page: Page, pages: dict[str, str], company: Company, name: str
) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(pages[name])
    expect(page.locator("li").nth(5)).to_be_visible()
    mark = uuid4().hex[:6]

    company.customer_writes(f"Oi {mark}", f"Rita {mark}")

    expect(page.locator("li").first).to_have_text(f"Rita {mark} (1): Oi {mark}")
    assert complaints == []
