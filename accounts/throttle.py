"""How often a password may be tried: 5 times in 15 minutes per account and address, 20 times an hour per account.

Each five failures of a day double the quarter of an hour. An attempt is written down before the password is
looked at, so that a hundred at once don't get a hundred tries; a success takes it, and the earlier ones, back.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac
from django.utils.timezone import now
from django.utils.translation import gettext_noop as _

from accounts.errors import RateLimited
from accounts.models import FAILURES_KEPT, LoginFailure, User

PER_PLACE = 5
PLACE_WINDOW = timedelta(minutes=15)
LONGEST_PLACE_WINDOW = timedelta(hours=4)
PER_ACCOUNT = 20
ACCOUNT_WINDOW = timedelta(hours=1)


def begin(login: str, ip: str) -> LoginFailure:
    """Write an attempt down; raises RateLimited, and forgets it again, where there were too many before."""
    attempt = LoginFailure.objects.create(account=_account(login), ip=_digest("ip", ip))
    wait = _wait(attempt)
    if wait > timedelta(0):
        attempt.delete()
        raise RateLimited(_("Too many attempts; wait before the next one."), retry_after=wait.total_seconds())
    return attempt


def forgive(attempt: LoginFailure) -> None:
    """The password was right: this account starts afresh from this address."""
    LoginFailure.objects.filter(account=attempt.account, ip=attempt.ip).delete()


def _wait(attempt: LoginFailure) -> timedelta:
    earlier = LoginFailure.objects.filter(account=attempt.account, pk__lt=attempt.pk, at__gt=attempt.at - FAILURES_KEPT)
    tries = list(earlier.order_by("-at").values_list("ip", "at"))
    here = [at for ip, at in tries if ip == attempt.ip]
    doublings = max(len(here) // PER_PLACE - 1, 0)
    window = min(PLACE_WINDOW * 2**doublings, LONGEST_PLACE_WINDOW)
    return max(_left(here, PER_PLACE, window), _left([at for _, at in tries], PER_ACCOUNT, ACCOUNT_WINDOW))


def _left(newest_first: list[datetime], most: int, window: timedelta) -> timedelta:
    """For how long there are still `most` tries within the window."""
    if len(newest_first) < most:
        return timedelta(0)
    return newest_first[most - 1] + window - now()


def _account(login: str) -> str:
    """One account is one account, whichever of its names was typed."""
    user = User.by_login(login)
    return _digest("account", f"u{user.pk}" if user else unicodedata.normalize("NFKC", login).casefold())


def _digest(kind: str, value: str) -> str:
    return salted_hmac(f"accounts.throttle.{kind}", value, algorithm="sha256").hexdigest()
