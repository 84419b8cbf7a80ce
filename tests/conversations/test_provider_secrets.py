"""Where a provider's secrets could come out: everywhere that anybody reads is searched for them, after a provider that
quotes whatever it was sent has had its say.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core import serializers
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts import sealing
from accounts.models import Tenant
from audit.models import AuditRecord
from conversations.models import (
    ContactIdentity,
    Conversation,
    Inbox,
    Message,
    ProviderAccount,
    SendAttempt,
    SetAside,
    WebhookDelivery,
)
from conversations.providers import calling
from conversations.providers.gateways import calls
from jobs.models import Job
from jobs.worker import drain
from realtime.models import StreamEvent
from tests.admin.companies import logged_in
from tests.routes import API, api_routes
from tests.trade import inbox_of, reply, written
from tests.whatsapp.lines import ACCESS_TOKEN, delivery, post, whatsapp_inbox
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
CHANNELS: dict[str, tuple[str, str, dict[str, str]]] = {
    "whatsapp": (
        "whatsapp",
        "graph_url",
        {
            "access_token": "EAAGhunted0access0token0000000000",
            "app_secret": "hunted-app-secret-1",
            "verify_token": "hunted-verify-token-1",
        },
    ),
    "telegram": (
        "telegram",
        "api_url",
        {"bot_token": "4839574812:AAHuntedBotToken39kkdpWt3ywyRZergyOL", "webhook_secret": "hunted-hook-secret-1"},
    ),
    "evolution": ("whatsapp_qr", "base_url", {"api_key": "hunted-gateway-key-1"}),
    "waha": ("whatsapp_qr", "base_url", {"api_key": "hunted-gateway-key-2"}),
}


class Quoting(BaseHTTPRequestHandler):
    """Refuses everything, and says in every field that is ever shown what it was sent."""

    def answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        words = f"Malformed: {self.headers.get('Authorization')} {self.headers.get('apikey')} "
        words += f"{self.headers.get('X-Api-Key')} {self.path} {sent[:2000]}"
        told = {
            "error": {"code": 190, "message": words, "error_data": {"details": words}},
            "description": words, "ok": False, "message": [words], "response": {"message": [words]},
        }  # fmt: skip
        body = json.dumps(told).encode()
        self.send_response(401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def do_PUT(self) -> None:
        self.answer()

    def do_DELETE(self) -> None:
        self.answer()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def quoting() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Quoting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    calling.client().close()
    calling.client.cache_clear()
    server.shutdown()
    server.server_close()


@pytest.fixture
def hunted(aurora: Tenant, davi: Person, ana: Person, quoting: str) -> dict[Inbox, set[str]]:
    """An inbox of each provider, and its secrets. All of them together: most pages need to be read only once then."""
    return dict(tried(slug, davi, ana, quoting) for slug in CHANNELS)


def tried(slug: str, davi: Person, ana: Person, quoting: str) -> tuple[Inbox, set[str]]:
    """An inbox set up by REST, that has tried everything with its provider; and its secrets."""
    channel, field, secrets = CHANNELS[slug]
    made = davi.client().post(f"/{API}inboxes", {"name": slug, "channel": channel}, format="json").json()
    given = {field: quoting, **secrets}
    given |= {"phone_number_id": "1", "waba_id": "2"} if slug == "whatsapp" else {}
    given |= {"gateway": slug} if channel == "whatsapp_qr" else {}
    path = f"/{API}inboxes/{made['id']}/account"
    assert davi.client().patch(path, given, format="json").status_code == 200
    inbox = Inbox.objects.select_related("account").get(pk=made["id"])
    for route in ("account", "account/webhook", "session"):
        davi.client().post(f"/{API}inboxes/{inbox.pk}/{route}")
        drain()
    Inbox.objects.filter(pk=inbox.pk).update(connection="connected")
    chat = written(inbox, identifier="+5591988887777", phone="+5591988887777").conversation
    ContactIdentity.objects.filter(inbox=inbox).update(address="5591988887777")
    Conversation.objects.filter(pk=chat.pk).update(window_until="2199-01-01T00:00:00Z")
    reply(ana, chat, "Oi")
    drain()
    inbox.account.refresh_from_db()
    return inbox, {*inbox.account.secrets, *secrets.values()}


def said(answer: Any) -> str:
    whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(answer.headers) + bytes(whole).decode(errors="replace")


def paths(inbox: Inbox) -> Iterator[str]:
    """The address of every route, about this inbox where it is about one."""
    known = {"inbox_id": inbox.pk, "conversation_id": Conversation.objects.get(inbox=inbox).pk}
    known["message_id"] = Message.objects.filter(inbox=inbox).latest("pk").pk
    for route in api_routes():
        path = "/" + route.path if route.path.startswith(API) else f"/{API}{route.path}"
        for name, number in known.items():
            path = path.replace(f"{{{name}}}", str(number))
        if "{" not in path:
            yield path


def pages(person: Person, inboxes: Iterable[Inbox]) -> Iterator[tuple[str, str]]:
    """Every route that this person may read, whole and refused, with what it answers."""
    for path in sorted({path for inbox in inboxes for path in paths(inbox)}):
        cache.clear()
        yield f"GET {path}", said(person.client().get(path))
        yield f"OPTIONS {path}", said(person.client().options(path))
        if path.endswith(("/account", "/session", "/inboxes")):
            refused = person.client().patch(path, {"gateway": "x", "bot_token": "x", "graph_url": "x"}, format="json")
            yield f"PATCH {path}", refused.content.decode()


def rows() -> Iterator[tuple[str, str]]:
    """Every row that anybody but the account itself keeps, as text."""
    for model in (AuditRecord, Job, StreamEvent, WebhookDelivery, SetAside, SendAttempt, Message, Conversation, Inbox):
        for row in model._default_manager.all():
            yield model.__name__, serializers.serialize("json", [row]) + repr(row) + str(row)
    for account in ProviderAccount.objects.all():
        yield "ProviderAccount", json.dumps([account.config, account.facts, account.sealed, account.last_error])
        yield "repr", repr(account) + str(account)


def test_no_answer_page_row_or_repr_holds_a_providers_secret(
    hunted: dict[Inbox, set[str]], davi: Person, carla: Person, capfd: pytest.CaptureFixture[str]
):
    assert all(hunted.values())
    found = [*rows(), *(page for person in (davi, carla) for page in pages(person, hunted))]
    found += [*office_pages(davi, hunted), ("log", "".join(capfd.readouterr()))]

    assert len(found) > 100
    secrets = set().union(*hunted.values())
    assert {where for where, text in found for secret in secrets if secret in text} == set()
    for inbox in hunted:
        assert "Malformed" in inbox.account.last_error, "the provider has had its say"


def office_pages(person: Person, inboxes: Iterable[Inbox]) -> Iterator[tuple[str, str]]:
    """What the back office shows of them."""
    office = logged_in(person.username)
    places = ["conversations_provideraccount_changelist", "conversations_inbox_changelist", "jobs_job_changelist"]
    addresses = [reverse(f"admin:{place}") for place in places]
    for inbox in inboxes:
        addresses.append(reverse("admin:conversations_inbox_change", args=[inbox.pk]))
        addresses.append(reverse("admin:conversations_provideraccount_change", args=[inbox.account.pk]))
    for address in addresses:
        page = office.get(address)
        assert page.status_code == 200, address
        yield address, page.content.decode()


def test_a_gateways_place_shows_no_key(aurora: Tenant, settings: Any):
    settings.EVOLUTION_URL, settings.EVOLUTION_API_KEY = "http://gateway.internal:8080", "the-platforms-own-key"
    inbox = inbox_of(aurora, "Loja", "whatsapp_qr")
    account = ProviderAccount(tenant=aurora, inbox=inbox)
    account.keep_secrets({"webhook_secret": "hunted-hook-secret-2"})
    account.save()

    place = calls.place_of(inbox, settings.EVOLUTION_URL, settings.EVOLUTION_API_KEY)

    assert place.key == "the-platforms-own-key"
    assert "own-key" not in repr(place)
    assert "hunted" not in repr(place)


def test_the_document_calls_secrets_write_only_and_gives_no_example_of_one(davi: Person):
    document = davi.client().get(f"/{API}schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    shapes = document["components"]["schemas"]
    asked = next(shape["properties"] for name, shape in shapes.items() if name.endswith("AccountInput"))

    for _channel, _field, secrets in CHANNELS.values():
        for name in secrets:
            assert asked[name].get("writeOnly") is True, name
            assert not {"example", "examples", "default"} & set(asked[name]), name
    assert not any(secret in json.dumps(shapes.get("AccountData", {})) for secret in ("access_token", "bot_token"))


def test_an_error_that_a_provider_posts_is_cleared_of_secrets_too(aurora: Tenant, davi: Person):
    line = whatsapp_inbox(aurora)
    post(line, delivery({"errors": [{"code": 190, "message": f"Malformed access token {ACCESS_TOKEN}"}]}))
    drain()

    account = ProviderAccount.objects.get(inbox=line)
    assert account.last_error == "Malformed access token […] (190)"
    shown = davi.client().get(f"/{API}inboxes/{line.pk}/account").content.decode()
    assert ACCESS_TOKEN not in shown


@pytest.fixture
def keys(settings: Any) -> Iterator[Callable[..., None]]:
    """Turn to other keys, the newest first."""

    def turn(*names: str) -> None:
        settings.ENCRYPTION_KEYS = list(names)
        sealing._box.cache_clear()

    turn("old")
    yield turn
    sealing._box.cache_clear()


def test_after_a_resealing_the_new_key_alone_opens_every_secret(aurora: Tenant, keys: Callable[..., None]):
    line, site = whatsapp_inbox(aurora), inbox_of(aurora)
    key = site.new_secret()
    site.save()
    keys("new", "old")
    call_command("reseal", stdout=io.StringIO())
    keys("new")

    assert ProviderAccount.objects.get(inbox=line).secret("access_token") == ACCESS_TOKEN
    assert Inbox.objects.get(pk=site.pk).proves(key)


def test_a_resealing_without_the_old_key_changes_nothing_and_says_so(aurora: Tenant, keys: Callable[..., None]):
    line = whatsapp_inbox(aurora)
    keys("new")
    with pytest.raises(CommandError, match="not listed"):
        call_command("reseal", stdout=io.StringIO())
    keys("old")

    assert ProviderAccount.objects.get(inbox=line).secret("access_token") == ACCESS_TOKEN
