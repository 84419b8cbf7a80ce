"""The people of a tenant: invited, changed, shut out, removed; and what their sockets are told."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils.timezone import now
from rest_framework.test import APIClient

from accounts.actions.members import accept_invitation
from accounts.actions.platform import restore_tenant, set_user_active, suspend_tenant
from accounts.actor import Actor, Origin
from accounts.door import Door
from accounts.errors import NotFound
from accounts.models import ClientKey, Membership, User
from audit.models import AuditRecord
from realtime.models import StreamEvent
from tests.world import PASSWORD, bearer

USERS, ACCEPT, ME = "/api/v1/users", "/api/v1/auth/invitation", "/api/v1/auth/me"
NEW = "outra-senha-comprida-9"
FORM = "application/x-www-form-urlencoded"


def code(answer) -> str:
    return str(answer.json()["errors"][0]["code"])


def told(person) -> list[tuple[str, int, str]]:
    """What the server was told about this member: reason, close code, error code."""
    bodies = StreamEvent.objects.filter(stream=f"t{person.tenant_id}.ctl.u{person.user_id}").order_by("seq")
    return [summary(event) for event in bodies]


def summary(event: StreamEvent) -> tuple[str, int, str]:
    data = event_data(event)
    return data["reason"], data["close"], data["code"]


def event_data(event: StreamEvent) -> dict[str, Any]:
    return dict(json.loads(event.body)["data"])


def last_record() -> AuditRecord:
    return AuditRecord.objects.order_by("-pk")[0]


@pytest.mark.usefixtures("carla", "davi", "eva", "fabio")
def test_everybody_sees_their_colleagues_and_nobody_else(ana, bruno):
    answer = ana.client().get(USERS)

    assert {row["username"] for row in answer.json()} == {"ana", "bruno", "carla", "davi"}
    assert answer.headers["X-Total-Count"] == "4"
    assert answer.json()[0].keys() == {
        "id", "username", "email", "name", "avatar_url", "role", "is_active", "invited", "inbox_ids",
    }  # fmt: skip
    assert ana.client().get(f"{USERS}/{bruno.user_id}").json()["name"] == "Bruno"


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_64_another_tenants_member_is_not_found_just_like_nobody(davi, eva, method):
    client = davi.client()

    theirs, nobody, absurd = (
        getattr(client, method)(f"{USERS}/{user_id}") for user_id in (eva.user_id, 987_654, 10**16)
    )

    assert theirs.status_code == nobody.status_code == absurd.status_code == 404
    assert theirs.json() == nobody.json()
    assert getattr(client, method)(f"{USERS}/{10**30}").status_code == 404


class TestInvitations:
    def invite(self, by, **fields):
        return by.client().post(USERS, {"email": "gil@aurora.example"} | fields)

    def test_an_invited_person_chooses_a_password_and_is_in(self, davi):
        invited = self.invite(davi, role="supervisor", first_name="Gil").json()
        assert (invited["invited"], invited["role"], invited["name"]) == (True, "supervisor", "gil@aurora.example")
        assert invited["url"].endswith(f"/invitation/{invited['token']}/")

        pair = APIClient().post(ACCEPT, {"token": invited["token"], "password": NEW}).json()

        me = bearer(pair["access"]).get(ME).json()
        assert (me["name"], me["email"], me["role"]) == ("Gil", "gil@aurora.example", "supervisor")
        verbs = list(AuditRecord.objects.order_by("pk").values_list("verb", flat=True))
        assert verbs == ["member_added", "member_changed", "user_logged_in"]

    def test_the_link_opens_a_page(self, davi, client):
        page = self.invite(davi).json()["url"].removeprefix("http://localhost:8010")
        assert "Loja Aurora" in client.get(page).content.decode()
        assert client.post(page, {"password": "short"}).status_code == 200

        answer = client.post(page, {"password": NEW})

        assert answer.headers["Location"] == "/"
        assert client.get(ME).json()["email"] == "gil@aurora.example"
        assert client.get(page).status_code == 404

    def test_a_link_opens_once(self, davi):
        token = self.invite(davi).json()["token"]
        APIClient().post(ACCEPT, {"token": token, "password": NEW})

        assert APIClient().post(ACCEPT, {"token": token, "password": NEW}).status_code == 404
        assert APIClient().post(ACCEPT, {"token": "made-up", "password": NEW}).status_code == 404

    def test_56_an_address_with_an_account_elsewhere_is_invited_in_the_same_words(self, davi, eva):
        fresh, known = self.invite(davi).json(), self.invite(davi, email="eva@sol.example", first_name="X").json()

        for answer in (fresh, known):
            assert answer["name"] == answer["username"] == answer["email"]
        assert {name: type(value) for name, value in fresh.items()} == {
            name: type(value) for name, value in known.items()
        }

    def test_who_has_an_account_proves_it_and_is_a_member_of_both(self, davi, eva):
        token = self.invite(davi, email="EVA@sol.example").json()["token"]

        assert code(APIClient().post(ACCEPT, {"token": token, "password": NEW})) == "invalid"
        assert APIClient().post(ACCEPT, {"token": token, "password": PASSWORD}).status_code == 200

        places = eva.client().get(ME).json()["memberships"]
        assert [place["slug"] for place in places] == ["sol", "aurora"]
        assert eva.user.check_password(PASSWORD)

    def test_two_invitations_answered_at_once_make_one_password(self, davi, fabio, sol):
        """The second was looked at while the account had no password yet: it may not replace the first one's."""
        self.invite(davi)
        self.invite(fabio)
        places = Membership.objects.filter(user__email="gil@aurora.example")
        there, here = places.get(tenant=sol), places.exclude(tenant=sol).get()
        door = Door(Origin.API, "127.0.0.1", "")

        accept_invitation(here, password_hash=make_password(NEW), door=door)
        with pytest.raises(NotFound):
            accept_invitation(there, password_hash=make_password("of-somebody-else-9"), door=door)

        assert User.objects.get(email="gil@aurora.example").check_password(NEW)

    @pytest.mark.django_db(transaction=True)
    def test_of_five_answers_at_once_on_its_page_one_comes_in_and_the_others_find_it_gone(self, davi):
        page = self.invite(davi).json()["url"].removeprefix("http://localhost:8010")

        def answer(_number: int) -> int:
            try:
                return APIClient().post(page, f"password={NEW}", content_type=FORM).status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(5) as pool:
            statuses = sorted(pool.map(answer, range(5)))

        assert statuses == [302, 404, 404, 404, 404]

    def test_an_invitation_does_not_disturb_a_login_elsewhere(self, davi, eva):
        self.invite(davi, email="eva@sol.example")

        login = APIClient().post("/api/v1/auth/token", {"username": "eva", "password": PASSWORD})

        assert login.status_code == 200

    def test_an_invited_person_is_nobody_yet(self, davi):
        self.invite(davi)

        login = APIClient().post("/api/v1/auth/token", {"username": "gil@aurora.example", "password": ""})

        assert login.status_code in (401, 422)
        assert not User.objects.get(email="gil@aurora.example").has_usable_password()

    @pytest.mark.parametrize(
        ("fields", "status", "expected"),
        [
            ({"email": "ana@aurora.example"}, 422, "not_unique"),
            ({"email": "no address"}, 422, "bad_email"),
            ({"role": "owner"}, 422, "invalid_choice"),
            ({"inbox_ids": [77]}, 400, "does_not_exist"),
            ({"first_name": "G\u200bil"}, 422, "bad_name"),
        ],
    )
    def test_a_bad_invitation_makes_nobody(self, ana, davi, fields, status, expected):
        before = User.objects.count()

        answer = self.invite(davi, **fields)

        assert (answer.status_code, code(answer)) == (status, expected)
        assert User.objects.count() == before

    def test_a_weak_password_is_refused(self, davi):
        token = self.invite(davi).json()["token"]

        assert code(APIClient().post(ACCEPT, {"token": token, "password": "short"})) == "weak_password"

    def test_an_invitation_that_was_withdrawn_opens_nothing(self, davi):
        invited = self.invite(davi).json()
        davi.client().delete(f"{USERS}/{invited['id']}")

        assert APIClient().post(ACCEPT, {"token": invited["token"], "password": NEW}).status_code == 404

    def test_who_was_removed_can_be_invited_again(self, ana, davi):
        davi.client().delete(f"{USERS}/{ana.user_id}")

        token = self.invite(davi, email="ana@aurora.example").json()["token"]

        assert APIClient().post(ACCEPT, {"token": token, "password": PASSWORD}).status_code == 200


class TestChanges:
    def change(self, by, whom, **fields):
        return by.client().patch(f"{USERS}/{whom.user_id}", fields)

    @pytest.mark.parametrize("role", ["supervisor", "admin"])
    def test_52_a_changed_role_counts_at_once_and_sockets_renew(self, ana, davi, role):
        client = ana.client()

        assert self.change(davi, ana, role=role).json()["role"] == role

        assert client.get(ME).json()["role"] == role
        assert told(ana) == [("membership", 4401, "SCOPE_CHANGED")]
        assert last_record().details == {"before": {"role": "agent"}, "after": {"role": role}}

    def test_52_a_restricted_inbox_is_given_and_taken(self, ana, davi, aurora):
        aurora.restricted_inbox_ids = [3]
        aurora.save()

        assert self.change(davi, ana, inbox_ids=[3]).json()["inbox_ids"] == [3]
        assert self.change(davi, ana, inbox_ids=[]).json()["inbox_ids"] == []

        assert told(ana) == [("membership", 4401, "SCOPE_CHANGED")] * 2

    @pytest.mark.parametrize("inbox_ids", [[4], [3, 4], [10**12]])
    def test_65_an_inbox_that_is_not_theirs_to_give_does_not_exist(self, ana, davi, aurora, inbox_ids):
        aurora.restricted_inbox_ids = [3]
        aurora.save()

        answer = self.change(davi, ana, inbox_ids=inbox_ids)

        assert (answer.status_code, code(answer)) == (400, "does_not_exist")
        assert ana.membership.inbox_ids == []

    def test_51_a_disabled_member_is_out_at_once(self, ana, davi):
        client = ana.client()

        assert self.change(davi, ana, is_active=False).json()["is_active"] is False

        answer = client.get(ME)
        assert (answer.status_code, code(answer)) == (401, "user_disabled")
        assert told(ana) == [("user_disabled", 4403, "USER_DISABLED")]

    def test_who_is_let_in_again_logs_in_again(self, ana, davi):
        client = ana.client()
        self.change(davi, ana, is_active=False)
        self.change(davi, ana, is_active=True)

        assert code(client.get(ME)) == "session_revoked"
        assert ana.client().get(ME).status_code == 200

    def test_a_change_to_what_is_there_already_is_no_change(self, ana, davi):
        assert self.change(davi, ana, role="agent", is_active=True).status_code == 200

        assert told(ana) == []
        assert not AuditRecord.objects.exists()

    def test_63_other_fields_have_no_effect(self, ana, davi, sol):
        self.change(davi, ana, tenant=sol.pk, tenant_id=sol.pk, user_id=davi.user_id, email="x@y.example",
                    is_superuser=True, is_staff=True, password="x", joined_at=None, id=1)  # fmt: skip

        user, membership = ana.user, ana.membership
        assert (membership.tenant.slug, membership.user_id, user.email) == ("aurora", user.pk, "ana@aurora.example")
        assert (user.is_superuser, user.is_staff, membership.joined_at is None) == (False, False, False)

    @pytest.mark.parametrize("change", [{"role": "agent"}, {"is_active": False}, None])
    def test_the_last_admin_stays(self, davi, change):
        client = davi.client()
        path = f"{USERS}/{davi.user_id}"

        answer = client.delete(path) if change is None else client.patch(path, change)

        assert (answer.status_code, code(answer)) == (409, "last_admin")
        assert (davi.membership.role, davi.membership.is_active, davi.membership.removed_at) == ("admin", True, None)
        assert not AuditRecord.objects.exists()

    def test_an_invited_or_disabled_admin_does_not_count_as_one(self, ana, bruno, davi):
        Membership.objects.filter(pk=ana.membership_id).update(role="admin", is_active=False)
        Membership.objects.filter(pk=bruno.membership_id).update(role="admin", joined_at=None)

        assert code(self.change(davi, davi, role="agent")) == "last_admin"

    def test_one_of_two_admins_may_go(self, ana, davi):
        Membership.objects.filter(pk=ana.membership_id).update(role="admin")

        assert self.change(davi, davi, role="agent").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_demote_each_other_at_once_leave_one(ana, davi):
    Membership.objects.filter(pk=ana.membership_id).update(role="admin")
    pairs = [(ana.client(), davi), (davi.client(), ana)]

    def demote(pair) -> int:
        client, other = pair
        try:
            return int(client.patch(f"{USERS}/{other.user_id}", {"role": "agent"}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(demote, pairs))

    assert answers[0] == 200
    assert answers[1] in (403, 409)
    assert Membership.objects.filter(role="admin").count() == 1


class TestRemoval:
    def test_52_a_removed_member_is_out_for_good_with_everything_they_hold(self, ana, davi):
        client, key = ana.client(), ClientKey.objects.create(membership=ana.membership, name="k", prefix="p")

        assert davi.client().delete(f"{USERS}/{ana.user_id}").status_code == 204

        answer = client.get(ME)
        assert (answer.status_code, code(answer)) == (403, "forbidden")
        key.refresh_from_db()
        assert key.revoked_at is not None
        assert told(ana) == [("removed", 4403, "FORBIDDEN")]
        assert last_record().verb == "member_removed"
        assert davi.client().get(f"{USERS}/{ana.user_id}").status_code == 404
        assert davi.client().delete(f"{USERS}/{ana.user_id}").status_code == 404


class TestThePlatform:
    def staff(self, tenant_id: int) -> Actor:
        return Actor.system(tenant_id, Origin.ADMIN)

    def test_53_a_suspended_tenant_is_shut_and_comes_back_as_it_was(self, ana, aurora):
        client = ana.client()
        suspend_tenant(self.staff(aurora.pk))
        suspend_tenant(self.staff(aurora.pk))

        assert code(client.get(ME)) == "tenant_inactive"
        event = StreamEvent.objects.get(stream=f"t{aurora.pk}.ctl")
        assert summary(event) == ("tenant_suspended", 4403, "TENANT_INACTIVE")

        restore_tenant(self.staff(aurora.pk))
        assert client.get(ME).status_code == 200
        verbs = list(AuditRecord.objects.order_by("pk").values_list("verb", flat=True))
        assert verbs == ["tenant_suspended", "tenant_restored"]

    def test_51_a_disabled_account_is_out_of_every_tenant(self, ana, sol, aurora):
        Membership.objects.create(tenant=sol, user=ana.user)
        client = ana.client()

        set_user_active(self.staff(aurora.pk), ana.user_id, active=False)

        assert code(client.get(ME)) == "user_disabled"
        closed = StreamEvent.objects.filter(type="rights_changed").order_by("stream").values_list("stream", flat=True)
        assert list(closed) == sorted(f"t{tenant.pk}.ctl.u{ana.user_id}" for tenant in (aurora, sol))
        assert sorted(AuditRecord.objects.values_list("tenant_id", flat=True)) == sorted([aurora.pk, sol.pk])

        set_user_active(self.staff(aurora.pk), ana.user_id, active=True)
        assert ana.client().get(ME).status_code == 200


def test_a_member_who_was_removed_while_invited_elsewhere_keeps_the_other_place(ana, davi, sol):
    Membership.objects.create(tenant=sol, user=ana.user)
    Membership.objects.filter(pk=ana.membership_id).update(removed_at=now())

    answer = APIClient().post("/api/v1/auth/token", {"username": "ana", "password": PASSWORD})

    assert answer.status_code == 200
