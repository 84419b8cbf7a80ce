"""What calls to providers have in common: the connections that stay open, and what an end without an answer means."""

from __future__ import annotations

from functools import cache

import httpx

from conversations.models import Delivery
from conversations.providers.base import Outcome, Verdict
from conversations.reasons import Reason, unreachable

# The call never left us, or nobody took it: it is safe to repeat.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@cache
def client() -> httpx.Client:
    """One pool of connections for the process. It follows no redirect and takes no proxy from the environment; whoever
    calls says how long they wait.
    """
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=20)
    return httpx.Client(limits=limits, follow_redirects=False, trust_env=False)


def unanswered(error: Exception) -> Outcome:
    """What a call came to that ended without an answer. Once it has left, it may have been taken all the same."""
    verdict = Verdict.RETRY if isinstance(error, NOT_SENT) else Verdict.UNCERTAIN
    return Outcome(Delivery.PENDING, error=unreachable(error), verdict=verdict)


def taken(provider_id: str) -> Outcome:
    """What a message came to that the provider took; one that it gave no id for it may not have taken."""
    if not provider_id:
        return Outcome(Delivery.PENDING, error=Reason("no_id"), verdict=Verdict.UNCERTAIN)
    return Outcome(Delivery.SENT, provider_id)
