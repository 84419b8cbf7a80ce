"""The documents say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from niochat.documents import PAGES, PARTS, pages, renewed


@pytest.mark.parametrize("page", list(pages()), ids=PAGES)
def test_what_a_page_takes_from_the_code_is_up_to_date(page: Path) -> None:
    assert page.read_text() == renewed(page.read_text()), "run `manage.py document`"


def test_every_generated_part_stands_in_some_page() -> None:
    text = "".join(page.read_text() for page in pages())

    assert [name for name in PARTS if f"<!-- {name} -->" not in text] == []


@pytest.mark.parametrize("page", list(pages()), ids=PAGES)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []
