"""Calls to the Bot API: where it is, how long it may take, and what its answer means.

The bot's token stands in every address, so no address may reach a log or an error's text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import httpx
from django.conf import settings
from django.utils.translation import gettext_noop as _

from conversations.models import Delivery, Inbox
from conversations.providers.addresses import UrlNotAllowed, vouched
from conversations.providers.base import Outcome, Verdict
from conversations.providers.calling import client, unanswered
from conversations.providers.reading import object_of, text_of, without
from conversations.reasons import Reason

TIMEOUT = httpx.Timeout(20.0, connect=5.0)
# What a refusal's code means for the message and the account; Telegram answers 404 where no bot has the token. 403 is
# the customer's own doing: they blocked the bot, or closed their account.
NAMES = {401: "unauthorised", 403: "blocked", 404: "unauthorised", 429: "throttled"}
VERDICTS = {401: Verdict.AUTH, 404: Verdict.AUTH, 409: Verdict.RETRY, 429: Verdict.THROTTLED}


class Answer(NamedTuple):
    """What Telegram answered; `outcome` is the refusal where it is one."""

    result: Any = None
    outcome: Outcome | None = None


def root_url(inbox: Inbox) -> str:
    """Where the inbox's Bot API is. Raises Refused for an address that may not be called."""
    root = str(inbox.account.config.get("api_url") or settings.TELEGRAM_API_URL).rstrip("/")
    check_url(root)
    return root


def address(inbox: Inbox, method: str) -> str:
    """Where a method of the inbox's bot is called; nothing to be told to anybody."""
    return f"{root_url(inbox)}/bot{inbox.account.secret('bot_token')}/{method}"


def check_url(root: str) -> None:
    """Only what whoever runs the product has vouched for; Telegram's own address is the usual setting."""
    if not is_vouched(root):
        raise UrlNotAllowed(_("Only Telegram's own address may be called."), attr="api_url")


def is_vouched(root: str) -> bool:
    return vouched(root, settings.TELEGRAM_API_URL)


def call(inbox: Inbox, method: str, **content: Any) -> Answer:
    """Call a method of the inbox's bot; `content` is httpx's: `json`, or `data` with `files`."""
    try:
        answer = client().post(address(inbox, method), timeout=TIMEOUT, **content)
    except UrlNotAllowed:
        return Answer(outcome=Outcome(Delivery.FAILED, error=Reason("address"), verdict=Verdict.PERMANENT))
    except httpx.HTTPError as error:
        return Answer(outcome=unanswered(error))
    return understood(answer, inbox.account.secrets)


def understood(answer: httpx.Response, secrets: Sequence[str]) -> Answer:
    """The result, or the refusal in Telegram's words."""
    try:
        body = object_of(answer.json())
    except ValueError:
        body = {}
    if answer.is_success and body.get("ok") is True:
        return Answer(body.get("result"))
    body = without(body, secrets)
    told = body.get("error_code")
    code = told if isinstance(told, int) else answer.status_code
    words = text_of(body.get("description"), 250) or f"HTTP {code}"
    reason = Reason(NAMES.get(code, "refused"), words)
    return Answer(outcome=refused(code, reason, object_of(body.get("parameters")).get("retry_after")))


def refused(code: int, words: Reason, wait: Any) -> Outcome:
    """What a refusal means. After a fault of Telegram's own nobody knows whether the message was taken."""
    if code >= 500 or code < 400:  # noqa: PLR2004 - HTTP's own
        return Outcome(Delivery.PENDING, error=words, verdict=Verdict.UNCERTAIN)
    verdict = VERDICTS.get(code, Verdict.PERMANENT)
    status = Delivery.FAILED if verdict is Verdict.PERMANENT else Delivery.PENDING
    seconds = float(wait) if isinstance(wait, int) and wait > 0 else None
    return Outcome(status, error=words, verdict=verdict, retry_after=seconds)
