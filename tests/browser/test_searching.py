"""What was said long ago is found, shown where it was said, and still there after a reload."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.happenings import Company

pytestmark = pytest.mark.browser
# More than an opened conversation loads at first.
MANY = 55


def test_a_search_leads_to_the_old_message_that_says_it(desk: Callable[..., Page], company: Company) -> None:
    mark, customer = uuid4().hex[:6], uuid4().hex
    company.customer_writes(f"Quero a orquídea {mark} São João", identifier=customer)
    for number in range(MANY):
        company.customer_writes(f"E mais {number}", identifier=customer)

    page = desk("agent")
    page.fill("#search", f"orquidea {mark} sao")
    expect(page.locator(".row")).to_have_count(1)
    page.locator(".row").click()
    expect(page.locator(".findings")).to_contain_text("1 de 1")
    expect(page.locator(".message", has_text=f"orquídea {mark}")).to_be_in_viewport()

    page.reload()
    expect(page.locator("#search")).to_have_value(f"orquidea {mark} sao")
    expect(page.locator(".row")).to_have_count(1)
