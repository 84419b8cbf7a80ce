"""An invitation is a signed link that opens for a week, once. Nothing of it is stored."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from accounts.errors import NotFound
from accounts.login import prove_again
from accounts.models import Membership
from accounts.passwords import hash_of_new

SALT = "accounts.invitation"
LIFE = timedelta(days=7)


def token_for(membership: Membership) -> str:
    return signing.dumps(membership.pk, salt=SALT)


def link(token: str) -> str:
    """The page on which the invited person answers."""
    return f"{settings.PUBLIC_URL}{reverse('invitation', args=[token])}"


def invited_by(token: str) -> Membership:
    """The membership that waits for this answer; raises NotFound where the link is old, used or made up."""
    try:
        number = signing.loads(token, salt=SALT, max_age=LIFE)
    except signing.BadSignature as bad:
        raise NotFound(_("This invitation has ended; ask for a new one.")) from bad
    membership = Membership.waiting(number)
    if membership is None:
        raise NotFound(_("This invitation has ended; ask for a new one."))
    return membership


def password_for(request: HttpRequest, invited: Membership, password: str) -> str:
    """The hash to store for the invited person; empty for an account that has a password, which this one must be.

    One question for both, so that the link does not tell whether there was such an account.
    """
    user = invited.user
    if not user.has_usable_password():
        return hash_of_new(password, user)
    prove_again(request, user, password, attr="password")
    return ""
