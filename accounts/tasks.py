"""What accounts do by the clock."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings

from accounts import resets
from accounts.actions.resets import note_reset_sent
from accounts.actor import Origin
from accounts.door import Door
from accounts.models import AuthSession, LoginFailure, User
from jobs import every, task


@task("accounts.send_reset", attempts=5)
def send_reset(login: str, language: str, door: list[str]) -> None:
    """Send whoever this is a link for a new password: only to an account that can come in, at its own address."""
    user = User.by_login(login)
    if user is None or not user.email or not user.may_come_in or resets.is_flooded(user):
        return
    resets.letter(user, language).send()
    note_reset_sent(user, Door(Origin(door[0]), *door[1:]))


@every(seconds=3600)
def forget_logins() -> None:
    """Drop old failures, and sessions that ended long ago."""
    LoginFailure.forget()
    AuthSession.forget()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
