"""Calls to Meta's Graph API: where it is, how long it may take, and what its answer means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import httpx
from django.conf import settings
from django.utils.translation import gettext_noop as _

from conversations.models import Delivery, Inbox
from conversations.providers.addresses import UrlNotAllowed, origin, parted, vouched
from conversations.providers.base import Outcome, Verdict
from conversations.providers.calling import client, unanswered
from conversations.providers.reading import object_of, without
from conversations.providers.whatsapp.refusals import refused
from conversations.reasons import Reason

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
META = "graph.facebook.com"
# The gateway before Meta's servers says that they did not get it.
NOBODY_THERE = {429, 503}


class Answer(NamedTuple):
    """What the Graph answered; `outcome` is the refusal where it is one."""

    body: dict[str, Any]
    outcome: Outcome | None = None


def base_url(inbox: Inbox) -> str:
    """Where the inbox's Graph is, with its version. Raises UrlNotAllowed for what is neither Meta's nor vouched for:
    else an admin could have us post to ourselves.
    """
    config = inbox.account.config
    root = str(config.get("graph_url") or settings.WHATSAPP_GRAPH_URL).rstrip("/")
    check_url(root)
    return f"{root}/{config.get('graph_version') or settings.WHATSAPP_GRAPH_VERSION}"


def check_url(root: str) -> None:
    if not is_vouched(root) and origin(parted(root, "graph_url")) != ("https", META, 443):
        raise UrlNotAllowed(_("Only Meta's own address may be called."), attr="graph_url")


def is_vouched(root: str) -> bool:
    return vouched(root, settings.WHATSAPP_GRAPH_URL)


def call(inbox: Inbox, method: str, path: str, **content: Any) -> Answer:
    """Call the Graph with the inbox's token; `path` begins behind the version."""
    headers = {"Authorization": f"Bearer {inbox.account.secret('access_token')}"}
    try:
        answer = client().request(method, f"{base_url(inbox)}/{path}", headers=headers, timeout=TIMEOUT, **content)
    except UrlNotAllowed:
        return Answer({}, Outcome(Delivery.FAILED, error=Reason("address"), verdict=Verdict.PERMANENT))
    except httpx.HTTPError as error:
        return Answer({}, unanswered(error))
    return understood(answer, inbox.account.secrets)


def understood(answer: httpx.Response, secrets: Sequence[str]) -> Answer:
    """The answer's object; a refusal by Meta's code, or by the status where no code came along."""
    try:
        body = object_of(answer.json())
    except ValueError:
        body = {}
    if answer.is_success:
        return Answer(body)
    body = without(body, secrets)
    wait = float(retry) if (retry := answer.headers.get("Retry-After", "")).isdigit() else None
    if error := object_of(body.get("error")):
        return Answer(body, refused(error, wait))
    return Answer(body, by_status(answer.status_code, wait))


def by_status(status: int, wait: float | None) -> Outcome:
    """What an answer without a word of Meta's means. A fault behind a gateway may have done its work all the same."""
    words = Reason("unauthorised" if status == 401 else "refused", f"HTTP {status}")  # noqa: PLR2004 - HTTP's own
    if status in NOBODY_THERE:
        return Outcome(Delivery.PENDING, error=words, verdict=Verdict.THROTTLED, retry_after=wait)
    if status >= 500:  # noqa: PLR2004 - HTTP's own
        return Outcome(Delivery.PENDING, error=words, verdict=Verdict.UNCERTAIN)
    if status == 401:  # noqa: PLR2004
        return Outcome(Delivery.PENDING, error=words, verdict=Verdict.AUTH)
    return Outcome(Delivery.FAILED, error=words, verdict=Verdict.PERMANENT)
