"""Who a visitor is, and what a token of theirs opens."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import jwt
import pytest
import time_machine
from django.conf import settings as configuration
from django.utils.timezone import now

from accounts.sealing import unseal
from audit.models import AuditRecord, Verb
from conversations.models import Contact, ContactIdentity, Conversation, Inbox
from conversations.visitors import LIVES, RENEWABLE_FOR, resolve
from tests.trade import published
from tests.widget.visiting import Browser, browser_of
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def signature(inbox: Inbox, identifier: str) -> str:
    """What the site's own server computes."""
    return hmac.new(unseal(inbox.sealed_secret).encode(), identifier.encode(), hashlib.sha256).hexdigest()


def test_a_stranger_gets_a_token_and_leaves_no_row(visitor: Browser) -> None:
    answer = visitor.begin()

    assert answer["contact"] == {"id": None, "name": "", "email": "", "verified": False}
    assert answer["expires_at"] > now().isoformat()
    assert Contact.objects.count() == 0


def test_two_strangers_are_two(site: Inbox) -> None:
    first, second = Browser(site).begin(), Browser(site).begin()

    assert resolve(first["token"]).identifier != resolve(second["token"]).identifier


def test_what_a_stranger_tells_of_themselves_is_kept_until_they_write(visitor: Browser) -> None:
    visitor.begin(name="Joana", email="joana@example.com")
    renewed = visitor.begin()

    assert renewed["contact"]["name"] == "Joana"
    assert renewed["contact"]["email"] == "joana@example.com"
    assert Contact.objects.count() == 0


def test_a_renewed_token_is_the_same_visitors(joana: Browser, conversation: Conversation) -> None:
    before = joana.token
    joana.begin()

    assert resolve(joana.token).identifier == resolve(before).identifier == "v:joana"
    assert joana.get("/snapshot").json()["conversation"]["id"] == conversation.pk


def test_an_email_left_by_a_known_contact_reaches_the_team(joana: Browser, conversation: Conversation) -> None:
    with published(audited=1) as frames:
        answer = joana.begin(email="joana@example.com")

    assert answer["contact"]["email"] == "joana@example.com"
    assert frames.to("agents").types == ["contact_updated"]


def test_whom_the_site_vouches_for_is_verified(visitor: Browser, site: Inbox) -> None:
    answer = visitor.begin(identifier="cliente-7", identifier_hash=signature(site, "cliente-7"), name="Rui")

    assert answer["contact"] == {"id": None, "name": "Rui", "email": "", "verified": True}
    assert resolve(answer["token"]).identifier == "cliente-7"


@pytest.mark.parametrize("case", ["wrong", "missing", "of another", "another inbox's", "empty", "of nobody"])
def test_row_76_an_identity_that_is_not_signed_by_the_site_is_refused(
    visitor: Browser, site: Inbox, bakery: Inbox, case: str
) -> None:
    given = {
        "wrong": ("cliente-7", "0" * 64),
        "missing": ("cliente-7", None),
        "of another": ("cliente-7", signature(site, "cliente-8")),
        "another inbox's": ("cliente-7", signature(bakery, "cliente-7")),
        "empty": ("cliente-7", ""),
        "of nobody": (None, signature(site, "cliente-7")),
    }[case]
    body = {
        key: value for key, value in zip(("identifier", "identifier_hash"), given, strict=True) if value is not None
    }

    answer = visitor.post("/sessions", body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "identity_invalid")


def test_an_inbox_without_a_secret_vouches_for_nobody(visitor: Browser, site: Inbox) -> None:
    site.sealed_secret = ""
    site.save()
    empty = hmac.new(b"", b"cliente-7", hashlib.sha256).hexdigest()

    assert visitor.post("/sessions", {"identifier": "cliente-7", "identifier_hash": empty}).status_code == 401


def test_a_conversation_goes_along_when_the_visitor_logs_in(
    joana: Browser, site: Inbox, conversation: Conversation
) -> None:
    with published(audited=1) as frames:
        answer = joana.begin(identifier="cliente-7", identifier_hash=signature(site, "cliente-7"))

    assert answer["contact"]["id"] == conversation.contact_id
    assert answer["contact"]["verified"]
    assert frames.to("agents").types == ["contact_updated"]
    assert joana.get("/snapshot").json()["conversation"]["id"] == conversation.pk
    assert AuditRecord.objects.filter(verb=Verb.CONTACT_UPDATED).exists()


def test_logging_in_as_somebody_known_never_mixes_two_histories(
    joana: Browser, site: Inbox, conversation: Conversation
) -> None:
    known = Contact.objects.create(tenant=site.tenant, name="Rui")
    ContactIdentity.objects.create(tenant=site.tenant, inbox=site, contact=known, identifier="cliente-7")

    answer = joana.begin(identifier="cliente-7", identifier_hash=signature(site, "cliente-7"))

    assert answer["contact"]["id"] == known.pk
    assert joana.get("/snapshot").json()["conversation"] is None
    assert Conversation.objects.get(pk=conversation.pk).contact_id != known.pk


def test_the_next_person_at_the_same_browser_starts_with_a_clean_slate(visitor: Browser, site: Inbox) -> None:
    visitor.begin(identifier="cliente-7", identifier_hash=signature(site, "cliente-7"), email="rui@example.com")
    second = visitor.begin(identifier="cliente-8", identifier_hash=signature(site, "cliente-8"))

    assert second["contact"]["email"] == ""
    assert resolve(second["token"]).identifier == "cliente-8"


def test_a_token_ends_and_can_be_exchanged_for_months(joana: Browser, conversation: Conversation) -> None:
    with time_machine.travel(now() + LIVES + timedelta(seconds=1), tick=False):
        late = joana.get("/snapshot")
        assert (late.status_code, late.json()["errors"][0]["code"]) == (401, "token_expired")
        joana.begin()
        assert joana.get("/snapshot").json()["conversation"]["id"] == conversation.pk


def test_a_token_of_another_year_is_nobodys(joana: Browser) -> None:
    with time_machine.travel(now() + LIVES + RENEWABLE_FOR + timedelta(days=1), tick=False):
        answer = joana.post("/sessions")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "token_expired")


def forged(**claims: object) -> str:
    """A token signed with our key, as another part of the product might sign one."""
    made = {"aud": "niochat.widget", "iat": now(), "exp": now() + timedelta(days=1), "sub": "v:joana", "key": ""}
    return jwt.encode({**made, **claims}, str(configuration.SECRET_KEY), algorithm="HS256")


@pytest.mark.parametrize("case", ["garbage", "other key", "other audience", "unsigned", "no end", "agent's"])
def test_a_token_that_is_not_ours_opens_nothing(
    site: Inbox, conversation: Conversation, ana: Person, case: str
) -> None:
    claims = {
        "aud": "niochat.widget",
        "iat": now(),
        "exp": now() + timedelta(days=1),
        "sub": "v:joana",
        "key": site.token,
    }
    token = {
        "garbage": "x.y.z",
        "other key": jwt.encode(claims, "another key of thirty-two bytes at least", algorithm="HS256"),
        "other audience": forged(aud="niochat", key=site.token),
        "unsigned": jwt.encode(claims, "", algorithm="none"),
        "no end": jwt.encode({**claims, "exp": None}, str(configuration.SECRET_KEY), algorithm="HS256"),
        "agent's": ana.token(),
    }[case]

    answer = Browser(site, token=token).get("/snapshot")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "token_invalid")


def test_a_visitors_token_is_no_access_token(joana: Browser) -> None:
    answer = joana.client.get("/api/v1/conversations", **joana.sent())

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "token_invalid")


def test_row_77_a_token_of_another_inbox_is_refused(site: Inbox, bakery: Inbox, foreign: Conversation) -> None:
    theirs = browser_of(bakery, "v:otto")

    for answer in (
        Browser(site, token=theirs.token).get("/snapshot"),
        Browser(site, token=theirs.token).post("/sessions"),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "forbidden")


def test_without_a_token_there_is_no_history(visitor: Browser) -> None:
    for answer in (visitor.get("/snapshot"), visitor.get("/messages"), visitor.get("/attachments/1/file")):
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "not an address"}, 422, "bad_email"),
        ({"name": "a\u202eb"}, 422, "bad_name"),
        ({"name": "x" * 121}, 422, "too_long"),
        ({"name": {"a": 1}}, 400, "invalid"),
    ],
)
def test_a_visitors_own_words_are_checked(visitor: Browser, body: dict[str, object], status: int, code: str) -> None:
    answer = visitor.post("/sessions", body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


def test_nobody_gets_tokens_by_the_thousand(visitor: Browser) -> None:
    with time_machine.travel(now(), tick=False):  # A window may not end meanwhile.
        statuses = [visitor.post("/sessions").status_code for _ in range(62)]

    assert statuses[:50] == [200] * 50
    assert statuses[-1] == 429
