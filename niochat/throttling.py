"""How many requests a second one person or program may make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.throttling import BaseThrottle

from accounts.actor import Actor
from accounts.rates import counted

if TYPE_CHECKING:  # REST framework loads this module while it loads its views
    from rest_framework.request import Request
    from rest_framework.views import APIView

WINDOW_S = 1
REQUESTS_PER_WINDOW = 60


class ActorRate(BaseThrottle):
    """60 requests a second for each user (or client key, or contact); for the unknown, for each address.

    A fixed window of one second: one increment in the cache, no list of times. Counted in Redis where processes
    share one, so the limit is the user's and not the process's. A cache that is down limits nobody.
    """

    def allow_request(self, request: Request, view: APIView) -> bool:
        return counted("request", who(request), seconds=WINDOW_S) <= REQUESTS_PER_WINDOW

    def wait(self) -> float:
        return WINDOW_S


def who(request: Request) -> str:
    """The bucket that a request is counted in."""
    actor = request.auth
    if isinstance(actor, Actor):
        return f"{actor.tenant_id}.{actor.key}.{actor.key_id or 0}"
    return f"ip.{request.META.get('REMOTE_ADDR', '')}"
