"""The customer's answer: by REST, and on a page that needs no JavaScript."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.signing import Signer
from django.test import Client
from django.utils.timezone import now
from rest_framework.test import APIClient

from accounts.models import Tenant
from audit.models import AuditRecord, Verb
from conversations import actions
from conversations.models import Conversation, Survey
from tests.trade import published, reply
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def survey(ana: Person, conversation: Conversation) -> Survey:
    """Ana has answered Joana and asks how it was."""
    reply(ana, conversation)
    sent = actions.send_survey(ana.actor, conversation.pk)
    assert sent is not None
    return sent


def answer(survey: Survey, **body: object) -> Any:
    return APIClient().post(f"/api/v1/surveys/{survey.token}", body, format="json")


def test_an_answer_is_shown_to_who_watches_and_stands_in_the_book(survey: Survey, ana: Person) -> None:
    with published(audited=1) as frames:
        answered = answer(survey, rating=5, feedback="Muito rápido")

    assert answered.status_code == 200
    assert answered.json()["rating"] == 5
    assert answered.json()["agent"] == "Ana"
    assert frames.to("supervisors").types == ["csat_update", "audit_log"]
    assert AuditRecord.objects.latest("pk").origin == "survey"


def test_an_answer_can_be_changed_and_one_is_kept(survey: Survey) -> None:
    answer(survey, rating=2)
    answer(survey, rating=4, feedback="Pensando melhor")

    survey.refresh_from_db()
    assert (survey.rating, survey.feedback) == (4, "Pensando melhor")
    assert Survey.objects.count() == 1


@pytest.mark.parametrize("rating", [0, 6, -1, "5", 4.5, 5.0, "😀", True, None, [5], {"a": 1}])
def test_row_75_a_rating_is_a_whole_number_from_1_to_5(survey: Survey, rating: object) -> None:
    refused = answer(survey, rating=rating)

    survey.refresh_from_db()
    assert refused.status_code in (400, 422)
    assert refused.json()["errors"][0]["code"] in ("bad_rating", "null")
    assert survey.rating is None


@pytest.mark.parametrize("rating", [0, 6, "5", 4.5, "😀"])
def test_row_75_reads_bad_rating(survey: Survey, rating: object) -> None:
    refused = answer(survey, rating=rating)

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "bad_rating")


def test_a_rating_is_required_and_feedback_has_an_end(survey: Survey) -> None:
    assert answer(survey).json()["errors"][0]["code"] == "required"
    assert answer(survey, rating=5, feedback="x" * 1001).json()["errors"][0]["code"] == "too_long"


@pytest.mark.parametrize("token", ["nonsense", "1", "1.forged", "999999.x"])
def test_row_74_a_guessed_token_is_unknown(survey: Survey, token: str) -> None:
    client = APIClient()

    assert client.get(f"/api/v1/surveys/{token}").status_code == 404
    assert client.post(f"/api/v1/surveys/{token}", {"rating": 5}, format="json").status_code == 404
    assert client.get(f"/s/{token}/").status_code == 404


def test_row_74_a_signature_made_for_something_else_is_unknown(survey: Survey) -> None:
    token = Signer(salt="attachment", sep=".").sign(str(survey.pk))

    assert APIClient().get(f"/api/v1/surveys/{token}").status_code == 404


def test_row_74_after_fourteen_days_it_is_gone(survey: Survey) -> None:
    with time_machine.travel(now() + timedelta(days=14, minutes=1), tick=False):
        refused = answer(survey, rating=5)
        page = APIClient().get(f"/s/{survey.token}/")

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (410, "survey_expired")
    assert page.status_code == 410
    survey.refresh_from_db()
    assert survey.rating is None


def test_a_suspended_companys_survey_is_unknown(survey: Survey) -> None:
    Tenant.objects.update(is_active=False)

    assert answer(survey, rating=5).status_code == 404


def test_a_widget_on_any_site_may_send_the_answer(survey: Survey) -> None:
    client = APIClient()
    asked: dict[str, Any] = {"HTTP_ORIGIN": "https://loja.example", "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST"}

    preflight = client.options(f"/api/v1/surveys/{survey.token}", **asked)
    sent = client.post(
        f"/api/v1/surveys/{survey.token}", {"rating": 5}, format="json", HTTP_ORIGIN="https://loja.example"
    )

    assert (preflight.status_code, preflight["Access-Control-Allow-Origin"]) == (204, "*")
    assert sent["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in sent


def test_the_page_asks_one_question_and_thanks(survey: Survey) -> None:
    client = Client()
    asked = client.get(f"/s/{survey.token}/")
    sent = client.post(f"/s/{survey.token}/", {"rating": "4", "feedback": "<b>Bom</b>"})
    thanked = client.get(f"/s/{survey.token}/")
    again = client.get(f"/s/{survey.token}/?change")

    assert asked.content.decode().count('type="radio"') == 5
    assert "no-store" in asked["Cache-Control"]
    assert (sent.status_code, sent["Location"]) == (302, f"/s/{survey.token}/")
    assert "&lt;b&gt;Bom&lt;/b&gt;" in thanked.content.decode()
    assert 'type="radio"' not in thanked.content.decode()
    assert again.content.decode().count("checked") == 1
    survey.refresh_from_db()
    assert (survey.rating, survey.feedback) == (4, "<b>Bom</b>")


@pytest.mark.parametrize("rating", ["", "0", "6", "5.0", "05", "😀", "٥"])
def test_the_page_takes_no_other_rating(survey: Survey, rating: str) -> None:
    refused = Client().post(f"/s/{survey.token}/", {"rating": rating})

    survey.refresh_from_db()
    assert (refused.status_code, survey.rating) == (422, None)
    assert 'role="alert"' in refused.content.decode()


def test_the_page_needs_no_cookie_and_no_inline_code(survey: Survey) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get(f"/s/{survey.token}/")

    assert client.post(f"/s/{survey.token}/", {"rating": "5"}).status_code == 302
    assert " style=" not in page.content.decode()
    assert "<script>" not in page.content.decode()
    assert "default-src 'self'" in page["Content-Security-Policy"]


@pytest.mark.parametrize(("language", "words"), [("pt-BR", "Como foi"), ("es", "Cómo fue"), ("en", "How was")])
def test_the_page_speaks_the_customers_language(survey: Survey, language: str, words: str) -> None:
    page = Client().get(f"/s/{survey.token}/", HTTP_ACCEPT_LANGUAGE=language)

    assert words in page.content.decode()


def test_guessing_is_slow(survey: Survey) -> None:
    client = APIClient()
    with time_machine.travel(now(), tick=False):  # A window may not end meanwhile.
        statuses = [client.get(f"/api/v1/surveys/{number}.x").status_code for number in range(61)]
        page = client.get(f"/s/{survey.token}/")

    assert statuses[0] == 404
    assert statuses[-1] == page.status_code == 429


def test_the_answer_is_the_customers_own(survey: Survey) -> None:
    answer(survey, rating=1)

    record = AuditRecord.objects.filter(verb=Verb.SURVEY_ANSWERED).get()
    assert record.user_id is None
