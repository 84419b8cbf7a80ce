"""Any credential -> Actor: what is accepted, what is refused, and at what price."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
import time_machine
from django.conf import settings
from django.utils.timezone import now

from accounts import keys, tokens
from accounts.actor import Role
from accounts.authentication import resolve
from accounts.errors import Refused
from accounts.models import AuthSession, ClientKey
from tests.world import Person, bearer

CLAIMS = {
    "aud": "niochat", "iss": "niochat", "token_type": "access", "jti": "x", "user_id": 1, "tid": 1, "sid": 1,
    "exp": 4_000_000_000, "iat": 1,
}  # fmt: skip


def signed(key: str = settings.SECRET_KEY, algorithm: str = "HS256", headers=None, **claims) -> str:
    payload = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return jwt.encode(payload, key, algorithm=algorithm, headers=headers)


def unsigned(**header) -> str:
    parts = (json.dumps(part).encode() for part in (header, CLAIMS))
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), ""])


REFUSED = {
    "40-garbage": ("garbage", "token_invalid"),
    "40-empty": ("", "token_invalid"),
    "40-three-dots": ("a.b.c", "token_invalid"),
    "40-not-ascii": ("ção.ção.ção", "token_invalid"),
    "40-forged": (signed("another key of the right length 0123456789"), "token_invalid"),
    "40-a-megabyte": ("a." * 500_000, "token_invalid"),
    "41-expired": (signed(exp=1_000_000_000), "token_expired"),
    "42-wrong-audience": (signed(aud="other"), "token_invalid"),
    "42-no-audience": (signed(aud=None), "token_invalid"),
    "42-wrong-issuer": (signed(iss="other"), "token_invalid"),
    "42-no-issuer": (signed(iss=None), "token_invalid"),
    "42-no-exp": (signed(exp=None), "token_invalid"),
    "42-no-session": (signed(sid=None), "token_invalid"),
    "42-odd-session": (signed(sid={"$gt": 0}), "token_invalid"),
    "42-odd-expiry": (signed(exp=10**30), "token_invalid"),
    "43-alg-none": (unsigned(alg="none", typ="JWT"), "token_invalid"),
    "43-hs512": (signed("k" * 64, "HS512"), "token_invalid"),
    "43-hs512-our-key": (signed(settings.SECRET_KEY * 2, "HS512"), "token_invalid"),
    "43-kid-and-jku": (signed("k" * 40, headers={"kid": "../../dev/null", "jku": "http://evil"}), "token_invalid"),
    "44-refresh-as-access": (signed(token_type="refresh"), "token_invalid"),
    "44-no-type": (signed(token_type=None), "token_invalid"),
    "no-such-session": (signed(sid=2**62), "session_revoked"),
    "no-such-key": ("nk_0123456789_abcdef", "token_invalid"),
    "half-a-key": ("nk_", "token_invalid"),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("credential", "code"), REFUSED.values(), ids=REFUSED)
def test_a_bad_credential_is_refused_with_its_reason(credential, code):
    with pytest.raises(Refused) as refused:
        resolve(credential)

    assert refused.value.code == code


def test_an_access_token_costs_one_query(ana, django_assert_num_queries):
    token = ana.token()

    with django_assert_num_queries(1):
        actor = resolve(token)

    assert (actor.user_id, actor.tenant_id, actor.role) == (ana.user_id, ana.tenant_id, Role.AGENT)


def test_a_token_is_good_for_its_own_tenant_and_user_only(ana, eva):
    session = ana.session()
    lying = signed(sid=session.pk, tid=eva.tenant_id, user_id=ana.user_id)

    with pytest.raises(Refused) as refused:
        resolve(lying)

    assert refused.value.code == "token_invalid"


def test_an_older_signing_key_still_opens_while_it_is_listed(ana, settings):
    token = ana.token()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new key of thirty-two bytes and more"

    assert resolve(token).user_id == ana.user_id


def test_a_token_that_was_shown_before_ends_with_its_time_its_key_or_its_session(ana, settings):
    """Its signature is looked at once; all else is looked at each time."""
    token, other, third = ana.token(), ana.token(), ana.token()
    for shown in (token, other, third):
        assert resolve(shown).user_id == ana.user_id

    with time_machine.travel(now() + timedelta(seconds=900)), pytest.raises(Refused) as late:
        resolve(token)
    AuthSession.objects.get(pk=tokens.read(other, "access").session_id).revoke()
    with pytest.raises(Refused) as ended:
        resolve(other)
    settings.SECRET_KEY = "a new key of thirty-two bytes and more"
    with pytest.raises(Refused) as unsigned:
        resolve(third)

    assert [refused.value.code for refused in (late, ended, unsigned)] == [
        "token_expired",
        "session_revoked",
        "token_invalid",
    ]


def shut_out(person, **change):
    for model in ("membership", "user", "tenant"):
        row = person.membership if model == "membership" else getattr(person.membership, model)
        for name, value in change.get(model, {}).items():
            setattr(row, name, value)
        row.save()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"user": {"is_active": False}}, "user_disabled"),
        ({"membership": {"is_active": False}}, "user_disabled"),
        ({"membership": {"joined_at": None}}, "user_disabled"),
        ({"membership": {"removed_at": now()}}, "forbidden"),
        ({"tenant": {"is_active": False}}, "tenant_inactive"),
    ],
    ids=["51-user", "51-member", "invited", "52-moved-out", "53-tenant"],
)
@pytest.mark.parametrize("credential", ["token", "key"])
def test_who_is_shut_out_hears_it_whatever_they_hold(ana, change, code, credential):
    held = ana.token() if credential == "token" else client_key(ana)
    shut_out(ana, **change)

    with pytest.raises(Refused) as refused:
        resolve(held)

    assert refused.value.code == code


def test_an_agent_sees_the_restricted_inboxes_that_they_were_given(ana, carla, aurora):
    aurora.restricted_inbox_ids = [3, 5]
    aurora.save()
    shut_out(ana, membership={"inbox_ids": [5, 99]})

    agent, supervisor = resolve(ana.token()), resolve(carla.token())

    assert (agent.restricted_inboxes, agent.hidden_inboxes) == (frozenset({5}), frozenset({3}))
    assert (supervisor.restricted_inboxes, supervisor.hidden_inboxes) == (frozenset({3, 5}), frozenset())


def client_key(person, **fields) -> str:
    fresh = keys.make_key()
    ClientKey.objects.create(
        membership=person.membership, name="bot", prefix=fresh.prefix, secret_hash=fresh.secret_hash, **fields
    )
    return fresh.text


def test_a_client_key_acts_for_its_member_and_dates_its_use_once_a_minute(ana, django_assert_num_queries):
    text = client_key(ana)
    assert resolve(text).user_id == ana.user_id
    first = ClientKey.objects.get().last_used_at

    with django_assert_num_queries(1):
        resolve(text)

    assert first is not None
    assert ClientKey.objects.get().last_used_at == first


@pytest.mark.parametrize(
    ("given", "member", "effective"),
    [
        ("", "admin", "admin"),
        ("agent", "admin", "agent"),
        ("admin", "agent", "agent"),
        ("supervisor", "supervisor", "supervisor"),
    ],
)
def test_a_key_has_the_lesser_of_its_own_and_its_members_role(ana, given, member, effective):
    text = client_key(ana, role=given)
    shut_out(ana, membership={"role": member})

    assert resolve(text).role == effective


def test_a_scoped_key_carries_its_scopes(ana):
    assert resolve(client_key(ana, scopes=["contact.read"])).scopes == frozenset({"contact.read"})


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"revoked_at": now()}, "token_invalid"), ({"expires_at": now() - timedelta(seconds=1)}, "token_expired")],
    ids=["revoked", "expired"],
)
def test_a_key_that_was_ended_is_refused(ana, fields, code):
    with pytest.raises(Refused) as refused:
        resolve(client_key(ana, **fields))

    assert refused.value.code == code


def test_a_key_with_a_wrong_secret_is_refused(ana):
    with pytest.raises(Refused):
        resolve(client_key(ana)[:-1] + "!")


def test_minted_tokens_say_whose_they_are_and_nothing_about_rights(ana):
    session = ana.session()
    pair = tokens.mint(session)

    claims = jwt.decode(pair.access, options={"verify_signature": False})

    assert claims.keys() == {"token_type", "exp", "iat", "jti", "sid", "tid", "user_id", "aud", "iss"}
    assert (claims["sid"], claims["tid"], claims["user_id"]) == (session.pk, ana.tenant_id, ana.user_id)
    assert tokens.read(pair.refresh, "refresh").jti == session.refresh_jti


@pytest.mark.django_db
@pytest.mark.parametrize(("credential", "code"), [row for name, row in REFUSED.items() if name != "40-empty"])
def test_over_http_a_bad_credential_is_401_with_the_same_reason(credential, code):
    answer = bearer(credential).get("/api/v1/auth/me")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, code)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example"])
def test_61_a_foreign_origin_gets_no_leave_to_read(ana, origin):
    answer = ana.client().get("/api/v1/auth/me", headers={"Origin": origin})

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_two_credentials_cost_two_queries_and_each_finds_its_own_member(
    ana: Person, eva: Person, django_assert_num_queries
):
    credentials = [ana.token(), eva.token()]

    with django_assert_num_queries(2):
        found = [resolve(one) for one in credentials]

    assert [(actor.tenant_id, actor.user_id) for actor in found] == [(one.tenant_id, one.user_id) for one in (ana, eva)]
    assert found == [
        replace(one.actor, session_id=actor.session_id, expires_at=actor.expires_at)
        for one, actor in zip((ana, eva), found, strict=True)
    ]
