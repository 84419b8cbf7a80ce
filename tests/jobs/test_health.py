"""Does anybody work?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import now

from jobs.health import keeping_up
from jobs.models import Beat, Job

pytestmark = pytest.mark.django_db


def test_a_job_that_is_due_later_or_just_now_is_no_reason_to_worry() -> None:
    Job.objects.create(name="a", max_attempts=1)
    Job.objects.create(name="b", max_attempts=1, run_at=now() + timedelta(hours=1))

    assert keeping_up()


def test_a_job_that_nobody_takes_for_minutes_is() -> None:
    Job.objects.create(name="a", max_attempts=1, run_at=now() - timedelta(minutes=2))

    assert not keeping_up()


def test_so_is_a_clock_that_stands_still() -> None:
    Beat.objects.create(name="a", next_at=now() - timedelta(minutes=2))

    assert not keeping_up()
