"""Log in by user name or e-mail address, in the same time whether or not there is such an account."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.models import User
from accounts.passwords import LONGEST_PASSWORD


class UsernameOrEmail(ModelBackend):
    """Django's own backend, found by either name. An overlong password is refused before it costs a hash."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not username or password is None or len(password) > LONGEST_PASSWORD:
            return None
        user = User.by_login(username)
        if user is None:
            User().set_password(password)  # an unknown name costs one hash as well
            return None
        proved = user.check_password(password)
        return user if proved and self.user_can_authenticate(user) else None
