"""Putting work off: one statement in the caller's transaction, and a ring at the worker's door after commit."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from jobs.bell import ring
from jobs.registry import TASKS

if TYPE_CHECKING:
    from jobs.models import Job


def later(
    name: str,
    *args: Any,
    run_at: datetime | None = None,
    unique: str | None = None,
    tenant_id: int | None = None,
) -> None:
    """Queue one call of the task `name`; it exists if and only if the caller's transaction commits.

    `args` must be JSON (ids, not objects). `run_at` defaults to now, by the database's clock.

    While a job with the same `unique` key has not started, no second one is queued: the first keeps its arguments and
    moves to the earlier of the two times. It can't start before this transaction has ended, so it always sees what this
    transaction wrote. An action that queues several unique jobs does so in the order of their keys, or two of them may
    deadlock.

    Raises KeyError for a task that nobody registered.
    """
    # The package is imported before Django's models may be.
    from jobs.models import Job

    job = Job(
        name=name,
        args=list(args),
        tenant_id=tenant_id,
        unique_key=unique or "",
        max_attempts=TASKS[name].attempts,
    )
    insert(job, run_at)
    if run_at is None:
        transaction.on_commit(ring, robust=True)


COLUMNS = ["name", "args", "tenant_id", "unique_key", "state", "attempts", "max_attempts", "lease", "last_error"]


def insert(job: Job, run_at: datetime | None) -> None:
    """Insert the row, or move its waiting twin to the earlier time.

    Written by hand since Django's upsert knows no partial index. The twin's row stays locked until commit, and a claim
    skips locked rows: without that, a twin could start just before our commit and miss what we wrote.
    """
    fields = [job._meta.get_field(column) for column in COLUMNS]
    values = [field.get_db_prep_save(getattr(job, field.attname), connection) for field in fields]
    moment = job._meta.get_field("run_at").get_db_prep_save(run_at, connection)
    sql = f"""
        INSERT INTO {job._meta.db_table} ({", ".join(COLUMNS)}, run_at)
        VALUES ({", ".join(["%s"] * len(COLUMNS))}, COALESCE(%s, {NOW[connection.vendor]}))
        ON CONFLICT (unique_key) WHERE state = 'ready' AND NOT unique_key = ''
        DO UPDATE SET run_at = CASE WHEN excluded.run_at < {job._meta.db_table}.run_at
                               THEN excluded.run_at ELSE {job._meta.db_table}.run_at END
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, moment])


# Django's Now(), for a statement that Django does not write; `%` doubled for the driver.
NOW = {"postgresql": "STATEMENT_TIMESTAMP()", "sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW')"}
