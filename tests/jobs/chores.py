"""Jobs for worker processes under test, and a worker that knows them: `python -m tests.jobs.chores [options of work]`.

A chore writes down when it starts and ends, one line each, in the file that it is given.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from jobs import bell, registry, task


def note(log: str, *words: object) -> None:
    """Add a line in one write, so that processes do not mix theirs."""
    line = " ".join(map(str, (*words, os.getpid(), time.time()))) + "\n"
    number = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(number, line.encode())
    os.close(number)


@task("chore.quick")
def quick(log: str, number: int) -> None:
    note(log, "did", number)


@task("chore.slow")
def slow(log: str, seconds: float) -> None:
    """Takes its time, but only when it runs for the first time."""
    first = not Path(log).exists()
    note(log, "began")
    if first:
        time.sleep(seconds)
    note(log, "ended")


@task("chore.held")
def held(log: str) -> None:
    """Ends when it is let go."""
    note(log, "began")
    while not let_go(log).exists():
        time.sleep(0.02)
    note(log, "ended")


def let_go(log: str | Path) -> Path:
    """The file that lets go of what is held."""
    return Path(f"{log}.enough")


@task("chore.till_asked")
def till_asked(log: str) -> None:
    """Ends when its worker has been asked to stop."""
    note(log, "began")
    while bell.BELLS:
        time.sleep(0.02)
    note(log, "ended")


if __name__ == "__main__":
    import django

    django.setup()
    from django.core.management import call_command

    from jobs import worker

    registry.SCHEDULE.clear()
    worker.POLL_S = float(os.environ.get("CHORES_POLL_S", worker.POLL_S))

    call_command("work", *sys.argv[1:])
