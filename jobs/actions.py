"""What people do to the queue."""

from __future__ import annotations

from django.db import transaction

from accounts.actor import Actor
from audit.models import Verb
from audit.records import record
from jobs import leases
from jobs.models import Job
from realtime.publish import publish


@transaction.atomic(durable=True)
def replay_job(actor: Actor, job_id: int) -> bool:
    """Give a dead letter of the actor's tenant all its attempts again; says whether it was one."""
    jobs = Job.visible_to(actor).filter(pk=job_id)
    job = jobs.first()
    if job is None or not leases.replay(jobs):
        return False
    publish(record(actor, Verb.JOB_REPLAYED, job, name=job.name, args=job.args, after_error=job.last_error))
    return True
