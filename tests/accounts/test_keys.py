"""Client keys for programs, and one's own sessions."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils.timezone import now

from accounts.models import AuthSession, ClientKey
from audit.models import AuditRecord
from realtime.models import StreamEvent
from tests.world import bearer

KEYS, SESSIONS, ME, USERS = (f"/api/v1/{name}" for name in ("keys", "sessions", "auth/me", "users"))


def code(answer) -> str:
    return str(answer.json()["errors"][0]["code"])


def make(by, **fields):
    return by.client().post(KEYS, {"name": "robot", **fields})


def test_a_key_is_shown_once_and_opens_what_a_token_opens(davi):
    made = make(davi).json()

    assert made["key"].startswith(f"nk_{made['prefix']}_")
    assert bearer(made["key"]).get(ME).json()["role"] == "admin"
    listed = davi.client().get(KEYS).json()[0]
    assert "key" not in listed
    assert listed["last_used_at"] is not None
    secret = made["key"].rpartition("_")[2]
    assert secret not in json.dumps(list(ClientKey.objects.values()), default=str)
    assert secret not in json.dumps(list(AuditRecord.objects.values()), default=str)


def test_a_key_with_a_role_may_do_less_than_who_made_it(davi):
    client = bearer(make(davi, role="agent").json()["key"])

    assert client.get(ME).json()["role"] == "agent"
    assert client.get(USERS).status_code == 200
    assert (client.get(KEYS).status_code, code(client.get(KEYS))) == (403, "forbidden")


def test_a_key_with_scopes_may_do_these_and_nothing_else(davi):
    client = bearer(make(davi, scopes=["user.read"]).json()["key"])

    assert client.get(USERS).status_code == 200
    assert client.get(ME).status_code == 403
    assert client.get(KEYS).status_code == 403


def test_a_key_sinks_with_its_maker(ana, davi):
    client = bearer(make(davi).json()["key"])
    membership = ana.membership
    membership.role = "admin"
    membership.save()

    ana.client().patch(f"{USERS}/{davi.user_id}", {"role": "agent"})

    assert client.get(ME).json()["role"] == "agent"


def test_a_key_is_no_ladder(davi):
    scoped = bearer(make(davi, scopes=["key.manage", "user.read"]).json()["key"])

    assert code(scoped.post(KEYS, {"name": "more"})) == "forbidden"
    assert code(scoped.post(KEYS, {"name": "more", "scopes": ["user.manage"]})) == "forbidden"
    assert scoped.post(KEYS, {"name": "less", "scopes": ["user.read"]}).status_code == 201


def test_a_key_can_neither_log_out_nor_change_a_password(davi):
    client = bearer(make(davi).json()["key"])

    assert code(client.post("/api/v1/auth/logout")) == "forbidden"
    words = {"current_password": "a", "new_password": "b"}
    assert code(client.post("/api/v1/auth/password", words)) == "forbidden"


def test_a_revoked_key_is_dead_at_once_and_its_sockets_close(davi):
    made = make(davi).json()
    client = bearer(made["key"])

    assert davi.client().delete(f"{KEYS}/{made['id']}").status_code == 204

    assert (client.get(ME).status_code, code(client.get(ME))) == (401, "token_invalid")
    event = StreamEvent.objects.get(stream=f"t{davi.tenant_id}.ctl.u{davi.user_id}")
    data = json.loads(event.body)["data"]
    assert (data["reason"], data["key_id"], data["close"]) == ("key_revoked", made["id"], 4401)
    assert [record.verb for record in AuditRecord.objects.order_by("pk")] == ["key_created", "key_revoked"]
    assert davi.client().get(KEYS).json() == []
    assert davi.client().delete(f"{KEYS}/{made['id']}").status_code == 404


def test_a_key_ends_when_it_says(davi):
    made = make(davi, expires_at=(now() + timedelta(hours=1)).isoformat()).json()
    client = bearer(made["key"])
    assert client.get(ME).status_code == 200

    ClientKey.objects.update(expires_at=now())

    assert code(client.get(ME)) == "token_expired"


@pytest.mark.parametrize(
    ("fields", "status", "expected"),
    [
        ({"name": ""}, 422, "empty"),
        ({"name": "x" * 81}, 422, "too_long"),
        ({"role": "owner"}, 422, "invalid_choice"),
        ({"scopes": ["everything"]}, 422, "invalid_choice"),
        ({"scopes": "user.read"}, 400, "invalid"),
        ({"expires_at": "tomorrow"}, 400, "bad_datetime"),
        ({"expires_at": "2027-01-01T00:00:00"}, 400, "bad_datetime"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 422, "bad_time"),
    ],
)
def test_a_bad_key_is_refused(davi, fields, status, expected):
    answer = make(davi, **fields)

    assert (answer.status_code, code(answer)) == (status, expected)
    assert not ClientKey.objects.exists()


def test_64_another_tenants_key_is_not_there(davi, fabio):
    theirs = make(fabio).json()

    assert davi.client().get(KEYS).json() == []
    assert davi.client().delete(f"{KEYS}/{theirs['id']}").status_code == 404
    assert bearer(theirs["key"]).get(ME).status_code == 200


class TestSessions:
    def test_ones_own_are_listed_and_the_present_one_is_marked(self, ana, bruno):
        bruno.client()
        ana.client()
        client = ana.client()

        assert [row["current"] for row in client.get(SESSIONS).json()] == [True, False]

    def test_one_of_them_can_be_ended(self, ana):
        other = ana.client()
        number = other.get(SESSIONS).json()[0]["id"]
        client = ana.client()

        assert client.delete(f"{SESSIONS}/{number}").status_code == 204
        assert client.delete(f"{SESSIONS}/{number}").status_code == 204

        assert code(other.get(ME)) == "session_revoked"
        assert [record.verb for record in AuditRecord.objects.all()] == ["session_revoked"]
        assert len(client.get(SESSIONS).json()) == 1

    def test_64_nobody_elses_can(self, ana, bruno, eva):
        for other in (bruno, eva):
            session = other.session()
            assert ana.client().delete(f"{SESSIONS}/{session.pk}").status_code == 404

        assert not AuthSession.objects.exclude(revoked_at=None).exists()
