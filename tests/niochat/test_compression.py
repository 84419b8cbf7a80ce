"""Who is answered in gzip, and who is not because the length of the answer would tell its content."""

from __future__ import annotations

import gzip
import json

import pytest
from django.test import Client

from conversations.models import Conversation
from tests.trade import written
from tests.world import PASSWORD, Person

ZIPPED = {"accept-encoding": "gzip, br"}
OURS, THEIRS = {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "cross-site"}


@pytest.fixture
def path(conversation: Conversation) -> str:
    for number in range(5):
        written(conversation.inbox, f"Oi {number}", external_id=f"x{number}")
    return f"/api/v1/conversations/{conversation.pk}/messages"


def test_a_program_with_a_bearer_reads_it_compressed(ana: Person, path: str) -> None:
    plain = ana.client().get(path)
    answer = ana.client().get(path, headers=ZIPPED)

    assert "Content-Encoding" not in plain
    assert answer["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.content)) == plain.json()
    assert len(answer.content) < len(plain.content) / 3


def test_a_page_of_ours_does_and_another_sites_link_does_not(ana: Person, path: str) -> None:
    browser = Client()
    browser.post("/login/", {"username": ana.username, "password": PASSWORD})

    assert browser.get(path, headers=ZIPPED | OURS)["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in browser.get(path, headers=ZIPPED | THEIRS)
    assert "Content-Encoding" not in browser.get(path, headers=ZIPPED)


def test_what_changes_something_is_answered_plainly(ana: Person, path: str) -> None:
    answer = ana.client().post(path, {"content": "Olá! " * 200}, format="json", headers=ZIPPED)

    assert answer.status_code == 200
    assert "Content-Encoding" not in answer
