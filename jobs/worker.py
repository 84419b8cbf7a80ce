"""The worker: one thread that claims and keeps leases, a few that run jobs; a process of its own or in the server's."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from jobs import bell, leases, schedule
from jobs.models import Job
from jobs.registry import TASKS

logger = logging.getLogger("jobs")

POLL_S = 0.25
AFTER_AN_OUTAGE_S = 1.0


def perform(job: Job) -> None:
    """Run one claimed job and settle its row. Job functions open their own transactions."""
    try:
        TASKS[job.name].function(*job.args)
    except Exception as error:  # noqa: BLE001 - whatever a job raises is its failure, not the worker's
        leases.fail(job, error)
    else:
        leases.finish(job)


def drain() -> int:
    """Run everything that is due, and what comes of it, here and now; says how many jobs. For tests and `--once`."""
    count = 0
    while found := leases.claim(1):
        perform(found[0])
        count += 1
    return count


class Pace:
    """Says `due` once at the start and then once in each interval; by the monotonic clock, which nobody sets."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.next = time.monotonic()

    def due(self) -> bool:
        if time.monotonic() < self.next:
            return False
        self.next = time.monotonic() + self.seconds
        return True


@contextmanager
def outages_survived(pause: threading.Event) -> Iterator[None]:
    """Log what went wrong with the queue itself (the database is away, mostly), wait a little and go on."""
    try:
        yield
    except Exception:
        logger.exception("the job queue can't be reached; trying again")
        connection.close()
        pause.wait(AFTER_AN_OUTAGE_S)


def give_back_connection() -> None:
    """Return PostgreSQL's connection to the pool; SQLite's stays open: opening one costs more than a short job."""
    if connection.vendor == "postgresql":
        connection.close()


class Worker:
    """`start()` returns at once. `stop()` claims nothing more and waits for the running jobs, at most `grace` seconds.

    A job that is still running then is given again to another worker once its lease is over; so is everything that a
    killed worker had.
    """

    def __init__(self, *, slots: int = 4, lease_s: float = leases.LEASE_S) -> None:
        self.slots = slots
        self.lease_s = lease_s
        self.running: dict[int, Job] = {}
        self.handed: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.bell = threading.Event()
        self.stopping = threading.Event()
        self.threads: list[threading.Thread] = []

    def start(self) -> Worker:
        bell.BELLS.add(self.bell)
        bodies: list[Callable[[], None]] = [self._dispatch, *[self._run] * self.slots]
        if connection.vendor == "postgresql":
            bodies.append(self._listen)
        # Daemons: a job that hangs must not keep a process alive that wants to end.
        self.threads = [threading.Thread(target=body, name=f"jobs{body.__name__}", daemon=True) for body in bodies]
        for thread in self.threads:
            thread.start()
        return self

    def stop(self, grace: float = 20.0) -> bool:
        """Whether everything ended in time."""
        until = time.monotonic() + grace
        self.stopping.set()
        self.bell.set()
        bell.BELLS.discard(self.bell)
        for thread in self.threads:
            thread.join(max(0.0, until - time.monotonic()))
        if late := [str(job) for job in self.running.values()]:
            logger.error("stopped with unfinished jobs, which will run again: %s", ", ".join(late))
        return not late

    # --- the dispatcher's thread

    def _dispatch(self) -> None:
        """Claim, keep and tick, until told to stop and the last job is done."""
        keep, clock = Pace(self.lease_s / 3), Pace(1.0)
        while not self.stopping.is_set() or self.running:
            self.bell.clear()
            with outages_survived(self.bell):
                if keep.due():
                    leases.renew(list(self.running.values()), self.lease_s)
                if not self.stopping.is_set():
                    if clock.due():
                        schedule.tick()
                    self._hand_out()
            self.bell.wait(POLL_S)
        for _slot in range(self.slots):
            self.handed.put(None)
        connection.close()

    def _hand_out(self) -> None:
        free = self.slots - len(self.running)
        for job in leases.claim(free, self.lease_s) if free else []:
            self.running[job.pk] = job
            self.handed.put(job)

    # --- the threads that run jobs

    def _run(self) -> None:
        while job := self.handed.get():
            with outages_survived(self.bell):
                perform(job)
            self.running.pop(job.pk, None)
            self.bell.set()
            give_back_connection()
        connection.close()

    # --- the thread that hears other processes ring

    def _listen(self) -> None:
        while not self.stopping.is_set():
            with outages_survived(self.stopping):
                bell.listen(self.bell, self.stopping.is_set)
