"""The lines of the threat table that REST answers, each under its number: status, code, shape, and nothing stored.

`tests/threats.py` is the whole table and says where each line is proved.
"""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.errors import STATUS
from accounts.models import Membership, Tenant
from conversations import actions
from conversations.models import Conversation, Inbox
from tests.conversations.refusing import API, code_in, stored
from tests.trade import inbox_of, reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def send(client: APIClient, method: str, path: str, body: Any, conversation: Conversation) -> Any:
    """`{c}` in the path is the conversation; a body of bytes is sent as it is."""
    where = API + path.format(c=conversation.pk, m=conversation.last_message_id, i=conversation.inbox_id)
    if isinstance(body, bytes):
        return client.generic(method, where, body.decode(), content_type="application/json")
    return getattr(client, method.lower())(where, body, format="json")


MESSAGES = "conversations/{c}/messages"


BODIES: list[tuple[str, str, str, Any, str]] = [
    ("5 broken", "POST", MESSAGES, b'{"content": ', "bad_json"),
    ("5 empty", "POST", MESSAGES, b" ", "bad_json"),
    ("6 array", "POST", MESSAGES, b"[]", "bad_message"),
    ("6 null", "POST", MESSAGES, b"null", "bad_message"),
    ("6 string", "POST", MESSAGES, b'"oi"', "bad_message"),
    ("7 kind", "POST", MESSAGES, {"content": "oi", "message_type": "dance"}, "invalid_choice"),
    ("9", "POST", MESSAGES, b'{"content": "a", "content": "b"}', "bad_json"),
    ("10", "POST", MESSAGES, b'{"content": "a", "metadata": ' + b"[" * 20_000, "too_deep"),
    ("11 digits", "POST", MESSAGES, b'{"content": "a", "reply_to": ' + b"9" * 5000 + b"}", "bad_number"),
    ("11 2^53", "POST", MESSAGES, {"content": "a", "reply_to": 2**53}, "bad_number"),
    ("11 text of 2^63", "POST", MESSAGES, {"content": "a", "reply_to": str(2**63)}, "does_not_exist"),
    ("11 in metadata", "POST", MESSAGES, {"content": "a", "metadata": {"n": 2**63}}, "bad_number"),
    ("12 NaN", "POST", MESSAGES, b'{"content": "a", "metadata": {"n": NaN}}', "bad_number"),
    ("12 1e999", "POST", MESSAGES, b'{"content": "a", "metadata": {"n": 1e999}}', "bad_number"),
    ("13 text", "POST", MESSAGES, {"content": "a\x00b"}, "bad_text"),
    ("13 key", "POST", MESSAGES, {"content": "a", "metadata": {"a\x00": 1}}, "bad_text"),
    ("14 text", "POST", MESSAGES, b'{"content": "\\ud800"}', "bad_text"),
    ("14 below", "POST", MESSAGES, b'{"content": "a", "metadata": {"a": ["\\udc00"]}}', "bad_text"),
    ("15 contact", "POST", "contacts", {"name": "Ana\u200b"}, "bad_name"),
    ("15 team", "POST", "teams", {"name": "Ven\u202edas"}, "bad_name"),
    ("15 label", "POST", "labels", {"name": "vip\u2066"}, "bad_name"),
    ("15 inbox", "POST", "inboxes", {"name": "Loja\ufeff", "channel": "api"}, "bad_name"),
    ("15 inbox renamed", "PATCH", "inboxes/{i}", {"name": "Lo\u00adja"}, "bad_name"),
    ("15 user", "POST", "users", {"email": "x@aurora.example", "first_name": "A\u200dna"}, "bad_name"),
    ("15 key", "POST", "keys", {"name": "ERP\u200f"}, "bad_name"),
    ("16 message", "POST", MESSAGES, {"content": "z\u0300" * 8_193}, "too_long"),
    ("16 name", "POST", "contacts", {"name": "z" * 121}, "too_long"),
    ("16 metadata", "POST", MESSAGES, {"content": "a", "metadata": {"a": "z" * 20_000}}, "too_long"),
    ("22 empty", "POST", MESSAGES, {"content": ""}, "empty"),
    ("22 blank", "POST", MESSAGES, {"content": " \n\t "}, "empty"),
    ("22 a picture of nothing", "POST", MESSAGES, {"content": " ", "message_type": "image"}, "empty"),
    ("22 a place nowhere", "POST", MESSAGES, {"message_type": "location"}, "empty"),
    ("22 name", "POST", "teams", {"name": "   "}, "empty"),
    ("65 inbox", "POST", "conversations", {"contact_id": 987654321, "inbox_id": 987654321}, "does_not_exist"),
    ("87 naive", "POST", "conversations/{c}/snooze", {"until": "2099-01-01T10:00:00"}, "bad_datetime"),
    ("87 24:61", "POST", "conversations/{c}/snooze", {"until": "2099-01-01T24:61:00Z"}, "bad_datetime"),
    ("87 9999", "POST", "conversations/{c}/snooze", {"until": "9999-12-31T23:59:59Z"}, "bad_datetime"),
    ("87 number", "POST", "conversations/{c}/snooze", {"until": 4102444800}, "bad_datetime"),
    ("94 form", "POST", "teams", b"name=a", "bad_json"),
    ("18 text", "PUT", "messages/{m}/reactions", {"reaction": "ok"}, "bad_reaction"),
]


@pytest.mark.parametrize(
    ("method", "path", "body", "code"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES]
)
def test_a_bad_body_is_refused_by_its_code_and_nothing_is_stored(
    davi: Person, conversation: Conversation, *, method: str, path: str, body: Any, code: str
) -> None:
    client, before = davi.client(), stored()

    answer = send(client, method, path, body, conversation)

    assert code_in(answer) == (STATUS[code], code)
    assert stored() == before


QUERIES = [
    ("71 across a relation", "conversations?contact__name=Joana", "bad_filter"),
    ("71 secret", "users?user__password__startswith=a", "bad_filter"),
    ("71 ordering", "conversations?ordering=assignee__password", "bad_filter"),
    ("71 in the book", "audit?user__password=a", "bad_filter"),
    ("71 of ratings", "csat?agent__password=a", "bad_filter"),
    ("71 of the summary", "csat/summary?agent__password=a", "bad_filter"),
    ("71 of messages", "conversations/{c}/messages?sender__password=a", "bad_filter"),
    ("71 of a series", "dashboard/series?metric=messages&inbox__secret=a", "bad_filter"),
    ("71 of an export", "audit/export?user__password=a", "bad_filter"),
    ("87 naive", "csat?from=2026-01-01T00:00:00", "bad_datetime"),
    ("87 24:61", "audit?from=2026-01-01T24:61:00Z", "bad_datetime"),
    ("87 9999", "audit?to=9999-12-31T23:59:59Z", "bad_datetime"),
    ("87 before a message", "conversations/{c}/messages?before=ontem", "bad_datetime"),
    ("88 4000", "conversations?limit=4000", "bad_page"),
    ("88 negative", "contacts?limit=-1", "bad_page"),
    ("88 text", "labels?limit=x", "bad_page"),
    ("88 zero", "teams?limit=0", "bad_page"),
    ("88 offset", "inboxes?offset=1000000000", "bad_page"),
    ("88 Arabic digits", "users?limit=٥", "bad_page"),
    ("90 one character", "conversations?search=a", "bad_filter"),
    ("91 ordering", "conversations?ordering=created_at;DROP TABLE accounts_user", "bad_filter"),
    ("91 id", "conversations?inbox=1 OR 1=1", "bad_filter"),
    ("91 union", "conversations?assignee=1 UNION SELECT password FROM accounts_user", "bad_filter"),
    ("91 status", "conversations?status=open'--", "bad_filter"),
    ("91 rating", "csat?rating=5) OR (1=1", "bad_filter"),
    ("91 verb", "audit?action=x' OR '1'='1", "bad_filter"),
    ("91 metric", "dashboard/series?metric=messages;--", "bad_filter"),
    ("13 search", "conversations?search=a%00b", "bad_text"),
    ("13 label", "conversations?label=%00", "bad_text"),
]


@pytest.mark.parametrize(("path", "code"), [row[1:] for row in QUERIES], ids=[row[0] for row in QUERIES])
def test_a_bad_query_is_refused_by_its_code(davi: Person, conversation: Conversation, path: str, code: str) -> None:
    client, before = davi.client(), stored()

    assert code_in(client.get(API + path.format(c=conversation.pk))) == (400, code)
    assert stored() == before


@pytest.mark.parametrize(
    "text",
    ["(a+)+$", "a" * 26 + "!", ".*+", "[a-z]+", "'; DROP TABLE x; --", "100%", "_____", "\\n\\", "%%%", "❤️ oi"],
    ids=["89 ReDoS", "89 its victim", "89 any", "89 class", "91 quote", "90 %", "90 _", "90 \\", "90 %%", "emoji"],
)
def test_a_search_takes_every_character_as_itself(ana: Person, conversation: Conversation, text: str) -> None:
    reply(ana, conversation, f"antes {text} depois")
    other = written(inbox_of(conversation.tenant, "Outra"), "nada disso", "v:2", name="Zeca").conversation

    answer = ana.client().get(f"{API}conversations", {"search": text})

    found = [row["id"] for row in answer.json()]
    assert (answer.status_code, found) == (200, [conversation.pk])
    assert other.pk not in found


@pytest.mark.parametrize(
    "content",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "javascript:alert(1)",
        "data:text/html,<b>",
        "\u202eab",
    ],
    ids=["20 script", "20 image", "21 javascript:", "21 data:", "15 in a message"],
)
def test_what_is_written_is_kept_as_it_was_written(ana: Person, conversation: Conversation, content: str) -> None:
    client = ana.client()
    sent = client.post(f"{API}conversations/{conversation.pk}/messages", {"content": content})
    read = client.get(f"{API}conversations/{conversation.pk}/messages").json()[-1]

    assert sent.status_code == 200
    assert sent.json()["content"] == read["content"] == content
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert "unsafe-inline" not in sent["Content-Security-Policy"]


def test_19_the_same_reaction_twice_and_one_that_is_not_there_change_nothing(
    ana: Person, conversation: Conversation
) -> None:
    client, path = ana.client(), f"{API}messages/{conversation.last_message_id}/reactions"
    assert client.put(path, {"reaction": "👍"}).status_code == 200
    once = stored()

    assert client.put(path, {"reaction": "👍"}).status_code == 200
    assert stored() == once
    assert client.delete(path).status_code == 204
    gone = stored()
    assert client.delete(path).status_code == 204
    assert stored() == gone


@pytest.mark.parametrize("repeat", ["Olá!", "Outra coisa"], ids=["78 the same body", "79 another body"])
def test_a_repeat_answers_with_the_first_message_and_sends_nothing(
    ana: Person, conversation: Conversation, repeat: str
) -> None:
    client, path = ana.client(), f"{API}conversations/{conversation.pk}/messages"
    first = client.post(path, {"content": "Olá!", "client_message_id": "c1"})
    once = stored()

    again = client.post(path, {"content": repeat, "client_message_id": "c1"})

    assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")
    assert "Idempotent-Replayed" not in first
    assert again.json() == first.json()
    assert stored() == once


def test_79_another_persons_number_is_another_message(ana: Person, bruno: Person, conversation: Conversation) -> None:
    path = f"{API}conversations/{conversation.pk}/messages"
    mine = ana.client().post(path, {"content": "Minha", "client_message_id": "c1"}).json()
    theirs = bruno.client().post(path, {"content": "Dele", "client_message_id": "c1"}).json()

    assert mine["id"] != theirs["id"]


def test_80_without_a_number_two_are_two(ana: Person, conversation: Conversation) -> None:
    path = f"{API}conversations/{conversation.pk}/messages"
    first, second = (ana.client().post(path, {"content": "Oi"}).json() for _ in range(2))

    assert first["id"] != second["id"]


def test_81_a_closed_conversation_takes_no_reply(ana: Person, conversation: Conversation) -> None:
    actions.close_conversation(ana.actor, conversation.pk)
    client, before = ana.client(), stored()

    answer = client.post(f"{API}conversations/{conversation.pk}/messages", {"content": "Ainda aí?"})

    assert code_in(answer) == (409, "conversation_closed")
    assert stored() == before


def test_82_only_its_author_deletes_a_message_and_twice_is_once(
    ana: Person, bruno: Person, conversation: Conversation
) -> None:
    path = f"{API}messages/{reply(bruno, conversation).pk}"

    assert code_in(ana.client().delete(path)) == (403, "forbidden")
    assert bruno.client().delete(path).status_code == 204
    once = stored()
    assert bruno.client().delete(path).status_code == 204
    assert stored() == once


def test_83_a_read_mark_is_clamped_foreign_or_stays(ana: Person, conversation: Conversation, foreign: Conversation):
    client, path = ana.client(), f"{API}conversations/{conversation.pk}/read"
    first = conversation.last_message_id
    newest = reply(ana, conversation).pk
    elsewhere = written(inbox_of(conversation.tenant, "Outra"), "Oi", "v:9").pk

    assert client.post(path, {"message_id": 2**52}).status_code == 200
    once = stored()
    assert client.post(path, {"message_id": first}).status_code == 200
    assert client.post(path, {"message_id": newest}).status_code == 200
    assert stored() == once
    assert code_in(client.post(path, {"message_id": foreign.last_message_id})) == (404, "not_found")
    assert code_in(client.post(path, {"message_id": elsewhere})) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", MESSAGES, {"content": "x", "tenant": 9, "tenant_id": 9, "sender_type": "contact", "status": "read",
                            "seq": 1, "id": 1, "author": 1, "created_at": "2001-01-01T00:00:00Z", "deleted_at": "x"}),
        ("PATCH", "conversations/{c}", {"tenant_id": 9, "status": "closed", "assignee_id": 1, "inbox_id": 1,
                                        "contact_id": 1, "unread_count": 99, "last_message": "x"}),
        ("PATCH", "auth/me", {"role": "supervisor", "is_superuser": True, "is_staff": True, "tenant_id": 9,
                              "permissions": ["key.manage"], "username": "root", "email": "x@y.example"}),
        ("POST", "contacts", {"name": "Otto", "tenant": 9, "id": 1, "created_at": "2001-01-01T00:00:00Z"}),
        ("PATCH", "inboxes/{i}", {"tenant": 9, "token": "x", "channel": "api", "secret": "x", "is_active": False}),
    ],
    ids=["63 message", "63 conversation", "63 me", "63 contact", "63 inbox"],
)  # fmt: skip
def test_a_field_that_is_not_theirs_to_set_has_no_effect(
    davi: Person, conversation: Conversation, *, method: str, path: str, body: dict[str, Any]
) -> None:
    protected = {name: value for name, value in body.items() if name not in ("content", "name")}

    answer = send(davi.client(), method, path, body, conversation)

    assert answer.status_code in (200, 201)
    shown = answer.json()
    assert {name for name, value in protected.items() if shown.get(name) == value} == set()
    conversation.refresh_from_db()
    inbox = Inbox.objects.get(pk=conversation.inbox_id)
    assert (conversation.tenant_id, conversation.status) == (
        davi.tenant_id,
        "waiting" if path != MESSAGES else "active",
    )
    assert (inbox.tenant_id, inbox.channel, inbox.is_active) == (davi.tenant_id, "webchat", True)
    assert Membership.objects.filter(user__is_superuser=True).count() == 0


def test_67_a_restricted_inbox_is_not_there_for_who_is_no_member(
    ana: Person, carla: Person, conversation: Conversation
) -> None:
    actions.update_inbox(carla.actor, conversation.inbox_id, restricted=True, user_ids=[])
    client, before = ana.client(), stored()
    paths = [f"conversations/{conversation.pk}", f"conversations/{conversation.pk}/messages"]

    for path in paths:
        assert code_in(client.get(API + path)) == (404, "not_found")
        assert client.get(API + path).content == client.get(API + path.replace(str(conversation.pk), "999999")).content
    for act in ("close", "assign", "read", "typing", "survey"):
        answer = client.post(f"{API}conversations/{conversation.pk}/{act}", {"user_id": None, "is_typing": True})
        assert code_in(answer) == (404, "not_found")
    assert client.get(f"{API}conversations").json() == []
    assert client.get(f"{API}snapshot").json()["conversations"] == []
    assert stored() == before


def test_52_a_role_and_an_inbox_that_were_taken_are_gone_with_the_next_request(
    ana: Person, carla: Person, davi: Person, conversation: Conversation
) -> None:
    supervisor, agent = carla.client(), ana.client()
    assert supervisor.get(f"{API}audit").status_code == 200
    assert agent.get(f"{API}conversations/{conversation.pk}").status_code == 200

    davi.client().patch(f"{API}users/{carla.user_id}", {"role": "agent"})
    davi.client().patch(f"{API}inboxes/{conversation.inbox_id}", {"restricted": True, "user_ids": []})

    assert code_in(supervisor.get(f"{API}audit")) == (403, "forbidden")
    assert code_in(agent.get(f"{API}conversations/{conversation.pk}")) == (404, "not_found")


def test_53_a_suspended_companys_doors_are_shut_to_its_own_and_to_customers(
    ana: Person, conversation: Conversation, erp: Inbox
) -> None:
    client, key = ana.client(), erp.new_secret()
    erp.save()
    Tenant.objects.filter(pk=ana.tenant_id).update(is_active=False)
    before = stored()

    body = {"contact": {"identifier": "c1"}, "content": "oi", "external_id": "e1"}
    inbound = APIClient().post(
        f"{API}inboxes/{erp.pk}/inbound", body, format="json", headers={"Authorization": f"Bearer {key}"}
    )
    assert code_in(client.get(f"{API}conversations")) == (403, "tenant_inactive")
    assert code_in(APIClient().get(f"{API}widget/{conversation.inbox.token}")) == (404, "not_found")
    assert inbound.status_code in (401, 403, 404)
    assert stored() == before


def test_an_answer_is_kept_by_no_cache(ana: Person, conversation: Conversation) -> None:
    """123: what passes by on the way to somebody's screen holds tokens and customers' words."""
    client = ana.client()

    for answer in (
        client.get(f"{API}conversations"),
        client.get(f"{API}conversations/987654321"),
        client.post(f"{API}auth/token", {"username": "ana", "password": "falsch-geraten"}),
    ):
        assert answer["Cache-Control"] == "no-store"


def test_a_place_is_a_message_without_words(ana: Person, conversation: Conversation) -> None:
    body = {"message_type": "location", "metadata": {"latitude": -23.5, "longitude": -46.6}}

    assert ana.client().post(f"{API}conversations/{conversation.pk}/messages", body).status_code == 200


@pytest.mark.parametrize("word", ["xml", "json", "api"])
def test_format_is_a_word_like_any_other(ana: Person, conversation: Conversation, word: str) -> None:
    assert len(ana.client().get(f"{API}conversations?format={word}").json()) == 1
