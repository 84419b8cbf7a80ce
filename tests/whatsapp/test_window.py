"""The day after what a customer wrote, and the templates that may be sent past it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from conversations.models import Conversation, Inbox, Message
from conversations.webhooks.tasks import check_account
from jobs.models import Job
from jobs.worker import drain
from niochat.simulators.whatsapp_http import WhatsAppServer
from tests.trade import fresh, reply
from tests.whatsapp.connected import chat, line, meta
from tests.world import Person

__all__ = ["chat", "line", "meta"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_outside_the_window_only_a_template_may_be_sent(
    ana: Person, chat: Conversation, line: Inbox, meta: WhatsAppServer
):
    check_account(line.tenant_id, line.pk)
    Conversation.objects.update(window_until=now() - timedelta(minutes=1))
    address = f"/api/v1/conversations/{chat.pk}/messages"

    refused = ana.client().post(address, {"content": "Oi?"})
    template = {"name": "retomar_conversa", "language": "pt_BR", "variables": {"body.1": "Joana"}}
    taken = ana.client().post(address, {"message_type": "template", "metadata": {"template": template}})
    note = ana.client().post(address, {"content": "Ligar amanhã", "private": True})
    drain()

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "window_closed")
    assert taken.json()["content"] == "Oi, Joana! Podemos continuar a nossa conversa?"
    assert note.status_code == 200
    assert meta.world.sent[0]["template"] == {
        "name": "retomar_conversa",
        "language": {"code": "pt_BR"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": "Joana"}]}],
    }
    assert Message.objects.get(message_type="template").status == "sent"


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"name": "novidades", "language": "pt_BR"}, (422, "template_not_approved")),
        ({"name": "retomar_conversa", "language": "pt_BR"}, (422, "template_incomplete")),
        ({"name": "retomar_conversa", "language": "en"}, (400, "does_not_exist")),
        ({"name": "retomar_conversa", "language": "pt_BR", "variables": {"body.1": "x" * 1025}}, (422, "too_long")),
        ("retomar_conversa", (400, "required")),
    ],
)
def test_a_template_must_be_approved_and_filled_in(
    ana: Person, chat: Conversation, line: Inbox, asked: Any, refusal: tuple[int, str]
):
    check_account(line.tenant_id, line.pk)
    body = {"message_type": "template", "metadata": {"template": asked}}

    answer = ana.client().post(f"/api/v1/conversations/{chat.pk}/messages", body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == refusal


def test_templates_are_those_that_the_provider_lists(ana: Person, line: Inbox, meta: WhatsAppServer):
    check_account(line.tenant_id, line.pk)
    meta.world.templates = meta.world.templates[:1]
    check_account(line.tenant_id, line.pk)

    (row,) = ana.client().get(f"/api/v1/inboxes/{line.pk}/templates").json()
    assert (row["name"], row["approval"], row["variables"]) == ("pedido_a_caminho", "approved", ["body.1", "body.2"])


@pytest.mark.parametrize("waba_id", ["", "999"])
def test_an_account_that_lists_no_templates_is_told_of_and_asked_no_more_than_usual(
    davi: Person, line: Inbox, meta: WhatsAppServer, waba_id: str
):
    davi.client().patch(f"/api/v1/inboxes/{line.pk}/account", {"waba_id": waba_id}, format="json")
    drain()
    check_account(line.tenant_id, line.pk)

    line.refresh_from_db()
    shown = davi.client().get(f"/api/v1/inboxes/{line.pk}/account").json()
    assert "does not exist" in shown["last_error"] if waba_id else shown["last_error"] == ""
    assert (line.connection, Job.objects.filter(name="conversations.check_account").count()) == ("connected", 0)


def test_the_window_is_open_for_a_day_after_what_the_customer_wrote(chat: Conversation):
    until = Conversation.objects.get().window_until

    assert until is not None
    assert timedelta(hours=23.9) < until - now() <= timedelta(hours=24)


def test_the_providers_word_closes_the_window(ana: Person, chat: Conversation, meta: WhatsAppServer):
    meta.world.moods.answers.append("window")
    message = reply(ana, chat)
    drain()

    assert (fresh(message).status, "131047" in fresh(message).error) == ("failed", True)
    assert not Conversation.objects.select_related("inbox").get().may_be_answered(now())
