"""Django's development server, as Daphne runs it, with the background jobs that the product can't do without."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from typing import Any

from daphne.management.commands.runserver import Command as DaphneCommand
from django.conf import settings
from django.core.management.base import CommandParser

from jobs.worker import Worker

# A reload must not wait for a job: what it cuts off is given again.
WORKER_GRACE_S = 1.0
MISSING = "Background jobs (messages going out, among others) do not run here: run `manage.py work` beside it."


class Command(DaphneCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--worker",
            action=BooleanOptionalAction,
            default=not settings.REDIS_URL,
            help="run background jobs in this process (default: where there is no Redis; else run `manage.py work`)",
        )

    def inner_run(self, *args: Any, **options: Any) -> None:
        """Serve; called anew, in a process of its own, after each change of the code."""
        if not options["worker"]:
            self.stdout.write(MISSING)
            super().inner_run(*args, **options)
            return
        worker = Worker().start()
        try:
            super().inner_run(*args, **options)
        finally:
            worker.stop(WORKER_GRACE_S)
