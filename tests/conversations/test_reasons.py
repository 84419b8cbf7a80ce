"""Why something failed, in the language of whoever reads it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from conversations import actions, reasons
from conversations.models import Conversation, Delivery, Inbox, Message, ProviderAccount
from conversations.reasons import Reason, parts_of, translated
from tests.trade import published, reply
from tests.world import Person

SCRIPT = Path(settings.BASE_DIR) / "dashboard/static/dashboard/failures.js"
LANGUAGES = pytest.mark.parametrize("language", ["pt-br", "es"])


@LANGUAGES
@pytest.mark.parametrize("code", reasons.SENTENCES)
def test_every_reason_is_told_in_every_language(code: str, language: str):
    reason = Reason(code, attempts=8)
    with translation.override(language):
        assert translated(reason, reason.parts) != str(reason)
        assert "%(" not in translated(reason, reason.parts)


def test_programs_are_told_the_providers_own_words():
    reason = Reason("undeliverable", "Message undeliverable (131026)")

    assert str(reason) == "Message undeliverable (131026)"
    assert str(Reason("uncertain")) == "It is not certain whether it arrived. Ask before you send it again."


def test_people_are_told_what_it_means_then_what_the_provider_said():
    reason = Reason("undeliverable", "Message undeliverable (131026)", sent=1, count=3)
    with translation.override("pt-br"):
        told = translated(reason, reason.parts)

    assert told.startswith("1 das 3 partes")
    assert "WhatsApp" in told
    assert told.endswith("“Message undeliverable (131026)”")


def test_words_without_a_code_are_told_as_they_came():
    with translation.override("es"):
        assert translated("Whatever 100%", parts_of("Whatever 100%")) == "Whatever 100%"
        assert translated("Gone", {"code": "of_another_day", "detail": "", "values": {}}) == "Gone"


def test_no_secret_survives_in_the_providers_words():
    cleaned = Reason("refused", "Bad token EAAG12345").without(["EAAG12345"])

    assert (str(cleaned), cleaned.parts["detail"]) == ("Bad token […]", "Bad token […]")


def test_the_dashboard_has_the_same_sentences_as_the_server():
    told = dict(re.findall(r'^    (\w+): gettext\(\s*"(.+?)",?\s*\),$', SCRIPT.read_text(), re.MULTILINE))

    assert set(reasons.MESSAGES) <= set(told)
    assert told == {code: reasons.SENTENCES[code] for code in told}


@pytest.mark.django_db
def test_a_failure_goes_to_the_team_by_its_code_and_to_no_customer(ana: Person, conversation: Conversation):
    message = reply(ana, conversation, "Olá!")
    with published() as frames:
        actions.advance(ana.actor, message.pk, Delivery.FAILED, error=Reason("blocked", "Forbidden"))

    (team,) = [one["data"] for one in frames.to("agents") if one["type"] == "message_status"]
    hers = f"c{conversation.contact_id}.i{conversation.inbox_id}"
    (customer,) = [one["data"] for one in frames.to(hers) if one["type"] == "message_status"]
    assert (team["error"], team["failure"]["code"]) == ("Forbidden", "blocked")
    assert not customer.get("error")
    assert not customer.get("failure")
    shown = ana.client().get(f"/api/v1/conversations/{conversation.pk}/messages").json()[-1]
    assert (shown["error"], shown["failure"]) == (team["error"], team["failure"])


@pytest.mark.django_db
def test_an_accounts_trouble_is_told_in_the_readers_language_and_to_programs_in_english(davi: Person, site: Inbox):
    site.channel = "whatsapp_qr"
    site.save()
    account = ProviderAccount(tenant=davi.membership.tenant, inbox=site)
    account.note_trouble(Reason("session_failed"), site.created_at)
    account.save()
    path = f"/api/v1/inboxes/{site.pk}/session"

    english = davi.client().get(path).json()["error"]
    spanish = davi.client().get(path, headers={"accept-language": "es"}).json()["error"]

    assert english == "The session failed; connect it again."
    assert spanish not in ("", english)
    assert Message.objects.count() == 0
