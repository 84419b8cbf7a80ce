"""The lines of the threat table about uploaded files, each under its number."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.utils.timezone import now
from rest_framework.test import APIClient

from accounts.models import Tenant
from conversations import actions
from conversations.models import Attachment, Conversation
from conversations.views.files import LINK_LIVES, SALT
from tests.conversations.refusing import API, code_in, stored
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def upload(client: APIClient, conversation: Conversation, name: str, content: bytes) -> Any:
    file = io.BytesIO(content)
    file.name = name
    return client.post(f"{API}conversations/{conversation.pk}/attachments", {"file": file}, format="multipart")


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.txt", "C:\\Windows\\nota.txt", "界" * 251 + ".txt", "no\u202etxt.exe", "a\r\nSet-Cookie: b.txt"],
    ids=["111 climbing", "111 drive", "111 longest", "111 right to left", "111 new line"],
)
def test_a_file_s_name_is_only_a_name(ana: Person, conversation: Conversation, name: str) -> None:
    client = ana.client()
    answer = upload(client, conversation, name, b"um texto")

    kept = Attachment.objects.get(pk=answer.json()["id"])
    assert answer.status_code == 201
    assert kept.key.startswith(f"t{ana.tenant_id}/")
    assert name not in kept.key
    assert len(kept.name) <= 200
    assert not set(kept.name) & set("/\\\r\n\u202e\x00")
    link = client.get(f"{API}attachments/{kept.pk}").json()["url"]
    served = client.get(link[link.index("/files/") :])
    assert "\n" not in served["Content-Disposition"]
    served.close()


def test_111_a_name_that_no_file_has_is_refused(ana: Person, conversation: Conversation) -> None:
    client, before = ana.client(), stored()

    assert code_in(upload(client, conversation, "n" * 4096 + ".txt", b"um texto")) == (400, "invalid")
    assert stored() == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("a.html", b"<script>alert(1)</script>"),
        ("a.xml", b'<?xml version="1.0"?><a/>'),
    ],
    ids=["113 SVG", "113 HTML", "113 XML"],
)
def test_what_a_browser_would_run_is_a_download(
    ana: Person, conversation: Conversation, name: str, content: bytes
) -> None:
    client = ana.client()
    answer = upload(client, conversation, name, content)

    link = client.get(f"{API}attachments/{answer.json()['id']}").json()["url"]
    served = APIClient().get(link[link.index("/files/") :])
    assert answer.status_code == 201
    assert served["Content-Disposition"].startswith("attachment")
    assert served["Content-Type"].split(";")[0] not in ("image/svg+xml", "text/html", "text/xml", "application/xml")
    assert "sandbox" in served["Content-Security-Policy"]
    assert served["X-Content-Type-Options"] == "nosniff"
    served.close()


def test_117_an_empty_file_a_huge_one_and_one_too_many_are_refused(
    ana: Person, conversation: Conversation, settings: Any
) -> None:
    client, before = ana.client(), stored()
    assert code_in(upload(client, conversation, "nada.txt", b"")) == (422, "empty_file")
    settings.ATTACHMENT_MAX_BYTES = 100
    assert code_in(upload(client, conversation, "grande.txt", b"a" * 101)) == (413, "payload_too_large")
    settings.ATTACHMENT_QUOTA_BYTES = 50
    assert code_in(upload(client, conversation, "demais.txt", b"a" * 51)) == (413, "quota")
    assert stored() == before


def test_112_a_page_that_calls_itself_a_picture_is_refused(ana: Person, conversation: Conversation) -> None:
    client, before = ana.client(), stored()

    assert code_in(upload(client, conversation, "foto.jpg", b"<script>")) == (422, "type_mismatch")
    assert stored() == before


def test_119_120_a_file_is_reached_by_its_owners_or_by_a_fresh_link_in_one_range(
    ana: Person, eva: Person, conversation: Conversation
) -> None:
    pk = upload(ana.client(), conversation, "nota.txt", b"0123456789").json()["id"]
    link = ana.client().get(f"{API}attachments/{pk}").json()["url"]
    path = link[link.index("/files/") :]
    anybody = APIClient()

    assert code_in(anybody.get(f"{API}attachments/{pk}")) == (401, "not_authenticated")
    assert code_in(eva.client().get(f"{API}attachments/{pk}")) == (404, "not_found")
    assert code_in(eva.client().get(f"{API}attachments/{pk}/file")) == (404, "not_found")
    assert anybody.get(path[:-2] + "xx").status_code == 404
    assert b"".join(anybody.get(path, headers={"Range": "bytes=2-4"})) == b"234"
    assert anybody.get(path, headers={"Range": "bytes=0-1,3-4"}).status_code == 416
    assert anybody.get(path, headers={"Range": "bytes=10-"}).status_code == 416


def test_119_a_link_ends_with_its_time_its_message_or_its_company_and_is_good_for_nothing_else(
    ana: Person, conversation: Conversation
) -> None:
    pk = upload(ana.client(), conversation, "nota.txt", b"0123456789").json()["id"]
    link = ana.client().get(f"{API}attachments/{pk}").json()["url"]
    path, anybody = link[link.index("/files/") :], APIClient()
    of_another = signing.dumps([conversation.tenant_id + 1, pk], salt=SALT)
    message, _is_new = actions.send_message(ana.actor, conversation.pk, content="", attachments=[pk])

    assert b"".join(anybody.get(path)) == b"0123456789"
    assert anybody.get(path.replace("/files/", "/photos/")).status_code == 404
    assert anybody.get(f"/files/{of_another}").status_code == 404
    assert anybody.get(f"/files/{signing.dumps([conversation.tenant_id, pk], salt='survey')}").status_code == 404
    with time_machine.travel(now() + LINK_LIVES + timedelta(seconds=2), tick=False):
        assert anybody.get(path).status_code == 404

    Tenant.objects.update(is_active=False)
    assert anybody.get(path).status_code == 404
    Tenant.objects.update(is_active=True)
    actions.delete_message(ana.actor, message.pk)
    assert anybody.get(path).status_code == 404


def test_94_a_form_and_json_in_a_file_upload_are_no_json(ana: Person, conversation: Conversation) -> None:
    client, before = ana.client(), stored()
    path = f"{API}conversations/{conversation.pk}"

    as_form = client.post(f"{path}/messages", {"content": "oi"}, format="multipart")
    as_json = client.post(f"{path}/attachments", {"file": "oi"}, format="json")
    no_file = client.post(f"{path}/attachments", {"file": "oi"}, format="multipart")

    assert code_in(as_form) == (415, "unsupported_media_type")
    assert code_in(as_json) == (415, "unsupported_media_type")
    assert code_in(no_file) == (400, "required")
    assert stored() == before
