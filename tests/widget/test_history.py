"""What a visitor sees of their own conversation, and nothing else."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import now
from PIL import Image

from accounts.actor import Actor
from conversations import actions
from conversations.models import Attachment, Conversation, Inbox, Message, Survey
from conversations.visitors import resolve
from tests.trade import inbox_of, reply, written
from tests.widget.visiting import SHOP, Browser, browser_of, browser_of_stranger
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def picture(name: str = "vaso.png") -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), "image/png")


def upload(browser: Browser, file: SimpleUploadedFile | None = None) -> Any:
    return browser.post("/attachments", {"file": file or picture()}, format="multipart")


def test_a_stranger_sees_an_empty_room(site: Inbox) -> None:
    shown = browser_of_stranger(site).get("/snapshot").json()

    assert shown == {
        "conversation": None,
        "messages": [],
        "has_more": False,
        "survey": None,
        "online": False,
        "agents": [],
    }


def test_the_snapshot_is_what_the_visitor_may_know(joana: Browser, ana: Person, conversation: Conversation) -> None:
    answer = reply(ana, conversation, "Olá, Joana!")
    reply(ana, conversation, "Cliente antiga, cuidado", private=True)

    shown = joana.get("/snapshot").json()

    assert [message["content"] for message in shown["messages"]] == ["Oi, tudo bem?", "Olá, Joana!"]
    assert shown["messages"][1]["author"] == {"id": None, "name": "Ana", "avatar_url": ""}
    assert shown["conversation"] == {"id": conversation.pk, "status": "open", "team_read": 0, "own_read": 0}
    assert "antiga" not in str(shown)

    actions.mark_read(ana.actor, conversation.pk)
    actions.mark_read(browser_actor(conversation), conversation.pk, answer.pk)
    read = joana.get("/snapshot").json()["conversation"]
    assert (read["team_read"], read["own_read"]) == (Message.objects.latest("pk").pk, answer.pk)


def browser_actor(conversation: Conversation) -> Actor:
    return Actor.contact(conversation.tenant_id, conversation.contact_id)


def test_a_visitor_sees_nobody_elses_messages(
    joana: Browser, site: Inbox, bakery: Inbox, foreign: Conversation
) -> None:
    written(site, "Sou outra pessoa", identifier="v:maria", name="Maria")

    assert [message["content"] for message in joana.get("/messages").json()] == ["Oi, tudo bem?"]
    bakery.allowed_origins = [SHOP]
    bakery.save()
    assert "tudo bem" in browser_of(bakery, "v:otto").get("/messages").content.decode()
    assert browser_of(bakery, "v:joana").get("/messages").json() == []


def test_what_was_said_in_another_inbox_stays_there(joana: Browser, site: Inbox, conversation: Conversation) -> None:
    second = inbox_of(site.tenant, "Segunda loja", allowed_origins=[SHOP])
    second.identities.create(tenant=site.tenant, contact=conversation.contact, identifier="v:joana")
    written(second, "Noutra loja")

    assert [message["content"] for message in joana.get("/messages").json()] == ["Oi, tudo bem?"]


def test_older_messages_come_by_pages(joana: Browser, site: Inbox) -> None:
    for number in range(60):
        written(site, f"Mensagem {number}")

    shown = joana.get("/snapshot").json()
    older = joana.get("/messages", before=shown["messages"][0]["id"], limit=50).json()

    assert shown["has_more"]
    assert len(shown["messages"]) == 50
    assert [message["content"] for message in older][:2] == ["Oi, tudo bem?", "Mensagem 0"]
    assert older[-1]["id"] < shown["messages"][0]["id"]


def test_a_snapshot_costs_the_same_however_long_the_conversation(
    joana: Browser, site: Inbox, ana: Person, conversation: Conversation, django_assert_max_num_queries
) -> None:
    for number in range(20):
        reply(ana, conversation, f"Resposta {number}")
    joana.get("/snapshot")

    with django_assert_max_num_queries(11):
        joana.get("/snapshot")


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "x"}, {"limit": "201"}, {"offset": "-1"}, {"before": "ontem"}]
)
def test_a_bad_page_is_refused(joana: Browser, query: dict[str, str]) -> None:
    assert joana.get("/messages", **query).status_code == 400


def test_a_deleted_message_is_a_tombstone(joana: Browser, ana: Person, conversation: Conversation) -> None:
    message = reply(ana, conversation, "Errei")
    actions.delete_message(ana.actor, message.pk)

    last = joana.get("/snapshot").json()["messages"][-1]
    assert (last["content"], last["deleted_at"] is None, last["deleted_by"]) == ("", False, None)


def test_an_uploaded_picture_goes_with_the_first_message(site: Inbox) -> None:
    stranger = browser_of_stranger(site)
    stored = upload(stranger)
    assert stored.status_code == 201
    shown = stored.json()
    assert (shown["width"], shown["height"], shown["content_type"]) == (40, 30, "image/png")
    assert shown["url"] == f"/api/v1/widget/{site.token}/attachments/{shown['id']}/file"
    assert upload(Browser(site)).status_code == 401


def test_the_bytes_are_given_to_the_visitor_alone(joana: Browser, site: Inbox, conversation: Conversation) -> None:
    shown = upload(joana).json()
    written(site, "Olhe", attachments=[shown["id"]], upload_key=resolve(joana.token).upload_key)

    mine = joana.get(f"/attachments/{shown['id']}/file")
    others = browser_of(site, "v:maria").get(f"/attachments/{shown['id']}/file")

    assert b"".join(mine.streaming_content).startswith(b"\x89PNG")
    assert mine["Content-Type"] == "image/png"
    assert mine["Access-Control-Allow-Origin"] == SHOP
    assert mine["X-Content-Type-Options"] == "nosniff"
    assert (others.status_code, others.json()["errors"][0]["code"]) == (404, "not_found")


def test_a_file_in_a_note_is_not_the_visitors(joana: Browser, ana: Person, conversation: Conversation) -> None:
    stored = actions.attach_file(
        ana.actor,
        conversation.inbox,
        conversation,
        name="interno.txt",
        content=io.BytesIO(b"segredo"),
        size=7,
        sender_key=ana.actor.key,
    )
    reply(ana, conversation, "veja", private=True, attachments=[stored.pk])

    assert joana.get(f"/attachments/{stored.pk}/file").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("foto.png", b"<script>alert(1)</script>", 422, "type_mismatch"),
        ("vazio.txt", b"", 422, "empty_file"),
    ],
)
def test_what_is_not_what_it_says_is_refused(joana: Browser, name: str, content: bytes, status: int, code: str) -> None:
    answer = upload(joana, SimpleUploadedFile(name, content))

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    assert Attachment.objects.count() == 0


def test_a_visitor_uploads_only_so_often(joana: Browser) -> None:
    statuses = [upload(joana).status_code for _ in range(22)]

    assert statuses[:20] == [201] * 20
    assert statuses[-1] == 429


def test_a_survey_stays_in_the_widget_while_it_can_be_answered(
    joana: Browser, ana: Person, conversation: Conversation, site: Inbox
) -> None:
    reply(ana, conversation)
    actions.close_conversation(ana.actor, conversation.pk)
    actions.send_survey(ana.actor, conversation.pk)
    survey = Survey.objects.latest("pk")

    shown = joana.get("/snapshot").json()
    assert shown["conversation"]["status"] == "closed"
    assert shown["survey"] == {"token": survey.token, "url": survey.url, "rating": None, "feedback": ""}

    with time_machine.travel(now() + timedelta(days=15), tick=False):
        assert joana.get("/snapshot").json()["survey"] is None
    written(site, "Voltei")
    assert joana.get("/snapshot").json()["survey"] is None
