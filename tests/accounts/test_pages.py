"""Coming in and going out by the dashboard."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils.timezone import now
from rest_framework.test import APIClient

from accounts.authentication import resolve_cookie
from accounts.entrance import signed_in
from accounts.errors import Refused
from accounts.models import AuthSession, Membership
from audit.models import AuditRecord
from realtime.models import StreamEvent
from tests.world import PASSWORD

ME = "/api/v1/auth/me"


def log_in(client: Client, name: str = "ana", password: str = PASSWORD, **more: str):
    return client.post("/login/", {"username": name, "password": password, **more})


def cookie(client: Client) -> str:
    return client.cookies["niochat_session"].value


@pytest.fixture
def dashboard(ana) -> Client:
    client = Client()
    log_in(client)
    return client


def test_the_page_asks_for_a_name_and_a_password(client, db):
    page = client.get("/login/")

    assert page.status_code == 200
    assert 'autocomplete="current-password"' in page.content.decode()


@pytest.mark.parametrize("name", ["ana", "Ana@Aurora.example"])
def test_a_login_begins_one_dashboard_session_and_is_recorded(client, ana, name):
    answer = log_in(client, name)

    session = AuthSession.objects.get()
    assert (answer.status_code, session.kind, session.membership_id) == (302, "dashboard", ana.membership_id)
    record = AuditRecord.objects.get()
    assert (record.verb, record.origin, record.user_id) == ("user_logged_in", "dashboard", ana.user_id)
    assert resolve_cookie(cookie(client)).session_id == session.pk


def test_the_session_cookie_opens_the_api_for_reading(dashboard):
    assert dashboard.get(ME).json()["username"] == "ana"


def test_60_changes_by_cookie_need_the_pages_csrf_token(ana):
    dashboard = Client(enforce_csrf_checks=True)
    page = dashboard.get("/login/").content.decode()
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]
    log_in(dashboard, csrfmiddlewaretoken=token)

    refused = dashboard.patch(ME, {"language": "es"}, content_type="application/json")
    accepted = dashboard.patch(
        ME,
        {"language": "es"},
        content_type="application/json",
        headers={"X-CSRFToken": dashboard.cookies["niochat_csrf"].value},
    )

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "csrf_failed")
    assert accepted.status_code == 200


def test_60_a_login_form_from_elsewhere_is_refused(ana):
    assert log_in(Client(enforce_csrf_checks=True)).status_code == 403
    assert not AuthSession.objects.exists()


def test_60_a_bearer_request_is_judged_by_the_bearer_alone(ana, bruno):
    dashboard = APIClient(enforce_csrf_checks=True)
    dashboard.cookies = Client().cookies
    dashboard.credentials(HTTP_AUTHORIZATION=f"Bearer {bruno.token()}")

    assert dashboard.patch(ME, {"language": "es"}).json()["username"] == "bruno"
    dashboard.credentials(HTTP_AUTHORIZATION="Bearer stale")
    assert dashboard.get(ME).status_code == 401


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"])
def test_62_next_leads_nowhere_else(client, ana, target):
    assert log_in(client, next=target).headers["Location"] == "/"


def test_62_next_leads_to_pages_of_ours(client, ana):
    assert log_in(client, next="/contacts/?q=1").headers["Location"] == "/contacts/?q=1"


@pytest.mark.parametrize("name", ["ana", "nobody"])
def test_54_and_59_the_page_shares_the_throttle_with_the_api(client, ana, name):
    assert [log_in(client, name, "wrong").status_code for _ in range(5)] == [200] * 5

    answer = log_in(client, name)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 901
    by_api = APIClient().post("/api/v1/auth/token", {"username": name, "password": PASSWORD})
    assert by_api.status_code == 429


def test_56_the_page_says_the_same_of_a_wrong_name_and_a_wrong_password(client, ana):
    def words(page):
        return re.sub(r'value="[^"]*"', "", page.content.decode())

    assert words(log_in(client, "ana", "wrong")) == words(log_in(client, "nobody", "wrong"))


def test_58_an_overlong_password_is_refused(client, ana):
    assert log_in(client, "ana", "x" * 300).status_code == 200
    assert not AuthSession.objects.exists()


class TestSeveralTenants:
    @pytest.fixture(autouse=True)
    def both(self, ana, sol):
        Membership.objects.create(tenant=sol, user=ana.user, role="admin")

    def test_one_is_chosen_on_the_next_page(self, client, sol):
        answer = log_in(client, next="/contacts/")
        assert answer.headers["Location"] == "/login/tenant/?next=%2Fcontacts%2F"
        assert "Padaria Sol" in client.get(answer.headers["Location"]).content.decode()

        chosen = client.post("/login/tenant/", {"tenant": "sol", "next": "/contacts/"})

        assert chosen.headers["Location"] == "/contacts/"
        assert client.get(ME).json()["tenant_id"] == sol.pk

    def test_before_the_choice_nothing_opens(self, client):
        log_in(client)

        assert client.get(ME).status_code == 401

    def test_the_choice_waits_five_minutes(self, client):
        log_in(client)

        with time_machine.travel(now() + timedelta(minutes=6)):
            answer = client.post("/login/tenant/", {"tenant": "sol"})

        assert answer.headers["Location"] == "/login/"

    def test_a_tenant_that_is_not_theirs_is_no_choice(self, client, sol):
        log_in(client)

        assert client.post("/login/tenant/", {"tenant": "elsewhere"}).status_code == 200
        assert not AuthSession.objects.exists()

    def test_one_can_change_over_without_a_password_and_the_first_session_ends(self, client, aurora, sol):
        log_in(client)
        client.post("/login/tenant/", {"tenant": "sol"})

        client.post("/login/tenant/", {"tenant": "aurora"})

        assert client.get(ME).json()["tenant_id"] == aurora.pk
        assert [session.revoked_at is None for session in AuthSession.objects.order_by("pk")] == [False, True]


def test_the_choice_of_a_tenant_is_for_who_proved_a_password(client, db):
    assert client.get("/login/tenant/").headers["Location"] == "/login/"


def test_logout_ends_the_session_and_its_sockets(dashboard, ana):
    key = cookie(dashboard)

    assert dashboard.post("/logout/").headers["Location"] == "/login/"

    assert AuthSession.objects.get().revoked_at is not None
    assert StreamEvent.objects.filter(stream=f"t{ana.tenant_id}.ctl.u{ana.user_id}").count() == 1
    with pytest.raises(Refused):
        resolve_cookie(key)
    assert dashboard.get("/logout/").status_code == 405


def test_a_login_takes_a_new_session_key(client, ana):
    client.get("/login/")
    client.session.save()
    before = client.session.session_key

    log_in(client)

    assert cookie(client) != before


def test_a_session_that_was_ended_elsewhere_opens_no_page(dashboard):
    AuthSession.objects.update(revoked_at=now())

    page = signed_in(lambda request, actor: HttpResponse(actor.username))
    request = RequestFactory().get("/live/")
    request.session = dashboard.session

    assert page(request).headers["Location"] == "/login/?next=/live/"
    assert dashboard.get("/login/").status_code == 200


def test_a_page_for_members_is_given_the_actor(dashboard, ana):
    page = signed_in(lambda request, actor: HttpResponse(actor.username))
    request = RequestFactory().get("/live/")
    request.session = dashboard.session

    answer = page(request)

    assert isinstance(answer, HttpResponse)
    assert answer.content == b"ana"


def test_who_is_logged_in_need_not_log_in_again(dashboard):
    assert dashboard.get("/login/?next=/contacts/").headers["Location"] == "/contacts/"


def test_the_language_is_kept_with_the_account_and_comes_back_with_the_login(dashboard, ana):
    dashboard.post("/language/", {"language": "es", "next": "/login/"})

    assert ana.user.language == "es"
    elsewhere = Client()
    log_in(elsewhere)
    assert elsewhere.cookies["niochat_language"].value == "es"


def test_a_language_that_there_is_not_changes_nothing(dashboard, ana):
    dashboard.post("/language/", {"language": "tlh", "next": "/login/"})

    assert ana.user.language == ""


def test_50_a_password_changed_by_cookie_keeps_this_browser_in(dashboard, ana):
    answer = dashboard.post(
        "/api/v1/auth/password",
        {"current_password": PASSWORD, "new_password": "outra-senha-comprida-9"},
        content_type="application/json",
    )

    assert answer.status_code == 200
    assert dashboard.get(ME).status_code == 200
    assert dashboard.session["_auth_user_hash"] == ana.user.get_session_auth_hash()
