"""The pages by which people come in and go out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.views import LoginView, RedirectURLMixin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import FormView
from django.views.i18n import set_language

from accounts import resets
from accounts.actions.members import accept_invitation
from accounts.actions.profile import change_profile
from accounts.actions.resets import ask_for_reset, reset_password
from accounts.actor import Origin
from accounts.door import door_of
from accounts.entrance import LoginForm, enter, enter_as_staff, leave, remember_language, who
from accounts.errors import NotFound, RateLimited, Refused
from accounts.invitations import invited_by, password_for
from accounts.login import TenantRequired, choose_membership
from accounts.models import LONGEST_LOGIN, Membership, User
from accounts.passwords import hash_of_new

# Somebody who proved their password but belongs to several tenants: their id, and when that was.
PROVED = "proved"
PROVED_FOR_S = 300


class Login(LoginView):
    """`/login/`: name and password; who belongs to several tenants chooses one on the next page."""

    authentication_form = LoginForm
    template_name = "accounts/login.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if who(request):
            return HttpResponseRedirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if user.is_superuser and not user.open_memberships().exists():
            enter_as_staff(self.request, user)
            return HttpResponseRedirect(self.get_redirect_url() or reverse("admin:index"))
        try:
            return admit(self.request, choose_membership(user), self.get_success_url())
        except TenantRequired:
            self.request.session.cycle_key()
            self.request.session[PROVED] = [user.pk, now().timestamp()]
            query = urlencode({"next": self.get_redirect_url()})
            return HttpResponseRedirect(f"{reverse('choose_tenant')}?{query}")
        except Refused as refused:
            form.add_error(None, form.explained(refused))
            return self.form_invalid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if form.retry_after:
            response.status_code = 429
            response.headers["Retry-After"] = str(int(form.retry_after) + 1)
        return response


class TenantForm(forms.Form):
    tenant = forms.SlugField(max_length=60)


class ChooseTenant(RedirectURLMixin, FormView):  # type: ignore[type-arg]  # at run time it takes none
    """`/login/tenant/`: in which company to work; also the way from one to another without a password."""

    form_class = TenantForm
    template_name = "accounts/choose_tenant.html"
    next_page = settings.LOGIN_REDIRECT_URL

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = person_of(request)
        if user is None:
            return redirect("login")
        self.user = user
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        memberships = self.user.open_memberships().select_related("tenant").filter(tenant__is_active=True)
        return super().get_context_data(
            memberships=memberships.order_by("tenant__name"), next=self.get_redirect_url(), **context
        )

    def form_valid(self, form: TenantForm) -> HttpResponse:
        try:
            membership = choose_membership(self.user, form.cleaned_data["tenant"])
        except Refused as refused:
            form.add_error("tenant", refused.translated())
            return self.form_invalid(form)
        return admit(self.request, membership, self.get_success_url())


class InvitationForm(forms.Form):
    password = forms.CharField(strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))


class Invitation(FormView):  # type: ignore[type-arg]  # at run time it takes none
    """`/invitation/<token>/`: choose a password, or give the one that goes with the address, and be in."""

    form_class = InvitationForm
    template_name = "accounts/invitation.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.invited = invited_by(kwargs["token"])
        except NotFound as gone:
            raise Http404(gone.translated()) from gone
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(tenant=self.invited.tenant, email=self.invited.user.email, **context)

    def form_valid(self, form: InvitationForm) -> HttpResponse:
        try:
            password_hash = password_for(self.request, self.invited, form.cleaned_data["password"])
        except Refused as refused:
            form.add_error("password", refused.translated())
            return self.form_invalid(form)
        door = door_of(self.request, Origin.DASHBOARD)
        try:
            membership = accept_invitation(self.invited, password_hash=password_hash, door=door)
        except NotFound as gone:  # Answered meanwhile, by a second click or elsewhere.
            raise Http404(gone.translated()) from gone
        return admit(self.request, membership, settings.LOGIN_REDIRECT_URL)


class ForgottenForm(forms.Form):
    username = forms.CharField(max_length=LONGEST_LOGIN)


class Forgotten(FormView):  # type: ignore[type-arg]  # at run time it takes none
    """`/password/`: have a link sent. What is said afterwards is the same for every name."""

    form_class = ForgottenForm
    template_name = "accounts/forgot.html"

    def form_valid(self, form: ForgottenForm) -> HttpResponse:
        login, door = form.cleaned_data["username"], door_of(self.request, Origin.DASHBOARD)
        try:
            resets.count(login, door.ip)
        except RateLimited as limited:
            form.add_error(None, _("Too many attempts. Wait a while, then try again."))
            response = self.form_invalid(form)
            response.status_code = limited.status
            response.headers["Retry-After"] = str(int(limited.retry_after or 0) + 1)
            return response
        ask_for_reset(login, get_language(), door)
        return self.render_to_response(self.get_context_data(form=form, sent=True), status=HTTPStatus.ACCEPTED)


class Reset(FormView):  # type: ignore[type-arg]  # at run time it takes none
    """`/password/<token>/`: choose a new password, and log in with it."""

    form_class = InvitationForm
    template_name = "accounts/reset.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.user = resets.opened_by(kwargs["token"])
        except NotFound as gone:
            raise Http404(gone.translated()) from gone
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(username=self.user.username, **context)

    def form_valid(self, form: InvitationForm) -> HttpResponse:
        try:
            password_hash = hash_of_new(form.cleaned_data["password"], self.user)
            reset_password(self.kwargs["token"], password_hash, door_of(self.request, Origin.DASHBOARD))
        except Refused as refused:
            form.add_error("password", refused.translated())
            return self.form_invalid(form)
        return redirect(f"{reverse('login')}?password=new")


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """`/logout/`: the session, its tokens and its sockets end."""
    leave(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@require_POST
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """`/language/`: Django's own view, and the choice kept with the account."""
    response = set_language(request)
    actor, language = who(request), request.POST.get("language", "")
    if actor and language in dict(settings.LANGUAGES):
        change_profile(actor, language=language)
    return response


def admit(request: HttpRequest, membership: Membership, to: str) -> HttpResponse:
    """Let this member in and send them on."""
    enter(request, membership)
    response = HttpResponseRedirect(to)
    remember_language(response, membership.user.language)
    return response


def person_of(request: HttpRequest) -> User | None:
    """Whose browser this is: somebody logged in, or somebody who proved their password a moment ago."""
    if actor := who(request):
        return Membership.of(actor).user
    user_id, at = request.session.get(PROVED, (0, 0))
    if now().timestamp() - at > PROVED_FOR_S:
        return None
    return User.active(user_id)
