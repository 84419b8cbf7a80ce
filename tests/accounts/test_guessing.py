"""Guessing passwords: what a failed log-in tells, what it costs, and how often it may be tried."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.utils.timezone import now

from accounts.models import LoginFailure, Membership, User
from niochat import settings as product
from tests.accounts.entering import code, log_in
from tests.world import PASSWORD, member


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


def test_the_product_hashes_with_argon2():
    assert product.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


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
