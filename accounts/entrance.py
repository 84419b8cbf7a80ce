"""In and out of the served dashboard (and the admin's pages): a Django session that stands for one AuthSession."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django import forms
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from accounts.actions.platform import note_staff_login
from accounts.actions.sessions import end_session, start_session
from accounts.actor import Actor, Origin
from accounts.authentication import resolve_session
from accounts.credentials import DASHBOARD_SESSION
from accounts.door import client_ip, door_of
from accounts.errors import AuthenticationFailed, RateLimited, Refused
from accounts.login import prove
from accounts.models import AuthSession, Membership, User

P = ParamSpec("P")


class LoginForm(AuthenticationForm):
    """Django's form, by our throttle and by either name. `retry_after` is set where there were too many tries."""

    retry_after: float | None = None

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name and password and self.request:
            try:
                self.user_cache = prove(self.request, name, password)
            except Refused as refused:
                raise self.explained(refused) from refused
        return self.cleaned_data

    def explained(self, refused: Refused) -> forms.ValidationError:
        match refused:
            case AuthenticationFailed():
                return forms.ValidationError(_("This name and this password don't go together."), refused.code)
            case RateLimited():
                self.retry_after = refused.retry_after
                return forms.ValidationError(_("Too many attempts. Wait a while, then try again."), refused.code)
        return forms.ValidationError(refused.translated(), refused.code)


def enter(request: HttpRequest, membership: Membership) -> Actor:
    """Begin a dashboard session for this member; whoever was in this browser before is out."""
    leave(request)
    session = start_session(membership, AuthSession.Kind.DASHBOARD, door_of(request, Origin.DASHBOARD))
    login(request, membership.user)
    request.session[DASHBOARD_SESSION] = session.pk
    request.session.set_expiry(settings.SESSION_COOKIE_AGE)
    return resolve_session(request.session, ip=client_ip(request))


def enter_as_staff(request: HttpRequest, user: User) -> None:
    """Let the platform's staff in, who are members nowhere: the back office is all that opens to them."""
    leave(request)
    note_staff_login(user, door_of(request, Origin.ADMIN))
    login(request, user)


def leave(request: HttpRequest) -> None:
    """End this browser's session, if it has one: its sockets close too."""
    with suppress(Refused):  # It ended by itself, or somebody else ended it: out is out.
        actor = resolve_session(request.session, ip=client_ip(request))
        end_session(actor, actor.session_id or 0)
    logout(request)


def who(request: HttpRequest) -> Actor | None:
    """Who is logged in in this browser, or nobody."""
    try:
        return resolve_session(request.session, ip=client_ip(request))
    except Refused:
        return None


def signed_in(
    page: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page for members only, which is given the actor; anybody else is asked to log in first."""

    @wraps(page)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor = who(request)
        if actor is None:
            return redirect_to_login(request.get_full_path())
        return page(request, actor, *args, **kwargs)

    return guarded


def remember_language(response: HttpResponse, language: str) -> None:
    """Let the next page speak the person's own language."""
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 86_400, samesite="Lax", secure=settings.SECURE
        )
