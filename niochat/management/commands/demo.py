"""Load the demonstration."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import clock
from niochat.demo import cast, history

WEEKS = 6


class Command(BaseCommand):
    help = "Makes two companies, demo and other, with people, inboxes and weeks of work. Keeps what is there already."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--weeks", type=int, default=WEEKS, help=f"how many weeks of history (default: {WEEKS})")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo has public passwords, so it is loaded only where DEBUG=1.")
        now, weeks = clock.now(), options["weeks"]
        for plan in cast.PLANS:
            company = cast.found(plan, now - timedelta(weeks=weeks, days=3))
            if history.is_there(company):
                self.stdout.write(f"{plan.slug}: kept as it is")
            else:
                self.stdout.write(f"{plan.slug}: writing {weeks} weeks of its life, which takes a while")
                self.stdout.flush()
                count = history.write(company, plan, now, weeks)
                self.stdout.write(f"{plan.slug}: {count} conversations of {weeks} weeks")
