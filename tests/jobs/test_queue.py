"""What `later` promises."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.errors import Refused
from jobs import GiveUp, every, later, leases, task, wake
from jobs.failures import waits
from jobs.models import Beat, Job, State
from jobs.registry import SCHEDULE, TASKS
from jobs.schedule import tick
from jobs.worker import drain
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.django_db


@pytest.fixture
def done() -> Iterator[list[Any]]:
    """What the jobs of a test did, in order."""
    said: list[Any] = []
    task("test.say")(said.append)

    @task("test.fail", attempts=2)
    def fail() -> None:
        raise ValueError("https://api.example/?token=s3cret")

    @task("test.refuse")
    def refuse() -> None:
        raise Refused("The number is not on WhatsApp.", code="conflict", retry_after=900)

    @task("test.give_up")
    def give_up() -> None:
        raise GiveUp

    yield said
    for name in [name for name in TASKS if name.startswith("test.")]:
        TASKS.pop(name)
        SCHEDULE.pop(name, None)


def due_now() -> None:
    """Make everything that waits due."""
    Job.objects.filter(state=State.READY).update(run_at=timezone.now() - timedelta(minutes=1))


def test_a_job_may_be_queued_only_if_some_row_is_there(done: list[Any]) -> None:
    needed = Job.objects.filter(name="test.give_up").query.sql_with_params()
    later("test.say", "too early", unique="once", only_if=needed)
    assert not Job.objects.exists()

    later("test.give_up")
    later("test.say", "now", unique="once", only_if=needed)
    later("test.say", "again", unique="once", only_if=needed)
    assert Job.objects.get(unique_key="once").args == ["now"]


def test_a_job_runs_once_and_its_row_goes(done: list[Any]) -> None:
    later("test.say", {"text": "olá", "ids": [1, 2]})

    assert drain() == 1
    assert done == [{"text": "olá", "ids": [1, 2]}]
    assert drain() == 0
    assert not Job.objects.exists()


def test_a_job_of_a_transaction_that_rolls_back_never_was(done: list[Any]) -> None:
    with transaction.atomic():
        later("test.say", "never")
        transaction.set_rollback(True)

    assert drain() == 0


def test_a_job_for_later_waits_for_its_time(done: list[Any]) -> None:
    later("test.say", "tomorrow", run_at=timezone.now() + timedelta(days=1))
    later("test.say", "yesterday", run_at=timezone.now() - timedelta(days=1))

    drain()
    assert done == ["yesterday"]


def test_a_task_that_nobody_wrote_can_not_be_queued(done: list[Any]) -> None:
    with pytest.raises(KeyError):
        later("test.nobody")


def test_two_tasks_can_not_share_a_name(done: list[Any]) -> None:
    with pytest.raises(ValueError, match="Two jobs"):
        task("test.say")(print)


def test_a_unique_job_waits_once_at_the_earliest_of_its_times(done: list[Any]) -> None:
    now = timezone.now()
    for minutes in (5, 3, 9):
        later("test.say", minutes, unique="t7", run_at=now + timedelta(minutes=minutes))
    later("test.say", "other", unique="t8", run_at=now + timedelta(minutes=1))

    assert Job.objects.get(unique_key="t7").run_at == now + timedelta(minutes=3)
    due_now()
    drain()
    assert sorted(map(str, done)) == ["5", "other"]


def test_a_unique_job_that_has_started_may_be_queued_again(done: list[Any]) -> None:
    later("test.say", "first", unique="t7")
    [running] = leases.claim(1)
    later("test.say", "second", unique="t7")

    leases.finish(running)
    drain()
    assert done == ["second"]


def test_a_job_that_runs_alone_waits_for_its_twin_and_holds_up_nobody_else(done: list[Any]) -> None:
    task("test.alone", alone=True)(done.append)
    later("test.alone", "first", unique="one")
    (running,) = leases.claim(5)
    for words, key in (("second", "one"), ("other", "two")):
        later("test.alone", words, unique=key)

    assert [job.args for job in leases.claim(5)] == [["other"]]

    leases.finish(running)
    assert [job.args for job in leases.claim(5)] == [["second"]]


def test_what_killed_its_worker_is_given_again_before_its_twin_begins(done: list[Any]) -> None:
    task("test.alone", alone=True)(done.append)
    later("test.alone", "first", unique="one")
    leases.claim(1)
    later("test.alone", "second", unique="one")
    Job.objects.filter(state=State.RUNNING).update(lease_until=timezone.now() - timedelta(seconds=1))

    assert [job.args for job in leases.claim(5)] == [["first"]]


def test_waking_a_task_that_waits_already_changes_nothing_and_calls_one_that_was_put_off(done: list[Any]) -> None:
    wake("test.say", "once", unique="one")
    wake("test.say", "twice", unique="one")
    assert drain() == 1

    later("test.say", "put off", unique="one", run_at=timezone.now() + timedelta(hours=1))
    wake("test.say", "now", unique="one")
    assert (drain(), done) == (1, ["once", "put off"])


def test_a_failed_unique_job_leaves_the_work_to_its_twin(done: list[Any]) -> None:
    later("test.say", "first", unique="t7")
    [running] = leases.claim(1)
    later("test.say", "second", unique="t7")
    leases.fail(running, ValueError())

    assert Job.objects.get().args == ["second"]


def test_a_failure_is_tried_again_after_a_while_and_keeps_no_secret(done: list[Any]) -> None:
    later("test.fail")
    before = timezone.now()
    drain()

    job = Job.objects.get()
    assert job.state == State.READY
    assert before + timedelta(seconds=1.9) < job.run_at < timezone.now() + timedelta(seconds=3.1)
    assert job.last_error.startswith("ValueError at test_queue.py:")
    assert "s3cret" not in job.last_error


def test_waiting_grows_with_each_attempt_and_ends_at_an_hour(done: list[Any]) -> None:
    error = ValueError()
    assert 2 <= waits(1, error) <= 3
    assert 18 <= waits(3, error) <= 27
    assert 2400 <= waits(60, error) <= 3600
    assert len({waits(3, error) for _ in range(20)}) > 1


def test_a_refusal_says_why_and_when_to_come_back(done: list[Any]) -> None:
    later("test.refuse")
    drain()

    job = Job.objects.get()
    assert "The number is not on WhatsApp." in job.last_error
    assert job.run_at > timezone.now() + timedelta(seconds=890)


def test_a_dead_letter_whose_task_is_gone_stays_one() -> None:
    job = Job.objects.create(name="test.gone_since_an_upgrade", max_attempts=1, state=State.DEAD)

    assert leases.replay(Job.objects.all()) == 0
    assert Job.objects.get(pk=job.pk).state == State.DEAD


def test_the_last_failure_makes_a_dead_letter_which_can_be_replayed(done: list[Any]) -> None:
    later("test.fail")
    for _attempt in range(2):
        drain()
        due_now()

    job = Job.objects.get()
    assert (job.state, job.attempts) == (State.DEAD, 2)
    assert drain() == 0

    assert leases.replay(Job.objects.all()) == 1
    assert drain() == 1
    assert Job.objects.get().attempts == 1


def test_a_unique_job_leaves_at_most_one_dead_letter_and_none_once_it_works(done: list[Any]) -> None:
    for _beat in range(3):
        later("test.give_up", unique="beat:x")
        later("test.give_up")
        drain()
    assert Job.objects.filter(state=State.DEAD, unique_key="beat:x").count() == 1
    assert Job.objects.filter(state=State.DEAD, unique_key="").count() == 3

    later("test.say", "better", unique="beat:x")
    drain()
    assert not Job.objects.filter(unique_key="beat:x").exists()


def test_a_job_that_gives_up_is_dead_at_once(done: list[Any]) -> None:
    later("test.give_up")
    drain()

    assert Job.objects.get().state == State.DEAD


def test_a_job_whose_lease_ran_out_is_given_again_until_its_attempts_are_used_up(done: list[Any]) -> None:
    later("test.fail")
    lost = []
    for _attempt in range(3):
        lost += leases.claim(5)
        assert leases.claim(5) == []
        Job.objects.filter(state=State.RUNNING).update(lease_until=timezone.now() - timedelta(seconds=1))

    assert [job.attempts for job in lost] == [1, 2]
    assert Job.objects.get().state == State.DEAD


def test_whoever_lost_the_lease_can_not_settle_the_job(done: list[Any]) -> None:
    later("test.say", 1)
    [old] = leases.claim(1)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    [new] = leases.claim(1)

    leases.fail(old, ValueError())
    leases.finish(old)
    assert leases.renew([old]) == 0
    assert Job.objects.get().lease == new.lease
    assert leases.renew([new]) == 1


def test_a_task_that_this_process_does_not_know_is_left_to_others(done: list[Any]) -> None:
    later("test.say", 1)
    Job.objects.update(name="newer.task")

    assert drain() == 0
    assert Job.objects.get().attempts == 0


@pytest.mark.django_db(transaction=True)
def test_a_waiting_twin_can_not_start_before_the_transaction_that_asked_again_has_ended(done: list[Any]) -> None:
    """Else the twin would run without seeing what that transaction wrote, and nobody would run after it."""
    later("test.say", "metrics", unique="t7")
    claimed_at: list[float] = []

    def claim_elsewhere() -> None:
        while not leases.claim(1):
            time.sleep(0.01)
        claimed_at.append(time.monotonic())
        connection.close()

    other = threading.Thread(target=claim_elsewhere)
    with transaction.atomic():
        later("test.say", "metrics", unique="t7")
        other.start()
        time.sleep(0.3)
        about_to_commit = time.monotonic()
    other.join(PATIENCE_S)
    assert claimed_at[0] > about_to_commit


def test_the_clock_queues_a_scheduled_task_once_in_each_interval(done: list[Any]) -> None:
    every(seconds=3600, name="test.hourly")(lambda: done.append("tick"))
    for _worker in range(3):
        tick()
    drain()
    assert done == ["tick"]

    Beat.objects.filter(name="test.hourly").update(next_at=timezone.now() - timedelta(hours=5))
    for _worker in range(3):
        tick()
        drain()
    assert done == ["tick", "tick"]
