"""Logging in, staying in and logging out over HTTP: rows 39-63 of the list of attacks, as far as HTTP goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils.timezone import now
from rest_framework.test import APIClient

from accounts.models import AuthSession, LoginFailure, Membership
from accounts.tasks import forget_logins
from tests.accounts.entering import code, letters, log_in, verbs
from tests.world import PASSWORD, bearer

TOKEN, REFRESH, VERIFY, LOGOUT, ME = (
    f"/api/v1/auth/{name}" for name in ("token", "token/refresh", "token/verify", "logout", "me")
)


@pytest.mark.parametrize("name", ["ana", "ANA", "ana@aurora.example", "Ana@Aurora.example", " ana "])
def test_a_member_logs_in_by_user_name_or_address(ana, name):
    answer = log_in(name).json()

    assert answer.keys() == {"access", "refresh", "access_token"}
    assert answer["access_token"] == answer["access"]
    assert bearer(answer["access"]).get(ME).json()["username"] == "ana"
    assert verbs() == ["user_logged_in"]


def test_a_stale_token_in_the_header_does_not_hinder_a_login(ana):
    assert bearer("stale").post(TOKEN, {"username": "ana", "password": PASSWORD}).status_code == 200


def test_both_schemes_and_the_trailing_slash_are_accepted(ana):
    for scheme in ("Bearer", "bearer", "Token"):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"{scheme} {ana.token()}")
        assert client.get(f"{ME}/").status_code == 200


def test_39_and_45_no_credentials_or_a_token_in_the_query_are_401(ana):
    for path in (ME, f"{ME}?token={ana.token()}"):
        answer = APIClient().get(path)
        assert (answer.status_code, code(answer)) == (401, "not_authenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_me_tells_who_and_what_is_allowed(ana, aurora, sol):
    Membership.objects.create(tenant=sol, user=ana.user, role="admin")

    me = ana.client().get(ME).json()

    assert me["tenant"] == {"id": aurora.pk, "name": "Loja Aurora", "slug": "aurora"}
    assert (me["role"], me["language"], me["tenant_id"]) == ("agent", "pt-br", aurora.pk)
    assert "conversation.reply" in me["permissions"]
    assert "user.manage" not in me["permissions"]
    assert [(place["slug"], place["role"]) for place in me["memberships"]] == [("aurora", "agent"), ("sol", "admin")]


class TestSeveralTenants:
    @pytest.fixture(autouse=True)
    def both(self, ana, sol):
        Membership.objects.create(tenant=sol, user=ana.user, role="admin")

    def test_the_tenant_must_be_named_and_the_refusal_names_them(self):
        answer = log_in()

        assert (answer.status_code, code(answer)) == (400, "tenant_required")
        assert "aurora, sol" in answer.json()["errors"][0]["detail"]

    def test_the_tokens_carry_the_one_that_was_named(self, sol):
        me = bearer(log_in(tenant="sol").json()["access"]).get(ME).json()

        assert (me["tenant_id"], me["role"]) == (sol.pk, "admin")

    def test_one_that_is_not_theirs_is_unknown(self):
        answer = log_in(tenant="elsewhere")

        assert (answer.status_code, code(answer)) == (400, "does_not_exist")

    def test_only_the_tenants_that_work_count(self, aurora, sol):
        aurora.is_active = False
        aurora.save()

        assert bearer(log_in().json()["access"]).get(ME).json()["tenant_id"] == sol.pk


def test_53_a_suspended_tenant_is_403_at_login_and_for_every_token(ana, aurora):
    client = ana.client()
    aurora.is_active = False
    aurora.save()

    for answer in (log_in(), client.get(ME)):
        assert (answer.status_code, code(answer)) == (403, "tenant_inactive")


class TestRefresh:
    @pytest.fixture
    def pair(self, ana):
        return log_in().json()

    def test_it_rotates(self, pair):
        fresh = APIClient().post(REFRESH, {"refresh": pair["refresh"]}).json()

        assert fresh["refresh"] != pair["refresh"]
        assert bearer(fresh["access"]).get(ME).status_code == 200
        assert APIClient().post(REFRESH, {"refresh": fresh["refresh"]}).status_code == 200

    def test_47_an_old_one_shown_again_ends_the_whole_family(self, ana, pair):
        fresh = APIClient().post(REFRESH, {"refresh": pair["refresh"]}).json()

        stolen = APIClient().post(REFRESH, {"refresh": pair["refresh"]})

        assert (stolen.status_code, code(stolen)) == (401, "session_revoked")
        assert APIClient().post(REFRESH, {"refresh": fresh["refresh"]}).status_code == 401
        assert code(bearer(fresh["access"]).get(ME)) == "session_revoked"
        assert verbs() == ["user_logged_in", "refresh_reused"]
        assert letters(f"t{ana.tenant_id}.ctl.u{ana.user_id}") == ["rights_changed"]

    def test_44_an_access_token_does_not_refresh_and_a_refresh_token_does_not_open(self, pair):
        assert code(APIClient().post(REFRESH, {"refresh": pair["access"]})) == "token_invalid"
        assert code(bearer(pair["refresh"]).get(ME)) == "token_invalid"

    def test_it_ends_with_its_session(self, pair):
        with time_machine.travel(now() + timedelta(days=15)):
            assert code(APIClient().post(REFRESH, {"refresh": pair["refresh"]})) == "token_expired"

    def test_a_disabled_member_is_not_renewed(self, ana, pair):
        Membership.objects.filter(pk=ana.membership_id).update(is_active=False)

        answer = APIClient().post(REFRESH, {"refresh": pair["refresh"]})

        assert (answer.status_code, code(answer)) == (401, "user_disabled")


@pytest.mark.django_db(transaction=True)
def test_of_five_refreshes_at_once_one_wins_and_the_family_dies(ana):
    pair = log_in().json()

    def refresh(_: int) -> int:
        try:
            return APIClient().post(REFRESH, {"refresh": pair["refresh"]}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        answers = sorted(pool.map(refresh, range(5)))

    assert answers == [200, 401, 401, 401, 401]
    assert AuthSession.objects.get().revoked_at is not None
    assert verbs() == ["user_logged_in", "refresh_reused"]


def test_verify_says_what_a_token_is_while_it_is_good(ana):
    pair = log_in().json()

    kinds = [APIClient().post(VERIFY, {"token": pair[name]}).json()["token_type"] for name in ("access", "refresh")]

    assert kinds == ["access", "refresh"]
    bearer(pair["access"]).post(LOGOUT)
    assert [APIClient().post(VERIFY, {"token": pair[name]}).status_code for name in ("access", "refresh")] == [401, 401]


def test_49_logout_kills_access_and_refresh_at_once(ana):
    pair = log_in().json()
    client = bearer(pair["access"])

    assert client.post(LOGOUT).status_code == 204

    assert code(client.get(ME)) == "session_revoked"
    assert code(APIClient().post(REFRESH, {"refresh": pair["refresh"]})) == "session_revoked"
    assert verbs() == ["user_logged_in", "user_logged_out"]
    assert letters(f"t{ana.tenant_id}.ctl.u{ana.user_id}") == ["rights_changed"]


def test_a_token_that_expires_says_so(ana):
    client = bearer(ana.token(seconds=60))
    assert client.get(ME).status_code == 200

    with time_machine.travel(now() + timedelta(seconds=60)):
        answer = client.get(ME)

    assert (answer.status_code, code(answer)) == (401, "token_expired")


def test_profile_and_mass_assignment(ana, sol):
    answer = ana.client().patch(
        ME,
        {"first_name": "Ana  Maria", "language": "es", "role": "admin", "tenant_id": sol.pk, "is_superuser": True,
         "is_staff": True, "username": "root", "email": "x@y.example", "password": "x", "id": 1, "permissions": ["*"]},
    )  # fmt: skip

    user, membership = ana.user, ana.membership
    assert answer.json()["name"] == "Ana Maria"
    assert (user.language, user.username, user.email) == ("es", "ana", "ana@aurora.example")
    assert (user.is_superuser, user.is_staff, membership.role, membership.tenant.slug) == (
        False,
        False,
        "agent",
        "aurora",
    )
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("field", "value", "status", "expected"),
    [
        ("first_name", "Ana\u200b", 422, "bad_name"),
        ("first_name", "Ana\u202e", 422, "bad_name"),
        ("first_name", "x" * 151, 422, "too_long"),
        ("language", "tlh", 422, "invalid_choice"),
        ("language", 7, 422, "invalid_choice"),
    ],
)
def test_15_bad_words_in_a_profile_are_refused(ana, field, value, status, expected):
    answer = ana.client().patch(ME, {field: value})

    assert (answer.status_code, code(answer)) == (status, expected)


class TestPassword:
    NEW = "outra-senha-comprida-9"

    def change(self, client, current=PASSWORD, new=NEW):
        return client.post("/api/v1/auth/password", {"current_password": current, "new_password": new})

    def test_50_a_new_password_ends_every_other_session(self, ana, sol):
        elsewhere = AuthSession.objects.create(
            membership=Membership.objects.create(tenant=sol, user=ana.user),
            kind="token",
            expires_at=now() + timedelta(days=1),
        )
        mine, other = ana.client(), ana.client()

        answer = self.change(mine)

        assert (answer.status_code, answer.json()) == (200, {"sessions_ended": 2})
        assert mine.get(ME).status_code == 200
        assert code(other.get(ME)) == "session_revoked"
        assert letters(f"t{sol.pk}.ctl.u{ana.user_id}") == ["rights_changed"]
        elsewhere.refresh_from_db()
        assert elsewhere.revoked_at is not None
        assert log_in("ana", self.NEW, tenant="aurora").status_code == 200

    @pytest.mark.parametrize(
        ("current", "new", "status", "expected"),
        [
            ("wrong", NEW, 400, "invalid"),
            (PASSWORD, "short", 422, "weak_password"),
            (PASSWORD, "1234567890123", 422, "weak_password"),
            (PASSWORD, "x" * 257, 400, "invalid"),
            ("x" * 257, NEW, 400, "invalid"),
        ],
    )
    def test_a_bad_change_changes_nothing(self, ana, current, new, status, expected):
        answer = self.change(ana.client(), current, new)

        assert (answer.status_code, code(answer)) == (status, expected)
        assert ana.user.check_password(PASSWORD)

    def test_guessing_the_current_one_is_throttled(self, ana):
        client = ana.client()

        assert [self.change(client, "wrong").status_code for _ in range(6)] == [400] * 5 + [429]


def test_what_ended_long_ago_is_forgotten(ana):
    client = ana.client()
    log_in("ana", "wrong")
    with time_machine.travel(now() + timedelta(hours=25)):
        forget_logins()
        assert AuthSession.objects.count() == 1
    with time_machine.travel(now() + timedelta(days=32)):
        forget_logins()

    assert not LoginFailure.objects.exists()
    assert not AuthSession.objects.exists()
    assert code(client.get(ME)) == "session_revoked"
