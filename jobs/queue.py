"""Putting work off: one statement in the caller's transaction, and a ring at the worker's door after commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from accounts.compiled_writes import Columns
from jobs.bell import ring
from jobs.registry import TASKS

# SQL that selects rows, and its parameters.
Query = tuple[str, Sequence[Any]]


def later(
    name: str,
    *args: Any,
    run_at: datetime | None = None,
    unique: str | None = None,
    tenant_id: int | None = None,
    only_if: Query | None = None,
) -> None:
    """Queue one call of the task `name`; it exists if and only if the caller's transaction commits.

    `args` must be JSON (ids, not objects). `run_at` defaults to now, by the database's clock.

    While a job with the same `unique` key has not started, no second one is queued: the first keeps its arguments and
    moves to the earlier of the two times. It can't start before this transaction has ended, so it always sees what this
    transaction wrote. An action that queues several unique jobs does so in the order of their keys, or two of them may
    deadlock.

    `only_if` selects rows without any of which nothing is queued; it is asked by the same statement.

    Raises KeyError for a task that nobody registered.
    """
    insert(made(name, args, unique or "", tenant_id), run_at, only_if, EARLIER)
    if run_at is None:
        transaction.on_commit(ring, robust=True)


def made(name: str, args: Sequence[Any], unique: str, tenant_id: int | None) -> Model:
    """The job, unsaved. By name, since this package is imported before Django's models may be."""
    job: Model = apps.get_model("jobs", "Job")(
        name=name, args=list(args), tenant_id=tenant_id, unique_key=unique, max_attempts=TASKS[name].attempts
    )
    return job


def wake(name: str, *args: Any, unique: str, tenant_id: int | None = None) -> None:
    """Have the task `name` run soon, unless it waits to run already.

    For work that rows of the trade owe by themselves, many of them one job's: call it after their commit, so that a
    job which waits is sure to see them. A call that a crash swallows must be made up for by a sweep.

    Where the job waits already this locks nothing and wakes nobody, however many call.
    """
    if insert(made(name, args, unique, tenant_id), None, None, SOONER):
        ring()


COLUMNS = (
    "name",
    "args",
    "tenant_id",
    "unique_key",
    "state",
    "attempts",
    "max_attempts",
    "lease",
    "last_error",
)
# Written by hand since Django's upsert knows no partial index. The waiting twin's row stays locked until commit, and a
# claim skips locked rows: without that, the twin could start just before our commit and miss what we wrote.
INSERT = """
    INSERT INTO jobs_job (name, args, tenant_id, unique_key, state, attempts, max_attempts, lease, last_error, run_at)
    SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, COALESCE(%s, CURRENT_TIMESTAMP) WHERE {condition}
    ON CONFLICT (unique_key) WHERE state = 'ready' AND NOT unique_key = ''
    DO UPDATE SET run_at = {earlier} RETURNING id
"""
EARLIER = "CASE WHEN excluded.run_at < jobs_job.run_at THEN excluded.run_at ELSE jobs_job.run_at END"
SOONER = "excluded.run_at WHERE excluded.run_at < jobs_job.run_at"


def insert(job: Model, run_at: datetime | None, only_if: Query | None, earlier: str) -> bool:
    """Insert the row, or move its waiting twin to the earlier time. Without a `run_at` it is the database's now.

    Says whether there was something to do.
    """
    condition, needed = exists(only_if)
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(run_at)
        sql = INSERT.format(condition=condition, earlier=earlier)
        cursor.execute(sql, [*columns().values(job), moment, *needed])
        return cursor.fetchone() is not None


@cache
def columns() -> Columns[Model]:
    """The job's, but for its time; looked up at the first job, since models may not be there before."""
    return Columns(apps.get_model("jobs", "Job"), COLUMNS)


def exists(rows: Query | None) -> Query:
    """The condition that there are any such rows; no rows asked for are always there."""
    return ("1 = 1", ()) if rows is None else (f"EXISTS ({rows[0]})", rows[1])
