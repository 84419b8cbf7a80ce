"""Templates with more than words: a file above them, links with a place, buttons that answer."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from accounts.models import Tenant
from conversations import actions
from conversations.models import Attachment, Conversation, Inbox, Message
from conversations.providers.whatsapp import WhatsAppProvider
from conversations.webhooks.tasks import check_account
from jobs.worker import drain
from niochat.simulators.whatsapp_http import WhatsAppServer
from tests.trade import inbox_of, written
from tests.whatsapp.connected import chat, line, meta
from tests.whatsapp.lines import JOANA, delivery, post, said
from tests.world import Person

__all__ = ["chat", "line", "meta"]
pytestmark = pytest.mark.django_db(transaction=True)
READY = {"name": "pedido_pronto", "language": "pt_BR", "variables": {"body.1": "Joana", "button.1.1": "77"}}
FORM = WhatsAppProvider().template_form


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, "PNG")
    return out.getvalue()


def attached(person: Person, line: Inbox, chat: Conversation, content: bytes, name: str = "vaso.png") -> int:
    stream = io.BytesIO(content)
    file: Attachment = actions.attach_file(
        person.actor, line, chat, name=name, content=stream, size=len(content), sender_key=person.actor.key
    )
    return file.pk


def sends(person: Person, chat: Conversation, template: dict[str, Any], *files: int) -> Any:
    body = {"message_type": "template", "metadata": {"template": template}, "attachments": list(files)}
    return person.client().post(f"/api/v1/conversations/{chat.pk}/messages", body, format="json")


@pytest.fixture
def synced(line: Inbox, meta: WhatsAppServer) -> Inbox:
    check_account(line.tenant_id, line.pk)
    return line


def test_a_template_with_a_picture_a_link_and_an_answer_is_listed_with_all_of_it(synced: Inbox, ana: Person):
    rows = {row["name"]: row for row in ana.client().get(f"/api/v1/inboxes/{synced.pk}/templates").json()}
    ready, plain = rows["pedido_pronto"], rows["retomar_conversa"]

    assert (ready["head"], ready["accepts"]) == ("image", ["image/jpeg", "image/png"])
    assert ready["variables"] == ["body.1", "button.1.1"]
    assert ready["buttons"] == ["Vou buscar", "Acompanhar"]
    assert (plain["head"], plain["accepts"], plain["buttons"]) == ("", [], [])


def test_it_goes_out_with_its_file_above_it_and_is_shown_with_it(
    synced: Inbox, chat: Conversation, ana: Person, meta: WhatsAppServer
):
    answer = sends(ana, chat, READY, attached(ana, synced, chat, picture()))
    drain()

    assert answer.status_code == 200
    message = Message.objects.get(message_type="template")
    assert (message.status, message.content) == ("sent", "Oi, Joana! Seu pedido está pronto, como na foto.")
    assert message.attachments.get().content_type == "image/png"
    (sent,) = meta.world.sent
    head, body, link, reply = sent["template"]["components"]
    assert (sent["to"], head["type"], head["parameters"][0]["type"]) == (JOANA, "header", "image")
    assert meta.world.media[head["parameters"][0]["image"]["id"]] == ("image/png", picture())
    assert body == {"type": "body", "parameters": [{"type": "text", "text": "Joana"}]}
    assert link == {
        "type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "77"}]
    }  # fmt: skip
    assert reply["sub_type"] == "quick_reply"
    assert (reply["index"], reply["parameters"]) == ("0", [{"type": "payload", "payload": "Vou buscar"}])


def test_the_press_of_its_button_comes_in_as_an_answer(synced: Inbox, chat: Conversation, ana: Person):
    pressed = {"payload": "Vou buscar", "text": "Vou buscar"}
    post(synced, delivery(said(type="button", button=pressed)))
    drain()

    message = Message.objects.latest("pk")
    assert (message.content, message.metadata["button"]["id"]) == ("Vou buscar", "Vou buscar")


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({}, "body.1"), ({"body.1": "Joana"}, "button.1.1"), ({"body.1": " \n", "button.1.1": "77"}, "body.1"),
        ({"button.1.1": "77"}, "body.1"), ("Joana", "body.1"), ({"body.1": "Joana", "button.1.1": ""}, "button.1.1"),
    ],
)  # fmt: skip
def test_a_missing_variable_is_422_and_named(
    synced: Inbox, chat: Conversation, ana: Person, variables: Any, names: str
):
    file = attached(ana, synced, chat, picture())
    answer = sends(ana, chat, {**READY, "variables": variables}, file)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"]) == (422, "template_incomplete")
    assert error["attr"] == f"metadata.template.variables.{names}"
    assert names in error["detail"]
    assert Message.objects.filter(message_type="template").count() == 0


def test_a_missing_a_second_or_a_wrong_file_is_422_and_said(synced: Inbox, chat: Conversation, ana: Person):
    first, second = (attached(ana, synced, chat, picture()) for _ in range(2))
    text = attached(ana, synced, chat, b"so texto", "nota.txt")
    plain = {"name": "retomar_conversa", "language": "pt_BR", "variables": {"body.1": "Joana"}}
    tried = [(READY, ()), (READY, (first, second)), (READY, (text,)), (plain, (first,))]
    answers = [sends(ana, chat, template, *files) for template, files in tried]

    assert [(one.status_code, one.json()["errors"][0]["code"]) for one in answers] == [
        (422, "template_incomplete"), (422, "not_supported"), (422, "type_mismatch"), (422, "not_supported"),
    ]  # fmt: skip
    assert {one.json()["errors"][0]["attr"] for one in answers} == {"attachments"}


def test_another_companys_file_is_no_head(synced: Inbox, chat: Conversation, ana: Person, fabio: Person, sol: Tenant):
    theirs = written(inbox_of(sol, "Balcão")).conversation
    file = attached(fabio, theirs.inbox, theirs, picture())

    answer = sends(ana, chat, READY, file)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "does_not_exist")


@pytest.mark.parametrize(
    ("parts", "head", "variables"),
    [
        ([{"type": "HEADER", "format": "VIDEO"}, {"type": "BODY", "text": "a"}], "video", []),
        ([{"type": "HEADER", "format": "DOCUMENT"}, {"type": "BODY", "text": "a {{nome}}"}], "document", ["body.nome"]),
        ([{"type": "HEADER", "format": "LOCATION"}, {"type": "BODY", "text": "a"}], "location", []),
        ([{"type": "HEADER", "format": "TEXT", "text": "{{1}}"}, {"type": "BODY", "text": "a"}], "", ["header.1"]),
        ([{"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "text": "Copiar"}]}], "", ["button.0.code"]),
        ([{"type": "HEADER"}, {"type": "BODY"}, {"type": "BUTTONS", "buttons": [None, "x", {}]}, {}], "", []),
    ],
)
def test_each_kind_of_template_says_what_it_wants(parts: list[Any], head: str, variables: list[str]):
    form = FORM(parts)

    assert (form.head, list(form.variables)) == (head, variables)


def test_a_code_to_be_copied_and_a_documents_name_are_sent_as_meta_wants_them():
    parts = [{"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "text": "Copiar"}]}]
    filled = WhatsAppProvider().filled_template(parts, {"button.0.code": "FLOR10"})

    assert list(filled.components) == [
        {
            "type": "button",
            "sub_type": "copy_code",
            "index": "0",
            "parameters": [{"type": "coupon_code", "coupon_code": "FLOR10"}],
        }
    ]
