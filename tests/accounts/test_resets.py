"""A forgotten password: the same answer for everybody, one link, one use, nobody left inside."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from rest_framework.test import APIClient

from accounts.actions.members import invite_member
from accounts.models import AuthSession, LoginFailure, User
from audit.models import AuditRecord
from jobs.models import Job
from jobs.worker import drain
from realtime.models import StreamEvent
from tests.world import PASSWORD, Person

pytestmark = pytest.mark.django_db(transaction=True)
FORGOTTEN, RESET = "/api/v1/auth/password/forgotten", "/api/v1/auth/password/reset"
NEW = "outra-senha-boa-9"


def asked(name: str) -> int:
    return int(APIClient().post(FORGOTTEN, {"username": name}).status_code)


def link(person: str = "ana") -> str:
    """The path of the link that is sent."""
    assert asked(person) == 202
    drain()
    found = re.search(r"http\S+?(/password/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def token(person: str = "ana") -> str:
    return link(person).split("/")[2]


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


@pytest.mark.parametrize("name", ["ana", "ANA@aurora.example"])
def test_the_link_goes_to_the_accounts_own_address(ana: Person, name: str) -> None:
    assert asked(name) == 202
    assert mail.outbox == []
    drain()

    (letter,) = mail.outbox
    assert letter.to == ["ana@aurora.example"]
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
    assert "/password/" in str(letter.body)


def test_an_unknown_name_gets_the_same_answer_for_the_same_work(ana: Person) -> None:
    APIClient().post(FORGOTTEN, {"username": "ana"})  # what only a first request asks for
    with CaptureQueriesContext(connection) as for_nobody:
        unknown = APIClient().post(FORGOTTEN, {"username": "nobody"})
    with CaptureQueriesContext(connection) as for_somebody:
        known = APIClient().post(FORGOTTEN, {"username": "ana"})
    drain()

    assert [query["sql"].split()[0] for query in for_nobody] == [query["sql"].split()[0] for query in for_somebody]

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, b"{}")
    assert {letter.to[0] for letter in mail.outbox} == {"ana@aurora.example"}


@pytest.mark.parametrize("case", ["disabled", "shut out", "invited", "without an address"])
def test_who_could_not_come_in_gets_no_mail(ana: Person, davi: Person, case: str) -> None:
    match case:
        case "disabled":
            User.objects.filter(pk=ana.user_id).update(is_active=False)
        case "shut out":
            membership = ana.membership
            membership.is_active = False
            membership.save()
        case "without an address":
            User.objects.filter(pk=ana.user_id).update(email="")
    name = "ana"
    if case == "invited":
        name = invite_member(davi.actor, email="nina@aurora.example", role="agent").user.email

    assert asked(name) == 202
    drain()

    assert (mail.outbox, Job.objects.count()) == ([], 0)


def test_the_new_password_logs_in_and_the_old_one_and_every_session_end(ana: Person) -> None:
    session = ana.session()
    client = ana.client()

    answer = APIClient().post(RESET, {"token": token(), "password": NEW})

    assert answer.status_code == 204
    login = [APIClient().post("/api/v1/auth/token", {"username": "ana", "password": word}) for word in (PASSWORD, NEW)]
    assert [one.status_code for one in login] == [401, 200]
    assert client.get("/api/v1/auth/me").status_code == 401
    assert AuthSession.objects.get(pk=session.pk).revoked_at
    ended = StreamEvent.objects.filter(stream=f"t{ana.tenant_id}.ctl.u{ana.user_id}", body__contains="session_revoked")
    assert ended.count() == 2


def test_it_is_in_the_companys_book(ana: Person) -> None:
    APIClient().post(RESET, {"token": token(), "password": NEW})

    verbs = AuditRecord.objects.filter(tenant_id=ana.tenant_id).order_by("number")
    assert [record.verb for record in verbs] == ["password_reset_sent", "password_changed"]
    assert verbs[1].details == {"by_mail": True, "sessions_ended": 0}


def test_a_link_opens_once(ana: Person) -> None:
    opened = token()
    APIClient().post(RESET, {"token": opened, "password": NEW})

    assert code(APIClient().post(RESET, {"token": opened, "password": "mais-uma-senha-5"})) == (404, "not_found")
    assert Client().get(f"/password/{opened}/").status_code == 404


def test_a_link_ends_after_an_hour(ana: Person) -> None:
    opened = token()
    with time_machine.travel(now() + timedelta(minutes=61)):
        assert code(APIClient().post(RESET, {"token": opened, "password": NEW})) == (404, "not_found")


@pytest.mark.parametrize("made_up", ["x", "WzEsImFiYyJd:1abc:def"])
def test_a_link_that_was_made_up_opens_nothing(ana: Person, made_up: str) -> None:
    assert code(APIClient().post(RESET, {"token": made_up, "password": NEW})) == (404, "not_found")


def test_a_weak_password_leaves_everything_as_it_is(ana: Person) -> None:
    opened = token()

    assert code(APIClient().post(RESET, {"token": opened, "password": "12345"})) == (422, "weak_password")
    assert APIClient().post(RESET, {"token": opened, "password": NEW}).status_code == 204


@pytest.mark.parametrize("name", ["ana", "nobody"])
def test_a_name_is_asked_for_three_times_an_hour_known_or_not(ana: Person, name: str) -> None:
    assert [asked(name) for _ in range(4)] == [202, 202, 202, 429]
    assert not LoginFailure.objects.exists()


def test_an_account_gets_three_mails_an_hour_by_whichever_name(ana: Person) -> None:
    for name in ("ana", "Ana ", "ana@aurora.example", "ANA@AURORA.EXAMPLE", "ana"):
        asked(name)
    drain()

    assert len(mail.outbox) == 3


@pytest.mark.parametrize(
    ("language", "said"), [("pt-br", "nova senha"), ("en", "new password"), ("es", "nueva contraseña")]
)
def test_the_pages_and_the_mail_speak_three_languages(ana: Person, language: str, said: str) -> None:
    browser = Client(headers={"Accept-Language": language})
    assert "/password/" in browser.get("/login/").content.decode()
    assert browser.get("/password/").status_code == 200

    sent = browser.post("/password/", {"username": "ana"})
    drain()
    path = re.search(r"http\S+?(/password/\S+)", str(mail.outbox[-1].body))
    assert path
    page = browser.get(path[1]).content.decode()

    assert sent.status_code == 202
    assert said in str(mail.outbox[-1].body).lower()
    assert said in page.lower()


def test_the_page_sets_the_password_and_leads_to_the_login(ana: Person) -> None:
    browser, path = Client(), link()

    weak = browser.post(path, {"password": "123"})
    done = browser.post(path, {"password": NEW})

    assert (weak.status_code, done.status_code, done.headers["Location"]) == (200, 302, "/login/?password=new")
    assert browser.post("/login/", {"username": "ana", "password": NEW}).status_code == 302


def test_the_page_says_the_same_for_every_name_and_is_throttled(ana: Person) -> None:
    pages = [Client().post("/password/", {"username": name}) for name in ("ana", "nobody")]

    assert [page.status_code for page in pages] == [202, 202]
    told = [re.sub(r'value="[^"]*"', "", page.content.decode()) for page in pages]
    assert told[0] == told[1]
    answers = [Client().post("/password/", {"username": "ana"}).status_code for _ in range(3)]
    assert answers == [202, 202, 429]
