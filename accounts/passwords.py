"""Choosing a password."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop as _

from accounts.errors import Refused
from accounts.models import User

# Longer ones are refused before they cost a hash.
LONGEST_PASSWORD = 256


def ensure_hashable(password: str, attr: str = "password") -> None:
    """Raise Refused for what is too long to be anybody's password."""
    if len(password) > LONGEST_PASSWORD:
        raise Refused(
            _("A password has at most %(most)s characters."), {"most": LONGEST_PASSWORD}, code="invalid", attr=attr
        )


def hash_of_new(password: str, user: User, attr: str = "password") -> str:
    """The hash to store for a password that this user chose; raises Refused (weak_password).

    Call it outside a transaction: the hash takes its time.
    """
    ensure_hashable(password, attr)
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise Refused(" ".join(weak.messages), code="weak_password", attr=attr) from weak
    return make_password(password)
