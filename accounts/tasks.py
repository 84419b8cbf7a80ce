"""What accounts do by the clock."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings

from accounts.models import AuthSession, LoginFailure
from jobs import every


@every(seconds=3600)
def forget_logins() -> None:
    """Drop old failures, and sessions that ended long ago."""
    LoginFailure.forget()
    AuthSession.forget()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
