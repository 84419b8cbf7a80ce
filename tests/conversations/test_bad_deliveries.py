"""What every provider's door answers to bad input: refused before it is read, or kept, answered and set aside; never a
fault of ours, and never somebody else's message.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Tenant
from conversations.models import Contact, Conversation, Inbox, Message, SetAside, WebhookDelivery
from conversations.providers import by_slug
from conversations.providers.happenings import AnyHappening
from jobs.models import Job
from jobs.worker import drain
from tests.gateways import lines as gateways
from tests.patience import PATIENCE_S
from tests.telegram import lines as telegram
from tests.trade import published
from tests.whatsapp import lines as whatsapp

pytestmark = pytest.mark.django_db(transaction=True)
MIB = 2**20


class Door(NamedTuple):
    """A provider's inbox, a body that it would take, and the headers that have it believed."""

    inbox: Inbox
    slug: str
    body: dict[str, Any]
    signs: Callable[[bytes], dict[str, str]]

    @property
    def path(self) -> str:
        return f"/webhooks/{self.slug}/{self.inbox.token}"

    def post(self, raw: bytes, content_type: str = "application/json", **headers: str) -> Any:
        given = {**self.signs(raw), **headers}
        return Client().generic("POST", self.path, raw, content_type=content_type, headers=given)


def session_of(inbox: Inbox) -> str:
    return f"niochat-{inbox.pk}-{inbox.token[:10]}"


def gateway_door(tenant: Tenant, slug: str) -> Door:
    inbox = gateways.qr_inbox(tenant, slug, "")
    told = gateways.fixture(slug, "text")["payload"]
    told |= {"instance": session_of(inbox)} if slug == "evolution" else {"session": session_of(inbox)}
    inner = told["data"] if slug == "evolution" else told["payload"]
    inner["messageTimestamp" if slug == "evolution" else "timestamp"] = int(time.time())
    return Door(inbox, slug, told, lambda _raw: {"X-NioChat-Secret": gateways.SECRET})


def door_of(tenant: Tenant, slug: str) -> Door:
    if slug == "whatsapp":
        inbox, body = whatsapp.whatsapp_inbox(tenant), whatsapp.delivery(whatsapp.said("Oi"))
        return Door(inbox, slug, body, lambda raw: {"X-Hub-Signature-256": whatsapp.signed(raw)})
    if slug == "telegram":
        inbox, body = telegram.telegram_inbox(tenant), telegram.said("Oi")
        secret = {"X-Telegram-Bot-Api-Secret-Token": telegram.WEBHOOK_SECRET}
        return Door(inbox, slug, body, lambda _raw: secret)
    return gateway_door(tenant, slug)


@pytest.fixture(params=["whatsapp", "telegram", "evolution", "waha"])
def door(request: pytest.FixtureRequest, aurora: Tenant) -> Door:
    return door_of(aurora, request.param)


def nothing_came_of_it() -> None:
    assert Message.objects.count() == Contact.objects.count() == SetAside.objects.count() == 0


@pytest.mark.parametrize("forged", [{}, {"X-Hub-Signature-256": "sha256=" + "0" * 64}, {"X-NioChat-Secret": "guess"}])
def test_95_without_a_right_signature_it_is_401_before_anything_is_read(door: Door, forged: dict[str, str]):
    for raw in (json.dumps(door.body).encode(), b"{", b"[" * 100_000, b""):
        answer = Client().generic("POST", door.path, raw, content_type="application/json", headers=forged)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "signature_invalid")

    assert WebhookDelivery.objects.count() == Job.objects.count() == 0


UNREADABLE: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "UTF-16": lambda body: json.dumps(body).encode("utf-16"),
    "UTF-16 without a mark": lambda body: json.dumps(body).encode("utf-16-le"),
    "UTF-32": lambda body: json.dumps(body).encode("utf-32"),
    "latin-1": lambda body: json.dumps({**body, "x": "ção"}, ensure_ascii=False).encode("latin-1"),
    "a byte order mark": lambda body: b"\xef\xbb\xbf" + json.dumps(body).encode(),
    "gzip": lambda body: gzip.compress(json.dumps(body).encode()),
    "depth 1,000": lambda body: json.dumps(body)[:-1].encode() + b', "x": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    "depth without an end": lambda body: b'{"x":' * 200_000,
    "a key twice": lambda body: json.dumps(body)[:-1].encode() + b", " + json.dumps(body)[1:].encode(),
    "cut off": lambda body: json.dumps(body)[:-5].encode(),
    "a number of 5,000 digits": lambda body: json.dumps(body)[:-1].encode() + b', "x": ' + b"9" * 5000 + b"}",
    "NaN": lambda body: json.dumps({**body, "x": float("nan")}).encode(),
    "NUL": lambda body: json.dumps(body).encode() + b"\x00",
    "an array": lambda body: json.dumps([body]).encode(),
    "a form": lambda body: b"payload=" + json.dumps(body).encode(),
    "multipart": lambda body: b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n{}\r\n--b--\r\n',
    "nothing": lambda body: b"",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_signed_and_unreadable_is_answered_kept_and_set_aside(door: Door, name: str):
    answer = door.post(UNREADABLE[name](door.body))
    drain()

    assert answer.status_code == 200
    assert WebhookDelivery.objects.get().state == "quarantined"
    assert Job.objects.count() == 0
    nothing_came_of_it()


@pytest.mark.parametrize(
    ("content_type", "headers"),
    [
        ("text/plain", {}), ("application/xml", {}), ("application/octet-stream", {}), ("", {}), ("nonsense", {}),
        ("application/json; charset=iso-8859-1", {}), ("application/json; charset=utf-16", {}),
        ("application/json; charset=nonsense", {}), ("application/json", {"Content-Encoding": "gzip"}),
        ("multipart/form-data; boundary=b", {}), ("application/x-www-form-urlencoded", {}),
    ],
)  # fmt: skip
def test_what_headers_say_of_a_body_is_not_believed_its_bytes_are(
    door: Door, content_type: str, headers: dict[str, str]
):
    assert door.post(json.dumps(door.body).encode(), content_type, **headers).status_code == 200
    Job.objects.exclude(name="conversations.read_deliveries").delete()
    drain()

    assert WebhookDelivery.objects.get().state == "done"
    assert Message.objects.count() == 1


def test_ten_megabytes_are_refused_unread(door: Door):
    answer = door.post(b" " * (10 * MIB) + json.dumps(door.body).encode())

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "payload_too_large")
    assert WebhookDelivery.objects.count() == 0


def test_ten_megabytes_are_refused_by_the_server_itself(door: Door, live_server: Any):
    where = urlsplit(live_server.url)
    link = HTTPConnection(where.hostname or "", where.port or 0, timeout=PATIENCE_S)
    raw = b" " * (10 * MIB)
    link.request("POST", door.path, raw, door.signs(raw))
    answer = link.getresponse()
    answer.read()
    link.close()

    assert answer.status == 413
    assert WebhookDelivery.objects.count() == 0


def once(door: Door, raw: bytes) -> str:
    try:
        return str(door.post(raw).json().get("status", "answered"))
    finally:
        connection.close()


def test_97_the_same_delivery_five_times_at_once_is_one_message(door: Door):
    raw = json.dumps(door.body).encode()
    with ThreadPoolExecutor(5) as pool:
        answers = sorted(pool.map(lambda _: once(door, raw), range(5)))
    Job.objects.exclude(name="conversations.read_deliveries").delete()
    with published() as frames:
        drain()
        again = once(door, raw)
        drain()

    assert (answers, again) == (["duplicate"] * 4 + ["received"], "duplicate")
    assert Message.objects.count() == Conversation.objects.count() == WebhookDelivery.objects.count() == 1
    assert frames.to("agents").types.count("chat_message") == 1


@pytest.mark.parametrize("slug", ["evolution", "waha"])
def test_99_a_session_of_another_tenant_is_named_in_vain(aurora: Tenant, sol: Tenant, slug: str):
    ours, theirs = door_of(aurora, slug), door_of(sol, slug)
    name = "instance" if slug == "evolution" else "session"

    assert ours.post(json.dumps(ours.body | {name: session_of(theirs.inbox)}).encode()).status_code == 200
    drain()

    assert Message.objects.count() == Contact.objects.count() == 0
    row = SetAside.objects.get()
    assert (row.tenant_id, row.reason, row.error) == (aurora.pk, "quarantined", "other_account")


def test_99_a_number_of_another_tenant_is_named_in_vain(aurora: Tenant, sol: Tenant):
    ours = door_of(aurora, "whatsapp")
    whatsapp.whatsapp_inbox(sol, phone_number_id="999")

    ours.post(json.dumps(whatsapp.delivery(whatsapp.said(), phone_number_id="999")).encode())
    drain()

    assert Message.objects.count() == 0
    assert SetAside.objects.get().tenant_id == aurora.pk


def test_a_body_that_another_tenant_signed_is_nothing_here(aurora: Tenant, sol: Tenant):
    line = whatsapp.whatsapp_inbox(aurora)
    line.account.keep_secrets({"app_secret": "only-aurora"})
    line.account.save()
    theirs = door_of(sol, "whatsapp")
    raw = json.dumps(theirs.body).encode()
    answer = Client().generic("POST", f"/webhooks/whatsapp/{line.token}", raw, headers=theirs.signs(raw))

    assert answer.status_code == 401


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_a_gateways_own_key_is_kept_in_no_form(aurora: Tenant, name: str):
    door = door_of(aurora, "evolution")
    raw = UNREADABLE[name](door.body | {"apikey": "the-gateways-own-key", "data": {"apikey": "the-gateways-own-key"}})
    door.post(raw)

    kept = bytes(WebhookDelivery.objects.get().body)
    for charset in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le"):
        assert "the-gateways-own-key".encode(charset) not in kept


def test_a_message_that_is_said_to_be_somebody_elses_the_second_time_is_still_the_first(aurora: Tenant):
    line = whatsapp.whatsapp_inbox(aurora)
    for phone in ("5591988887777", "5511987654321"):
        whatsapp.post(line, whatsapp.delivery(whatsapp.said(wamid="wamid.same", phone=phone)))
        drain()

    assert Message.objects.get().conversation.contact.phone == "+5591988887777"
    assert SetAside.objects.count() == 0


def mangled(value: Any, replacement: Any) -> list[Any]:
    """Every variation of a JSON value with one part of it replaced, or left out."""
    match value:
        case dict():
            changed = [{**value, key: other} for key in value for other in mangled(value[key], replacement)]
            return [replacement, *changed, *({k: v for k, v in value.items() if k != key} for key in value)]
        case list():
            return [
                replacement,
                [],
                *(
                    [*value[:n], other, *value[n + 1 :]]
                    for n in range(len(value))
                    for other in mangled(value[n], replacement)
                ),
            ]
    return [replacement]


ODD: list[Any] = [
    None,
    True,
    -1,
    2**53 - 1,
    1.5,
    "",
    "x" * 70_000,
    [],
    [[]],
    {},
    {"id": {}},
    "\u202e\u0000\ud800",
    "٣٤",
    "null",
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:12])
def test_101_no_part_of_a_delivery_however_odd_takes_the_others_along(door: Door, odd: Any):
    """Each reader is given its whole body with every part replaced in turn, and must return what it can read."""
    reader = by_slug(door.slug)
    assert reader is not None
    for body in mangled(door.body, odd):
        if not isinstance(body, dict):
            continue
        found: list[AnyHappening] = reader.parse(json.dumps(body).encode())
        assert isinstance(found, list)
