"""After a restore from a backup: tell every client that what it knows may not be so."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from realtime.models import Epoch


class Command(BaseCommand):
    help = "Begins a new epoch. Run it after restoring the database: every client then takes a fresh snapshot."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"The epoch is now {Epoch.renew()}.")
