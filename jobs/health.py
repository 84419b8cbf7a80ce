"""Does anybody work?"""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from jobs.models import Beat, Job, State

PATIENCE = timedelta(seconds=60)


def keeping_up() -> bool:
    """Whether no job and no scheduled task has been due for longer than a minute."""
    limit = Now() - PATIENCE
    waiting = Job.objects.filter(state=State.READY, run_at__lt=limit)
    return not waiting.exists() and not Beat.objects.filter(next_at__lt=limit).exists()
