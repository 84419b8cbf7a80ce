"""Logging in, staying in and logging out over HTTP: rows 39-63 of the list of attacks, as far as HTTP goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.utils.timezone import now
from rest_framework.test import APIClient

from accounts.models import AuthSession, LoginFailure, Membership, User
from accounts.tasks import forget_logins
from audit.models import AuditRecord
from niochat import settings as product
from realtime.models import StreamEvent
from tests.world import PASSWORD, bearer, member

TOKEN, REFRESH, VERIFY, LOGOUT, ME = (
    f"/api/v1/auth/{name}" for name in ("token", "token/refresh", "token/verify", "logout", "me")
)


def log_in(username: str = "ana", password: str = PASSWORD, ip: str = "203.0.113.5", **more: str):
    return APIClient(REMOTE_ADDR=ip).post(TOKEN, {"username": username, "password": password, **more})


def code(response) -> str:
    return str(response.json()["errors"][0]["code"])


def letters(stream: str) -> list[str]:
    return list(StreamEvent.objects.filter(stream=stream).order_by("seq").values_list("type", flat=True))


def verbs() -> list[str]:
    return list(AuditRecord.objects.order_by("pk").values_list("verb", flat=True))


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


@pytest.mark.parametrize("name", ["nobody", "ana", "ana@aurora.example", "gone", "disabled", "nowhere", ""])
def test_56_a_failed_login_never_tells_whether_there_is_such_an_account(ana, aurora, name):
    member(aurora, "disabled")
    User.objects.filter(username="disabled").update(is_active=False)
    User.objects.create_user("nowhere", password=PASSWORD)
    gone = member(aurora, "gone")
    Membership.objects.filter(pk=gone.membership_id).update(removed_at=now())

    answer = log_in(name or "x", PASSWORD if name in ("gone", "disabled", "nowhere") else "wrong")

    assert answer.status_code == 401
    assert answer.json() == {
        "type": "client_error",
        "errors": [
            {"code": "authentication_failed", "detail": "No active account with these credentials.", "attr": None}
        ],
    }


@pytest.mark.parametrize("name", ["nobody", "ana", "disabled"])
def test_56_a_failed_login_costs_one_hash_whether_or_not_there_is_such_an_account(ana, aurora, name, monkeypatch):
    member(aurora, "disabled")
    User.objects.filter(username="disabled").update(is_active=False)
    hashes = count_hashes(monkeypatch)

    assert log_in(name, "wrong").status_code == 401

    assert len(hashes) == 1


def count_hashes(monkeypatch) -> list[str]:
    seen: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self, password, salt):
        seen.append(salt)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return seen


@pytest.mark.parametrize(("length", "status"), [(256, 401), (257, 400), (900_000, 400)])
def test_58_an_overlong_password_is_refused_before_it_costs_a_hash(ana, monkeypatch, length, status):
    hashes = count_hashes(monkeypatch)

    assert log_in("ana", "x" * length).status_code == status

    assert bool(hashes) == (status == 401)


class TestBruteForce:
    def test_54_the_sixth_try_in_a_quarter_of_an_hour_waits_even_with_the_right_password(self, ana):
        assert [log_in("ana", "wrong").status_code for _ in range(5)] == [401] * 5

        answer = log_in("ANA@aurora.example")

        assert (answer.status_code, code(answer)) == (429, "rate_limited")
        assert 0 < int(answer.headers["Retry-After"]) <= 900
        assert log_in("ana", ip="203.0.113.6").status_code == 200

    def test_54_an_unknown_account_is_throttled_just_the_same(self, ana):
        assert [log_in("nobody", "wrong").status_code for _ in range(6)] == [401] * 5 + [429]

    def test_54_twenty_an_hour_from_many_places(self, ana):
        tries = [log_in("ana", "wrong", ip=f"198.51.100.{number}") for number in range(21)]

        assert [answer.status_code for answer in tries] == [401] * 20 + [429]
        assert int(tries[-1].headers["Retry-After"]) > 3000

    def test_54_each_five_failures_double_the_wait(self, ana):
        with time_machine.travel(now(), tick=False) as clock:
            waits = []
            for _ in range(3):
                while (answer := log_in("ana", "wrong")).status_code == 401:
                    pass
                waits.append(int(answer.headers["Retry-After"]))
                clock.shift(timedelta(seconds=waits[-1]))

        assert waits == [900, 1800, 3600]

    def test_a_success_takes_the_failures_back(self, ana):
        for _ in range(4):
            log_in("ana", "wrong")

        assert log_in().status_code == 200
        assert not LoginFailure.objects.exists()

    def test_neither_names_nor_addresses_are_stored(self, ana):
        log_in("ana", "wrong")

        kept = LoginFailure.objects.get()

        assert "ana" not in kept.account
        assert "203" not in kept.ip


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


def test_the_product_hashes_with_argon2():
    assert product.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


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


@pytest.mark.django_db(transaction=True)
def test_54_tries_at_once_are_counted_one_by_one(ana):
    def attempt(_: int) -> int:
        try:
            return int(log_in("ana", "wrong").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(attempt, range(12)))

    assert set(answers) == {401, 429}
    assert answers.count(401) <= 5
