"""Calls to a gateway: where it is, what proves us to it, and what its answer means.

The platform's own gateway (a setting) may be anywhere, inside our network too. One that a company names itself must be
public and is called at the very address that was checked, with the company's own key: never with the platform's.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from accounts.errors import Refused
from conversations.models import Delivery, Inbox
from conversations.providers import fetching
from conversations.providers.base import Fetched, MediaRefused, Outcome, Verdict
from conversations.providers.reading import object_of, text_of

TIMEOUT = httpx.Timeout(15.0, connect=5.0)
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
NOBODY_THERE = {429, 502, 503}
ANSWER_MOST = 64 * 2**20


class GatewayTrouble(Exception):
    """A gateway did not do what it was asked to; its words are for people."""


class Place(NamedTuple):
    """Where an inbox's gateway is: what to connect to, the name to call it by, and the key it wants."""

    url: str
    host: str
    netloc: str
    key: str


class Answer(NamedTuple):
    """What a gateway answered; `outcome` is the refusal where it is one."""

    body: Any
    status: int = 200
    outcome: Outcome | None = None

    @property
    def object(self) -> dict[str, Any]:
        return object_of(self.body)


def check_url(url: str) -> None:
    """Raise Refused for an address that no gateway may have: only https, and nothing inside our own network."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise fetching.UrlNotAllowed(attr="base_url") from None
    if fetching.own_simulator(url) and parts.scheme == "http":
        return
    if parts.scheme != "https" or parts.username or not host or parts.query or parts.fragment or is_inner(host):
        raise fetching.UrlNotAllowed("Give the gateway's public https address.", attr="base_url")


def is_inner(host: str) -> bool:
    try:
        return not fetching.is_public(str(ipaddress.ip_address(host)))
    except ValueError:
        return host == "localhost" or "." not in host


def place_of(inbox: Inbox, platform_url: str, platform_key: str) -> Place:
    """Where to call. Raises Refused for an address inside our network, and where no gateway is set."""
    account = inbox.account
    own = str(account.config.get("base_url") or "").rstrip("/")
    key = account.secret("api_key")
    if not own:
        if not platform_url:
            raise Refused("No gateway is set up for this inbox.", code="required", attr="base_url")
        parts = urlsplit(platform_url)
        return Place(platform_url.rstrip("/"), parts.hostname or "", parts.netloc, key or platform_key)
    check_url(own)
    parts = urlsplit(own)
    host, address = fetching.checked(own, (parts.hostname or "",), own)
    inner = f"[{address}]" if ":" in address else address
    pinned = parts._replace(netloc=f"{inner}:{parts.port}" if parts.port else inner).geturl()
    return Place(pinned, host, parts.netloc, key)


def call(place: Place, header: str, method: str, path: str, **content: Any) -> Answer:
    """Call a gateway; `path` begins with a slash, `header` is where it wants its key."""
    headers = {header: place.key, "Host": place.netloc, "Accept": "application/json"}
    try:
        with httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
            extensions = {"sni_hostname": place.host}
            answer = client.request(method, place.url + path, headers=headers, extensions=extensions, **content)
    except NOT_SENT as error:
        return Answer({}, 0, Outcome(Delivery.PENDING, error=type(error).__name__, verdict=Verdict.RETRY))
    except httpx.HTTPError as error:
        return Answer({}, 0, Outcome(Delivery.PENDING, error=type(error).__name__, verdict=Verdict.UNCERTAIN))
    return understood(answer)


def download(place: Place, header: str, path: str) -> Fetched:
    """A file that lies on the gateway itself. Raises MediaRefused and TryLater."""
    headers = {header: place.key, "Host": place.netloc}
    extensions = {"sni_hostname": place.host}
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", place.url + path, headers=headers, extensions=extensions) as answer,
        ):
            return fetching.read(answer)
    except httpx.HTTPError as error:
        raise fetching.TryLater(type(error).__name__) from error


def understood(answer: httpx.Response) -> Answer:
    try:
        body: Any = answer.json() if len(answer.content) <= ANSWER_MOST else {}
    except ValueError:
        body = {}
    if answer.is_success:
        return Answer(body, answer.status_code)
    wait = float(given) if (given := answer.headers.get("Retry-After", "")).isdigit() else None
    return Answer(body, answer.status_code, refusal(answer.status_code, words_of(body, answer.status_code), wait))


def words_of(body: Any, status: int) -> str:
    """A gateway's own words for a refusal, wherever it put them; else the status."""
    inner = object_of(body).get("response") or object_of(body).get("exception") or body
    said = object_of(inner).get("message") or object_of(body).get("message") or object_of(body).get("error")
    words = "; ".join(str(one) for one in said) if isinstance(said, list) else text_of(said, 250)
    return f"{words[:250]} (HTTP {status})" if words else f"HTTP {status}"


def refusal(status: int, words: str, wait: float | None) -> Outcome:
    """What a refusal by this status means for a message. A fault may come after the work was done all the same."""
    if status in NOBODY_THERE:
        return Outcome(Delivery.PENDING, error=words, verdict=Verdict.THROTTLED, retry_after=wait)
    if status >= 500:  # noqa: PLR2004 - HTTP's own
        return Outcome(Delivery.PENDING, error=words, verdict=Verdict.UNCERTAIN)
    if status in (401, 403):
        return Outcome(Delivery.PENDING, error=words, verdict=Verdict.AUTH)
    return Outcome(Delivery.FAILED, error=words, verdict=Verdict.PERMANENT)


def done(answer: Answer) -> Answer:
    """The answer of a call about the session; raises GatewayTrouble for a refusal."""
    if answer.outcome:
        raise GatewayTrouble(answer.outcome.error)
    return answer


def harmless(answer: Answer, state: Delivery = Delivery.SENT) -> Outcome:
    """Of what may be done twice without anybody noticing, an uncertain end is simply one to repeat."""
    outcome = answer.outcome
    if outcome is None:
        return Outcome(state)
    return outcome._replace(verdict=Verdict.RETRY) if outcome.verdict is Verdict.UNCERTAIN else outcome


def file_of(answer: Answer, encoded: Any, kind: Any, name: Any = "") -> Fetched:
    """A file that came as base64 in an answer. Raises MediaRefused for none, TryLater where it did not come."""
    if answer.outcome:
        if answer.outcome.verdict is Verdict.PERMANENT:
            raise MediaRefused(answer.outcome.error)
        raise fetching.TryLater(answer.outcome.error)
    try:
        content = base64.b64decode(text_of(encoded, ANSWER_MOST), validate=True)
    except binascii.Error:
        raise MediaRefused("The file came in pieces.") from None
    if not 0 < len(content) <= settings.ATTACHMENT_MAX_BYTES:
        raise MediaRefused("The file is empty or too large.")
    return Fetched(content, text_of(kind, 100).split(";")[0].strip() or "application/octet-stream", text_of(name, 200))
