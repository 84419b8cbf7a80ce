"""Seal stored secrets under the newest key."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError

from conversations.actions import reseal_secrets


class Command(BaseCommand):
    help = "Seals every stored secret anew under the first of ENCRYPTION_KEYS; after that the others can be dropped."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = reseal_secrets()
        except InvalidToken:
            raise CommandError("A secret is sealed by a key that is not listed; nothing was changed.") from None
        self.stdout.write(f"Sealed anew: {count}.")
