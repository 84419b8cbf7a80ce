"""A forgotten password: a signed link that opens for an hour, once. Nothing of it is stored.

The link names the user and carries a fingerprint of the password that it replaces: with that password it ends.
"""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import rates
from accounts.errors import NotFound
from accounts.models import User

SALT = "accounts.reset"
LIFE = timedelta(hours=1)
PER_NAME, PER_PLACE, HOUR_S = 3, 20, 3600
TOO_MANY = gettext_noop("Too many attempts; wait before the next one.")
ENDED = gettext_noop("This link has ended; ask for a new one.")


def token_for(user: User) -> str:
    return signing.dumps([user.pk, fingerprint(user)], salt=SALT)


def fingerprint(user: User) -> str:
    """What a new password, or a new address, changes."""
    return salted_hmac(SALT, f"{user.pk}:{user.password}:{user.email}", algorithm="sha256").hexdigest()[:32]


def opened_by(token: str) -> User:
    """Whose password the link replaces; raises NotFound where it is old, used or made up."""
    try:
        pk, mark = signing.loads(token, salt=SALT, max_age=LIFE)
    except (signing.BadSignature, ValueError, TypeError) as bad:
        raise NotFound(ENDED) from bad
    user = User.active(pk)
    if user is None or not constant_time_compare(mark, fingerprint(user)):
        raise NotFound(ENDED)
    return user


def count(login: str, ip: str) -> None:
    """Count a request; raises RateLimited past 3 an hour for one name, known or not, and 20 for one address."""
    name = unicodedata.normalize("NFKC", login).casefold().strip()
    for what, whom, most in (("name", name, PER_NAME), ("ip", ip, PER_PLACE)):
        rates.count(f"reset-{what}", rates.nameless(whom), most=most, seconds=HOUR_S, sentence=TOO_MANY)


def is_flooded(user: User) -> bool:
    """Whether this user, by whatever name they were called, has had their links of this hour."""
    return rates.counted("reset-user", str(user.pk), seconds=HOUR_S) > PER_NAME


def letter(user: User, language: str) -> EmailMessage:
    """The mail with the link, in the user's language or that of the page on which it was asked for."""
    link = f"{settings.PUBLIC_URL}{reverse('reset_password', args=[token_for(user)])}"
    told: dict[str, Any] = {"name": user.first_name or user.username, "link": link, "hours": LIFE.seconds // 3600}
    with translation.override(user.language or language):
        text = render_to_string("accounts/reset_mail.txt", told)
        subject = _("A new password for NioChat")
    return EmailMessage(subject, text, to=[user.email], headers={"Auto-Submitted": "auto-generated"})
