"""Print the description of the sockets' protocol."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from realtime.asyncapi import document


class Command(BaseCommand):
    help = "Prints the AsyncAPI 3 document of the sockets' protocol, as /api/v1/asyncapi/ serves it."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(document(), indent=2, ensure_ascii=False))
