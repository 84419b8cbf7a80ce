"""Where the product lets itself be sent to, and what it bears there: lines 107 to 110 of the threat table."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from accounts.models import Tenant
from conversations.models import Attachment, Delivery, Inbox
from conversations.providers import fetching
from conversations.providers.addresses import Spot, UrlNotAllowed, is_public, located, may_be_public, vouched
from conversations.providers.base import MediaRefused, TryLater, Verdict
from conversations.providers.gateways import calls
from conversations.providers.reaching import FAILURES_MOST, TooMuch, reach
from conversations.providers.telegram import TelegramProvider, botapi
from conversations.providers.whatsapp import MEDIA_HOSTS, graph
from tests.conversations.hostile import (
    MIB,
    Hostile,
    Resolver,
    dripping_body,
    dripping_headers,
    endless,
    hostile,
    no_http,
    packed,
    polite,
    redirecting,
    silent,
)
from tests.gateways.lines import qr_inbox
from tests.telegram.lines import telegram_inbox
from tests.whatsapp.lines import whatsapp_inbox
from tests.world import Person

# Each leads inside, in whatever coat.
INSIDE = [
    "https://169.254.169.254/", "https://127.0.0.1", "https://localhost", "https://localhost.", "https://a.localhost",
    "https://10.0.0.8", "https://[::1]", "https://[::ffff:127.0.0.1]", "https://[::127.0.0.1]", "https://2130706433",
    "https://0177.0.0.1", "https://0x7f.0.0.1", "https://0x7f000001", "https://127.1", "https://[fe80::1]",
    "https://[64:ff9b::a9fe:a9fe]", "https://metadata", "https://user@gateway.example", "https://@gateway.example",
    "http://gateway.example", "ftp://gateway.example", "gopher://gateway.example", "file:///etc/passwd", "//x.example",
    "https://[", "https://gateway.example:99999", "https://gateway.example?x=1", "https://gateway.example#x",
]  # fmt: skip


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Resolver]:
    """Lets names lead where a test wants them to."""

    def takes_over(**answers: list[str]) -> Resolver:
        stub = Resolver({name.replace("_", "."): addresses for name, addresses in answers.items()})
        monkeypatch.setattr(socket, "getaddrinfo", stub)
        return stub

    return takes_over


def spot_of(server: Hostile) -> Spot:
    return Spot(server.url, "127.0.0.1", f"127.0.0.1:{server.port}")


def called(server: Hostile, total_s: float = 0.5, most: int = MIB, circuit: str = "x") -> Any:
    return reach(spot_of(server), "GET", "/", headers={}, most=most, total_s=total_s, circuit=circuit)


# --- which addresses --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["http://lookaside.fbsbx.com/x", "https://evil.example/", "https://fbcdn.net.evil.example/",
     "https://user@lookaside.fbsbx.com/", "https://@lookaside.fbsbx.com/", "", *INSIDE],
)  # fmt: skip
def test_107_files_are_fetched_from_the_providers_hosts_only(url: str):
    with pytest.raises(UrlNotAllowed):
        located(url, hosts=MEDIA_HOSTS)


@pytest.mark.parametrize("inside", ["10.0.0.7", "169.254.169.254", "127.0.0.1", "::1", "::ffff:10.0.0.7"])
def test_107_a_trusted_name_that_leads_inside_is_not_followed(resolver: Callable[..., Resolver], inside: str):
    resolver(lookaside_fbsbx_com=[inside])

    with pytest.raises(UrlNotAllowed):
        located("https://lookaside.fbsbx.com/x", hosts=MEDIA_HOSTS)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "0.0.0.0", "::", "::1", "::ffff:10.0.0.1", "fe80::1",
     "fd00::1", "224.0.0.1", "100.64.0.1", "::10.0.0.1", "64:ff9b::10.0.0.1", "2002:0a00:0001::", "fe80::1%eth0",
     "2001:0:a00:1::f5ff:fffe", "255.255.255.255", "192.0.0.1", "198.18.0.1", "240.0.0.1", "64:ff9b:1::a00:1",
     "::ffff:0:10.0.0.1", "fec0::1", "5f00::1", "3fff::1", "192.0.0.8", "192.88.99.1",
     "2a03:2880::5efe:10.0.0.1", "2a03:2880::200:5efe:10.0.0.1"],
)  # fmt: skip
def test_107_an_inner_address_is_not_public(address: str):
    assert not is_public(address)
    assert is_public("157.240.22.35")
    assert is_public("2a03:2880:f12f:83:face:b00c:0:25de")


def test_108_a_name_is_looked_up_once_and_the_call_goes_to_what_was_looked_at(
    resolver: Callable[..., Resolver], settings: Any
):
    with hostile(polite) as inner:
        settings.PROVIDER_HOSTS = [f"files.example:{inner.port}"]
        names = resolver(files_example=["127.0.0.1", "203.0.113.9"])
        url = f"http://files.example:{inner.port}/x"
        got = fetching.get(url, hosts=[], inner=url, circuit="x")

    assert got.content == b"ok"
    assert names.asked == ["files.example"]
    assert f"Host: files.example:{inner.port}".encode() in inner.asked[0]


def test_108_a_name_that_turns_inside_after_the_look_is_not_asked_again(resolver: Callable[..., Resolver]):
    names = resolver(lookaside_fbsbx_com=["157.240.1.1", "127.0.0.1"])

    spot = located("https://lookaside.fbsbx.com/x?a=1", hosts=MEDIA_HOSTS)

    assert spot == ("https://157.240.1.1/x?a=1", "lookaside.fbsbx.com", "lookaside.fbsbx.com")
    assert names.asked == ["lookaside.fbsbx.com"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_108_a_redirect_leads_nowhere(status: int):
    with hostile(polite) as secret, hostile(redirecting(f"{secret.url}/admin")) as door:
        door.behave = lambda _server, connection: connection.sendall(
            f"HTTP/1.1 {status} Go\r\nLocation: {secret.url}/admin\r\nContent-Length: 0\r\n\r\n".encode()
        )
        with pytest.raises(TryLater):
            fetching.get(f"{door.url}/x", hosts=[], inner=door.url, circuit="x")

    assert (len(door.asked), secret.asked) == (1, [])


# --- what a company names itself --------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("url", INSIDE)
def test_109_a_gateway_inside_our_network_is_refused(aurora: Tenant, davi: Person, url: str):
    line = qr_inbox(aurora, "evolution", "https://gateway.example")
    answer = davi.client().patch(f"/api/v1/inboxes/{line.pk}/account", {"base_url": url}, format="json")

    assert answer.status_code == 422
    assert [answer.json()["errors"][0][name] for name in ("code", "attr")] == ["url_not_allowed", "base_url"]


@pytest.mark.django_db
def test_109_a_gateway_whose_name_leads_inside_is_never_called(aurora: Tenant, resolver: Callable[..., Resolver]):
    with hostile(polite) as inner:
        resolver(gateway_example=["127.0.0.1"])
        line = qr_inbox(aurora, "evolution", f"https://gateway.example:{inner.port}")
        answer = calls.call(lambda: calls.place_of(line, "", ""), "apikey", "GET", "/")

    assert inner.asked == []
    assert answer.outcome is not None
    assert (answer.outcome.status, answer.outcome.verdict) == (Delivery.FAILED, Verdict.PERMANENT)


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("http://gateway:8080", True), ("https://gateway:8080/path", True), ("http://GATEWAY:8080", True),
        ("http://gateway", False), ("http://gateway:8081", False), ("http://gateway.evil.example:8080", False),
        ("http://user@gateway:8080", False), ("http://10.0.0.8", True), ("https://10.0.0.8", True),
        ("http://10.0.0.8:22", False), ("https://[fd00::1]:8443", True), ("https://[fd00::1]", False),
        ("http://10.0.0.80", False), ("https://other.example", False), ("gopher://gateway:8080", False),
    ],
)  # fmt: skip
def test_109_only_who_runs_the_product_vouches_for_a_host_inside(settings: Any, url: str, *, may: bool):
    settings.PROVIDER_HOSTS = ["gateway:8080", "10.0.0.8", "[fd00::1]:8443"]

    assert vouched(url) is may


@pytest.mark.django_db
def test_109_a_company_may_name_what_is_vouched_for_and_is_called_there(aurora: Tenant, davi: Person, settings: Any):
    settings.PROVIDERS_ON_LOOPBACK = False
    with hostile(polite) as inner:
        line = qr_inbox(aurora, "evolution", "")
        path, body = f"/api/v1/inboxes/{line.pk}/account", {"base_url": inner.url}
        before = davi.client().patch(path, body, format="json").status_code
        settings.PROVIDER_HOSTS = [f"127.0.0.1:{inner.port}"]
        after = davi.client().patch(path, body, format="json").status_code
        line.account.refresh_from_db()
        calls.call(lambda: calls.place_of(line, "", ""), "apikey", "GET", "/instance/fetchInstances")

    assert (before, after) == (422, 200)
    assert inner.asked[0].startswith(b"GET /instance/fetchInstances")


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["http://bots.internal:8081", "https://10.0.0.5"])
def test_109_the_operators_own_address_may_be_anywhere_and_a_company_may_name_no_other(
    aurora: Tenant, davi: Person, settings: Any, url: str
):
    settings.TELEGRAM_API_URL = settings.WHATSAPP_GRAPH_URL = url
    bot, line = telegram_inbox(aurora), whatsapp_inbox(aurora)
    assert botapi.root_url(bot) == url
    assert graph.base_url(line).startswith(f"{url}/v")

    for inbox, field in ((bot, "api_url"), (line, "graph_url")):
        path = f"/api/v1/inboxes/{inbox.pk}/account"
        given = [davi.client().patch(path, {field: one}, format="json").status_code for one in (url, f"{url}0")]
        assert given == [200, 422], field


@pytest.mark.django_db
def test_109_a_bots_files_are_fetched_from_the_operators_own_bot_api(aurora: Tenant, settings: Any):
    def bot_api(server: Hostile, connection: socket.socket) -> None:
        if b"getFile" in server.asked[-1]:
            body = b'{"ok": true, "result": {"file_path": "photos/file_1.jpg"}}'
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        else:
            polite(server, connection)

    with hostile(bot_api) as server:
        settings.PROVIDERS_ON_LOOPBACK = False
        settings.TELEGRAM_API_URL = server.url
        inbox = telegram_inbox(aurora)
        got = TelegramProvider().fetch(inbox, {"id": "file-1"})

    assert got.content == b"ok"


def test_a_name_alone_may_be_public_only_if_it_is_a_name():
    assert [
        host for host in ("gateway.example", "x.com.br", "xn--p1ai.xn--p1ai", "8.8.8.8") if not may_be_public(host)
    ] == []


# --- what it bears there ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("behave", [silent, dripping_headers, dripping_body])
def test_110_a_slow_answer_ends_with_the_clock_however_it_drips(behave: Any):
    began = time.monotonic()
    with hostile(behave) as server, pytest.raises(httpx.ReadTimeout):
        called(server)

    assert time.monotonic() - began < 15


def test_110_an_endless_answer_is_read_up_to_its_limit():
    with hostile(endless) as server, pytest.raises(TooMuch):
        called(server, total_s=10)


def test_110_what_is_packed_stays_packed_and_is_no_file():
    with hostile(packed) as server, pytest.raises(MediaRefused):
        fetching.download(spot_of(server), headers={}, circuit="x")


def test_110_what_speaks_no_http_is_an_error_like_any_other():
    with hostile(no_http) as server, pytest.raises(httpx.RemoteProtocolError):
        called(server)


def test_110_who_does_not_answer_is_left_alone_for_a_while_and_others_are_not():
    with hostile(silent) as server, hostile(polite) as other:
        server.behave = lambda _server, connection: connection.close()
        for _ in range(FAILURES_MOST):
            with pytest.raises(httpx.HTTPError):
                called(server, circuit="inbox-1")
        with pytest.raises(httpx.ConnectError, match="left alone"):
            called(server, circuit="inbox-1")
        assert called(other, circuit="inbox-2").content == b"ok"

    assert len(server.asked) == FAILURES_MOST


@pytest.mark.django_db
def test_110_a_gateways_endless_answer_fails_its_call_and_stores_nothing(
    aurora: Tenant, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(calls, "ANSWER_MOST", MIB)
    with hostile(endless) as server:
        line = qr_inbox(aurora, "evolution", server.url)
        answer = calls.call(lambda: calls.place_of(line, "", ""), "apikey", "POST", "/x", json={})
        with pytest.raises(MediaRefused):
            calls.file_of(answer, None, None)

    assert answer.outcome is not None
    assert answer.outcome.verdict is Verdict.UNCERTAIN
    assert Attachment.objects.count() == 0
    assert Inbox.objects.get(pk=line.pk).connection == "setup"
