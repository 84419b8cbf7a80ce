"""Is the process alive, can it do its work, and what do its counters say?"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis import Redis, RedisError

from jobs.health import keeping_up

PATIENCE_S = 0.5
log = structlog.get_logger(__name__)


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers. It looks at nothing else: a database that is down is no reason to restart us."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """`ok`; `degraded` (still 200) where work goes on, slower; `unavailable` (503) without a database."""
    checks = {"database": _passes(database), "channel_layer": _passes(channel_layer)}
    if not checks["database"]:
        return JsonResponse({"status": "unavailable", "checks": checks}, status=503, headers={"Retry-After": "2"})
    checks["jobs"] = _passes(keeping_up)
    return JsonResponse({"status": "ok" if all(checks.values()) else "degraded", "checks": checks})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, of this process."""
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def database() -> bool:
    """Whether one statement goes through."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def channel_layer() -> bool:
    """Whether the bus between processes is there; the one inside this process always is."""
    if not settings.REDIS_URL:
        return True
    with Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S) as redis:
        return bool(redis.ping())


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, RedisError, OSError) as error:
        log.warning("readiness check failed", check=check.__name__, error=repr(error))
        return False
