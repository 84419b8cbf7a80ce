"""Routes for programs, and the pages by which people come in."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from accounts import pages
from accounts.views import auth, keys, members

api = [
    path("auth/token", auth.TokenView.as_view(), name="token"),
    path("auth/token/refresh", auth.RefreshView.as_view(), name="token-refresh"),
    path("auth/token/verify", auth.VerifyView.as_view(), name="token-verify"),
    path("auth/logout", auth.LogoutView.as_view(), name="token-logout"),
    path("auth/me", auth.MeView.as_view(), name="me"),
    path("auth/password", auth.PasswordView.as_view(), name="password"),
    path("auth/password/forgotten", auth.ForgottenView.as_view(), name="password-forgotten"),
    path("auth/password/reset", auth.ResetView.as_view(), name="password-reset"),
    path("auth/invitation", auth.InvitationView.as_view(), name="invitation-accept"),
    path("users", members.MembersView.as_view(), name="users"),
    path("users/<id:user_id>", members.MemberView.as_view(), name="user"),
    path("keys", keys.KeysView.as_view(), name="keys"),
    path("keys/<id:key_id>", keys.KeyView.as_view(), name="key"),
    path("sessions", keys.SessionsView.as_view(), name="sessions"),
    path("sessions/<id:session_id>", keys.SessionView.as_view(), name="session"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(api)),
    path("login/", pages.Login.as_view(), name="login"),
    path("login/tenant/", pages.ChooseTenant.as_view(), name="choose_tenant"),
    path("password/", pages.Forgotten.as_view(), name="forgot_password"),
    path("password/<str:token>/", pages.Reset.as_view(), name="reset_password"),
    path("logout/", pages.log_out, name="logout"),
    path("language/", pages.choose_language, name="set_language"),
    path("invitation/<str:token>/", pages.Invitation.as_view(), name="invitation"),
]
