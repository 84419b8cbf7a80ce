"""Write the generated parts of README.md and docs/ anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from niochat.documents import pages, renewed


class Command(BaseCommand):
    help = "Write the tables in README.md and docs/ that are made from the code."

    def handle(self, *args: Any, **options: Any) -> None:
        for page in pages():
            text = page.read_text()
            if text != renewed(text):
                page.write_text(renewed(text))
                self.stdout.write(f"{page.name}: written anew")
