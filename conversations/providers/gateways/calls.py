"""Calls to a gateway: where it is, what proves us to it, and what its answer means.

The platform's own gateway (a setting) may be anywhere, inside our network too. One that a company names itself must be
public, or vouched for by whoever runs the product, and is called at the very address that was looked at, with the
company's own key: never with the platform's.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx
from django.conf import settings
from django.utils.translation import gettext_noop as _

from accounts.errors import Refused
from conversations.models import Delivery, Inbox
from conversations.providers import fetching
from conversations.providers.addresses import Spot, UrlNotAllowed, located, may_be_public, parted, vouched
from conversations.providers.base import Fetched, MediaRefused, Outcome, TryLater, Verdict
from conversations.providers.calling import unanswered
from conversations.providers.reaching import Reached, TooMuch, reach
from conversations.providers.reading import object_of, text_of, without
from conversations.reasons import Reason

# A file of the largest size, as base64, has to get there; less than what a try to send may take (`CALL_TAKES`).
TOTAL_S = 60.0
NOBODY_THERE = {429, 502, 503}
NAMES = {401: "unauthorised", 403: "unauthorised", 404: "no_session"}
ANSWER_MOST = 64 * 2**20


class GatewayTrouble(Exception):
    """A gateway did not do what it was asked to; told with the Reason."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an inbox's gateway is, the key it wants, whose it is, and what must be in no words of it."""

    spot: Spot
    key: str = field(repr=False)
    circuit: str
    secrets: Sequence[str] = field(default=(), repr=False)


class Answer(NamedTuple):
    """What a gateway answered; `outcome` is the refusal where it is one."""

    body: Any
    status: int = 200
    outcome: Outcome | None = None

    @property
    def object(self) -> dict[str, Any]:
        return object_of(self.body)


def check_url(url: str) -> None:
    """Raise Refused for an address that no gateway of a company's may have: only https, and nothing inside our own
    network, unless whoever runs the product has vouched for it.
    """
    parts = parted(url, "base_url")
    if parts.query or parts.fragment:
        raise UrlNotAllowed(_("Give the gateway's address alone."), attr="base_url")
    if vouched(url):
        return
    if parts.scheme != "https" or not may_be_public(parts.hostname or ""):
        raise UrlNotAllowed(_("Give the gateway's public https address."), attr="base_url")


def own_address(inbox: Inbox) -> str:
    """The gateway that a company named, if it is vouched for: its files may be there too."""
    own = str(inbox.account.config.get("base_url") or "")
    return own if vouched(own) else ""


def place_of(inbox: Inbox, platform_url: str, platform_key: str) -> Place:
    """Where to call. Raises Refused for an address inside our network, and where no gateway is set."""
    account = inbox.account
    own = str(account.config.get("base_url") or "").rstrip("/")
    key, circuit = account.secret("api_key"), f"inbox-{inbox.pk}"
    if own:
        check_url(own)
        spot = located(own, hosts=(parted(own).hostname or "",), inner=own_address(inbox))
        return Place(spot, key, circuit, account.secrets)
    if not platform_url:
        raise Refused(_("No gateway is set up for this inbox."), code="required", attr="base_url")
    root = platform_url.rstrip("/")
    parts = parted(root)
    return Place(Spot(root, parts.hostname or "", parts.netloc), key or platform_key, circuit, account.secrets)


def call(find: Callable[[], Place], header: str, method: str, path: str, **content: Any) -> Answer:
    """Call a gateway; `path` begins with a slash, `header` is where it wants its key, `find` tells where it is.

    An address that may not be called, or has none just now, is an Outcome too: surely nothing was sent there.
    """
    try:
        place = find()
    except Refused as refused:
        return Answer({}, 0, Outcome(Delivery.FAILED, error=why_not(refused), verdict=Verdict.PERMANENT))
    except TryLater as trouble:
        return Answer({}, 0, Outcome(Delivery.PENDING, error=why_not(trouble), verdict=Verdict.RETRY))
    headers = {header: place.key, "Accept": "application/json"}
    bounds: dict[str, Any] = {"most": ANSWER_MOST, "total_s": TOTAL_S, "circuit": place.circuit}
    try:
        reached = reach(place.spot, method, path, headers=headers, **bounds, **content)
    except (httpx.HTTPError, TooMuch) as error:
        return Answer({}, 0, unanswered(error))
    return understood(reached, [place.key, *place.secrets])


def why_not(trouble: Exception) -> Reason:
    """Why a gateway was not called, or did not do it."""
    said = trouble.args[0] if trouble.args else ""
    if isinstance(said, Reason):
        return said
    if isinstance(trouble, Refused):
        return Reason("not_set_up" if trouble.code == "required" else "address")
    return Reason("unreachable", str(said))


def download(place: Place, header: str, path: str) -> Fetched:
    """A file that lies on the gateway itself. Raises MediaRefused and TryLater."""
    return fetching.download(place.spot, path, headers={header: place.key}, circuit=place.circuit)


def understood(answer: Reached, secrets: Sequence[str]) -> Answer:
    try:
        body: Any = json.loads(answer.content)
    except (ValueError, RecursionError):
        body = {}
    if answer.status // 100 == 2:  # noqa: PLR2004 - HTTP's own
        return Answer(body, answer.status)
    body = without(body, secrets)
    wait = float(given) if (given := answer.headers.get("Retry-After", "")).isdecimal() else None
    return Answer(body, answer.status, refusal(answer.status, words_of(body, answer.status), wait))


def words_of(body: Any, status: int) -> Reason:
    """A gateway's own words for a refusal, wherever it put them; else the status."""
    inner = object_of(body).get("response") or object_of(body).get("exception") or body
    said = object_of(inner).get("message") or object_of(body).get("message") or object_of(body).get("error")
    words = "; ".join(str(one) for one in said) if isinstance(said, list) else text_of(said, 250)
    name = "throttled" if status in NOBODY_THERE else NAMES.get(status, "refused")
    return Reason(name, f"{words[:200]} (HTTP {status})" if words else f"HTTP {status}")


def refusal(status: int, words: Reason, wait: float | None) -> Outcome:
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
        if answer.outcome.verdict is Verdict.PERMANENT or answer.outcome.error == TooMuch.__name__:
            raise MediaRefused(answer.outcome.error)
        raise TryLater(answer.outcome.error)
    try:
        content = base64.b64decode(text_of(encoded, ANSWER_MOST), validate=True)
    except binascii.Error:
        raise MediaRefused("The file came in pieces.") from None
    if not 0 < len(content) <= settings.ATTACHMENT_MAX_BYTES:
        raise MediaRefused("The file is empty or too large.")
    return Fetched(content, text_of(kind, 100).split(";")[0].strip() or "application/octet-stream", text_of(name, 200))
