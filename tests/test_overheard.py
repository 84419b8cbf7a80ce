"""The check that no secret is in a log can fail: it finds one that is planted, and nothing where there is none."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.signing import Signer
from rest_framework.test import APIClient

from accounts import keys
from conversations import actions
from conversations.models import Conversation, Survey
from tests.overheard import Overheard, overhearing
from tests.patience import PATIENCE_S
from tests.world import PASSWORD, Person

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0xxxx.c2lnbmF0dXJlLW9mLXNvbWVib2R5"


@pytest.fixture
def planted() -> Iterator[Overheard]:
    """A run of its own, so that what is planted here fails nothing else."""
    with overhearing() as overheard:
        overheard.listen()
        yield overheard


def test_a_secret_that_nobody_could_recognise_is_found_by_its_words(planted: Overheard) -> None:
    secret = Signer(salt="survey").signature("7")
    planted.said.write(f'{{"event": "odd", "what": "{secret}"}}\n')

    assert planted.findings() == {secret}


@pytest.fixture
def survey(ana: Person, conversation: Conversation) -> Survey:
    return actions.send_survey(ana.actor, conversation.pk)


@pytest.mark.django_db
def test_whatever_a_person_holds_is_known(planted: Overheard, ana: Person, survey: Survey) -> None:
    token, key, link = ana.token(), keys.make_key().text, survey.token
    for secret in (token.rsplit(".", 1)[1], key, link.rsplit(".", 1)[1], PASSWORD):
        assert secret in planted.secrets


def test_a_servers_file_is_read_when_it_ends(planted: Overheard, tmp_path: Path) -> None:
    planted.note("planted-in-a-server-7781")
    with (tmp_path / "log").open("wb") as output:
        process = subprocess.Popen([sys.executable, "-c", "print('x', 'planted-in-a-server-7781')"], stdout=output)
    process.wait(PATIENCE_S)
    (tmp_path / "log").unlink()

    assert planted.findings() == {"planted-in-a-server-7781"}


@pytest.mark.parametrize(
    "said",
    [
        TOKEN,
        f"GET /ws?token={TOKEN}",
        "Authorization: Bearer abcdefghij0123456789xyz",
        "nk_0123456789_0123456789abcdef0123",
        "nis_abcdefghijklmnopqrstuvwxyz",
        "Cookie: niochat_session=abcdef0123456789abcdef",
    ],
)
def test_what_another_process_made_is_known_by_its_shape(planted: Overheard, said: str) -> None:
    planted.said.write(said)

    assert planted.findings() != set()


def test_what_the_product_logs_itself_is_heard_in_its_own_words(planted: Overheard) -> None:
    planted.note(TOKEN)

    logging.getLogger("niochat.planted").warning("Somebody came with %s and said hello", TOKEN)

    assert "said hello" in planted.said.getvalue()
    assert planted.findings() == set()


@pytest.mark.django_db
def test_requests_that_carry_secrets_leave_none(planted: Overheard, ana: Person, survey: Survey) -> None:
    ana.client().get("/api/v1/conversations")
    APIClient().post("/api/v1/auth/token", {"username": "ana", "password": PASSWORD}, format="json")
    APIClient().get(f"/api/v1/surveys/{survey.token}")
    APIClient().get(f"/s/{survey.token}/")

    assert planted.said.getvalue().count("answered") >= 4
    assert planted.findings() == set()
