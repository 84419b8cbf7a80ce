"""How many requests one person may make."""

from __future__ import annotations

import pytest
import time_machine
from rest_framework.test import APIClient

pytestmark = [pytest.mark.urls("tests.niochat.routes"), pytest.mark.django_db]


def test_the_61st_request_of_a_second_is_refused_and_the_next_second_is_free_25() -> None:
    web = APIClient()
    with time_machine.travel("2026-11-21T12:00:00Z", tick=False) as clock:
        statuses = [web.get("/api/v1/test/throttled").status_code for _ in range(61)]
        refused = web.get("/api/v1/test/throttled")
        clock.shift(1)
        afterwards = web.get("/api/v1/test/throttled")

    assert statuses == [200] * 60 + [429]
    assert refused.json()["errors"][0]["code"] == "rate_limited"
    assert refused.headers["Retry-After"] == "1"
    assert afterwards.status_code == 200


def test_one_address_does_not_use_up_anothers_share() -> None:
    with time_machine.travel("2026-11-21T12:00:00Z", tick=False):
        for _ in range(61):
            APIClient(REMOTE_ADDR="203.0.113.1").get("/api/v1/test/throttled")

        assert APIClient(REMOTE_ADDR="203.0.113.2").get("/api/v1/test/throttled").status_code == 200
