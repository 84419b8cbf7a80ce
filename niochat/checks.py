"""What `manage.py check --deploy` looks at, beside Django's own checks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Advice
from django.db import DatabaseError

from accounts.models import Tenant

LOCAL = ("localhost", "127.0.0.1", "::1")
Apps = Sequence[AppConfig] | None


@register(Tags.security, deploy=True)
def reachable(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Links that the product sends lead to a host that it answers to, by HTTPS."""
    address = urlsplit(settings.PUBLIC_URL)
    found: list[CheckMessage] = []
    if address.hostname in LOCAL:
        found.append(Error("PUBLIC_URL names this machine only; surveys' links would lead nowhere.", id="niochat.E001"))
    elif address.hostname not in settings.ALLOWED_HOSTS:
        found.append(Error("PUBLIC_URL's host is not among ALLOWED_HOSTS.", id="niochat.E002"))
    if settings.SECURE and address.scheme != "https":
        found.append(Error("SECURE is on, but PUBLIC_URL is not https.", id="niochat.E003"))
    if settings.SECURE and not settings.TRUSTED_PROXIES:
        hint = "Set TRUSTED_PROXIES=1 behind deploy/nginx.conf; without it every client has the proxy's address."
        found.append(Advice("No proxy is trusted, yet nothing here speaks TLS.", hint=hint, id="niochat.W001"))
    return found


@register(Tags.security, deploy=True)
def together(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """What several processes need in order to be one product."""
    if settings.USES_POSTGRES and settings.REDIS_URL:
        return []
    hint = "Set DATABASE_URL to PostgreSQL and REDIS_URL; SQLite and the bus in memory serve exactly one process."
    return [Advice("This configuration is for one process.", hint=hint, id="niochat.W002")]


@register(Tags.staticfiles, deploy=True)
def collected(app_configs: Apps, **_: Any) -> list[CheckMessage]:
    """Pages find their static files."""
    if settings.DEBUG or Path(settings.STATIC_ROOT, "staticfiles.json").exists():
        return []
    return [Error("Static files have not been collected.", hint="Run manage.py collectstatic.", id="niochat.E004")]


@register(Tags.database, deploy=True)
def no_demo(app_configs: Apps, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """No account in production has a password that is printed in the documentation."""
    try:
        there = bool(databases) and Tenant.objects.filter(slug="demo").exists()
    except DatabaseError:
        return []
    if not there:
        return []
    return [Error("The demo's accounts are here; everybody knows their password.", id="niochat.E005")]
