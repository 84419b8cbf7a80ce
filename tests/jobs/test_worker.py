"""Real worker processes on the database under test, stopped, crowded and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.db import connection, connections, transaction

from jobs import bell, every, later, task, worker
from jobs.models import Job, State
from jobs.registry import SCHEDULE, TASKS
from jobs.worker import Worker
from tests.jobs import chores
from tests.patience import PATIENCE_S
from tests.realtime.serving import free_port

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_schedule_but_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(SCHEDULE):
        monkeypatch.delitem(SCHEDULE, name)


def database_url() -> str:
    """The database under test, as another process is told of it."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    login = f"{quote(told['USER'])}:{quote(told['PASSWORD'])}" if told["PASSWORD"] else quote(told["USER"])
    return f"postgresql://{login}@{quote(told['HOST'], safe='')}:{told['PORT']}/{told['NAME']}"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def process() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts worker processes; whatever is left of them at the end is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*options: object, **extra: str) -> subprocess.Popen[bytes]:
        environment = (
            os.environ
            | extra
            | {
                "DJANGO_SETTINGS_MODULE": "niochat.settings",
                "VAR_DIR": str(settings.VAR_DIR),
                "DATABASE_URL": database_url(),
                "LOG_LEVEL": "CRITICAL",
            }
        )
        command = [sys.executable, "-m", "tests.jobs.chores", *map(str, options)]
        started.append(subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL))
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait()


def lines(log: Path, word: str) -> list[list[str]]:
    """What the chores noted with this word."""
    told = log.read_text().splitlines() if log.exists() else []
    return [line.split() for line in told if line.startswith(f"{word} ")]


def until(true: Callable[[], Any], seconds: float = 200) -> None:
    """Wait for it; fail where it does not come."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_the_jobs_of_a_killed_worker_are_given_again_once_its_lease_is_over(log: Path, process: Any) -> None:
    later("chore.slow", str(log), 60)
    killed = process("--lease", 2)
    until(lambda: lines(log, "began"))
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    lost = Job.objects.get()
    assert lost.state == State.RUNNING
    assert lost.lease_until is not None

    process()
    until(lambda: lines(log, "ended"))
    until(lambda: not Job.objects.exists())
    first, second = lines(log, "began")
    assert first[1] != second[1]
    assert float(second[2]) >= lost.lease_until.timestamp()


def test_a_worker_that_is_asked_to_stop_finishes_what_it_does_and_takes_nothing_more(log: Path, process: Any) -> None:
    later("chore.till_asked", str(log))
    running = process("--slots", 1)
    until(lambda: lines(log, "began"))
    later("chore.quick", str(log), 1)
    running.send_signal(signal.SIGTERM)

    assert running.wait(PATIENCE_S) == 0
    assert lines(log, "ended")
    assert Job.objects.get().name == "chore.quick"


def test_a_worker_that_is_asked_to_stop_does_not_wait_for_ever(log: Path, process: Any) -> None:
    later("chore.slow", str(log), 60)
    running = process("--grace", 0.5, "--lease", 2)
    until(lambda: lines(log, "began"))
    running.send_signal(signal.SIGTERM)

    assert running.wait(PATIENCE_S) == 1
    process()
    until(lambda: lines(log, "ended"))


def test_a_worker_shows_its_own_figures_where_it_is_told_to(process: Any) -> None:
    port = free_port()
    process("--metrics-port", port)

    def shown() -> bytes:
        with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_S) as answer:
            return bytes(answer.read())
        return b""

    until(lambda: b"niochat_happenings_dropped" in shown())


@contextmanager
def working(**options: Any) -> Iterator[Worker]:
    """A worker in this process, as the embedded default has it."""
    running = Worker(**options).start()
    try:
        yield running
    finally:
        assert running.stop(PATIENCE_S)


def test_four_workers_do_each_job_once(log: Path) -> None:
    with transaction.atomic():
        for number in range(200):
            later("chore.quick", str(log), number)

    with working(slots=2), working(slots=2), working(slots=2), working(slots=2):
        until(lambda: not Job.objects.exists())
    did = [int(line[1]) for line in lines(log, "did")]
    assert sorted(did) == list(range(200))


def leased_until() -> datetime:
    """When the only job would be given to somebody else."""
    until = Job.objects.get().lease_until
    assert until is not None
    return until


def test_a_long_job_keeps_its_lease(log: Path) -> None:
    later("chore.held", str(log))
    with working(lease_s=4), working(lease_s=4):
        until(lambda: lines(log, "began"))
        begun_until = leased_until()
        until(lambda: leased_until() > begun_until + timedelta(seconds=4))
        chores.let_go(log).touch()
        until(lambda: not Job.objects.exists())
    assert len(lines(log, "began")) == 1


def test_a_scheduled_task_runs_in_one_of_the_workers_at_a_time() -> None:
    ticked: list[None] = []
    every(seconds=0.8, name="test.tick")(lambda: ticked.append(None))
    began = time.monotonic()
    try:
        with working(), working(), working():
            until(lambda: len(ticked) >= 4)
    finally:
        TASKS.pop("test.tick")
        SCHEDULE.pop("test.tick")
    # One that is late does not put off the next: two may be close to each other, and are no more for that. SQLite's
    # clock shows milliseconds.
    assert len(ticked) - 1 <= (time.monotonic() - began + 0.01) / 0.8


@pytest.fixture
def heard() -> Iterator[threading.Event]:
    """Set by the job `test.hear`."""
    event = threading.Event()
    task("test.hear")(event.set)
    yield event
    TASKS.pop("test.hear")


def test_a_worker_in_the_same_process_starts_a_job_at_its_commit(
    heard: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL_S", 300)
    with working():
        time.sleep(0.3)
        with transaction.atomic():
            later("test.hear")
            assert not heard.wait(0.2)
        assert heard.wait(PATIENCE_S)


def test_ringing_in_a_process_with_a_worker_costs_no_query(django_assert_num_queries: Any) -> None:
    with working(), django_assert_num_queries(0):
        bell.ring()


def test_a_worker_stops_at_once_when_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "POLL_S", 300)
    with working():  # It gives its worker a minute to end.
        time.sleep(0.2)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("jobs")]


def test_a_job_that_fails_does_not_end_its_worker(heard: threading.Event) -> None:
    @task("test.broken")
    def broken() -> None:
        raise ValueError

    try:
        with working(slots=1):
            later("test.broken")
            until(lambda: Job.objects.filter(name="test.broken", state=State.READY, attempts=1))
            later("test.hear")
            assert heard.wait(PATIENCE_S)
    finally:
        TASKS.pop("test.broken")


@pytest.mark.postgres
def test_a_worker_in_another_process_is_woken_through_postgresql(log: Path, process: Any) -> None:
    process(CHORES_POLL_S="300")
    until(is_listening)
    later("chore.quick", str(log), 0)
    until(lambda: lines(log, "did"))


def is_listening() -> bool:
    """Whether some worker waits for PostgreSQL's notifications."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'")
        return cursor.fetchone() is not None


@pytest.mark.postgres
def test_a_worker_survives_the_loss_of_its_connections(heard: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "AFTER_AN_OUTAGE_S", 0.1)
    with working():
        time.sleep(0.3)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        # The thread of asynchronous tests has lost its connection too: it is to find out now, and not in one of them.
        SyncToAsync.single_thread_executor.submit(connections.close_all).result()
        time.sleep(0.5)
        later("test.hear")
        assert heard.wait(PATIENCE_S)


def test_the_chores_are_registered() -> None:
    assert chores.quick in [each.function for each in TASKS.values()]
