"""Claiming due jobs, keeping them, and letting them go: done, again later, or dead."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from jobs.failures import describe, waits
from jobs.models import Job, State
from jobs.queue import later
from jobs.registry import TASKS, GiveUp

logger = logging.getLogger("jobs")

# For so long what a killed worker was doing lies still. Living ones renew their leases three times as often.
LEASE_S = 20.0


def claim(limit: int, lease_s: float = LEASE_S) -> list[Job]:
    """Take up to `limit` due jobs, and jobs whose lease ran out because their worker died; they are ours until then.

    Only tasks that this process knows: during a deployment the older workers leave the newer tasks alone.
    """
    # Looking first keeps an idle worker from taking SQLite's one write lock four times a second.
    tasks = tuple((name, task.alone) for name, task in TASKS.items())
    if not is_anything_due(tasks):
        return []
    rows = due(tasks).order_by("run_at", "pk")
    with transaction.atomic():
        # SQLite has no row locks and ignores the clause: there the transaction itself is exclusive from its start.
        found = list(rows.select_for_update(skip_locked=True)[:limit])
        return take([job for job in found if not buried(job)], lease_s)


# What this process can do: the tasks' names, and whether jobs of them with the same unique key run one after the other.
Tasks = tuple[tuple[str, bool], ...]


def due(tasks: Tasks) -> QuerySet[Job]:
    """What may run now."""
    is_due = Q(state=State.READY, run_at__lte=Now()) | Q(state=State.RUNNING, lease_until__lte=Now())
    names = [name for name, _alone in tasks]
    return Job.objects.filter(is_due & ~must_wait([name for name, alone in tasks if alone]), name__in=names)


def must_wait(alone: list[str]) -> Q:
    """Of which ready jobs another one with the same unique key still runs, where such run alone.

    Looking is enough: there is one ready job of a key, and a second can be queued only once the first's claim is there
    to be seen.
    """
    running = Job.objects.filter(state=State.RUNNING, unique_key=OuterRef("unique_key")).order_by()
    return Q(Exists(running), state=State.READY, name__in=alone)


def is_anything_due(tasks: Tasks) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(*look(tasks))
        return cursor.fetchone() is not None


@cache
def look(tasks: Tasks) -> tuple[str, tuple[Any, ...]]:
    """The SQL that finds one job that is due: Django would take longer to compile it than the database to answer."""
    sql, parameters = due(tasks).order_by().values("pk")[:1].query.sql_with_params()
    return str(sql), tuple(parameters)


def buried(job: Job) -> bool:
    """Whether the job has killed or outlived a worker on its last attempt; then it is a dead letter from now on."""
    if job.attempts < job.max_attempts:
        return False
    bury(job, Job.objects.filter(pk=job.pk), "Its worker died, on the last attempt.")
    logger.error("job %s is dead: its worker died on the last attempt", job)
    return True


def take(found: list[Job], lease_s: float) -> list[Job]:
    """Write our lease on the rows."""
    lease = uuid.uuid4().hex
    Job.objects.filter(pk__in=[job.pk for job in found]).update(
        state=State.RUNNING, lease=lease, lease_until=Now() + timedelta(seconds=lease_s), attempts=F("attempts") + 1
    )
    for job in found:
        job.state, job.lease, job.attempts = State.RUNNING, lease, job.attempts + 1
    return found


def ours(*jobs: Job) -> QuerySet[Job]:
    """The rows of these jobs as far as we still hold their leases."""
    return Job.objects.filter(
        pk__in=[job.pk for job in jobs], lease__in={job.lease for job in jobs}, state=State.RUNNING
    )


def renew(jobs: Iterable[Job], lease_s: float = LEASE_S) -> int:
    """Keep the running jobs for another lease; says how many are still ours."""
    return ours(*jobs).update(lease_until=Now() + timedelta(seconds=lease_s))


def finish(job: Job) -> None:
    """The job is done and its row goes, and so does a dead letter that was about the same."""
    done, _rows = ours(job).delete()
    drop_dead_twin(job)
    if not done:
        logger.warning("job %s was finished after its lease had ended; it may have run twice", job)


def fail(job: Job, error: Exception) -> None:
    """Put the job off by its backoff, or among the dead letters where trying again is of no use."""
    told = describe(error)
    if isinstance(error, GiveUp) or job.attempts >= job.max_attempts:
        bury(job, ours(job), told)
        logger.error("job %s is dead after %s attempts: %s", job, job.attempts, told)
        return
    delay = waits(job.attempts, error)
    logger.warning("job %s failed, again in %.0f s: %s", job, delay, told)
    put_back(job, told, Now() + timedelta(seconds=delay))


def bury(job: Job, row: QuerySet[Job], told: str) -> None:
    """Put the row among the dead letters, where it takes the place of an older one with the same unique key.

    Else a task that runs each minute and always fails would leave a thousand of them a day. What its task wants done
    then is queued in the same transaction, so no crash leaves a letter that nobody heard of.
    """
    with transaction.atomic():
        drop_dead_twin(job)
        if row.update(state=State.DEAD, last_error=told, lease="", lease_until=None):
            queue_after(job, TASKS[job.name].when_dead)


def queue_after(job: Job, name: str) -> None:
    """Queue the task `name`, if there is one, with the job's own arguments."""
    if name:
        later(name, *job.args, unique=f"{name}:{job.pk}", tenant_id=job.tenant_id)


def drop_dead_twin(job: Job) -> None:
    if job.unique_key:
        Job.objects.filter(state=State.DEAD, unique_key=job.unique_key).exclude(pk=job.pk).delete()


def put_back(job: Job, told: str, run_at: object) -> None:
    """Ready again; but where a twin with the same unique key has been queued meanwhile, the twin does the work."""
    try:
        with transaction.atomic():
            ours(job).update(state=State.READY, run_at=run_at, last_error=told, lease="", lease_until=None)
    except IntegrityError:
        ours(job).delete()


def replay(rows: QuerySet[Job]) -> int:
    """Give dead letters all their attempts again, from now on; says how many. A waiting twin stands in for its like.

    One whose task is not there any more stays dead: nobody could run it.
    """
    revived = 0
    for job in rows.filter(state=State.DEAD, name__in=list(TASKS)):
        dead = Job.objects.filter(pk=job.pk, state=State.DEAD)
        try:
            with transaction.atomic():
                revived += dead.update(state=State.READY, run_at=Now(), attempts=0)
                queue_after(job, TASKS[job.name].when_replayed)
        except IntegrityError:
            dead.delete()
    return revived
