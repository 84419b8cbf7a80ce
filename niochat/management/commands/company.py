"""Make a company and invite its first admin."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email, validate_slug

from accounts.actions.platform import found_company
from accounts.errors import Refused
from accounts.invitations import link, token_for


class Command(BaseCommand):
    help = "Makes a company with an invitation for its first admin, and prints the invitation's link (good for a week)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the company's name, as people read it")
        parser.add_argument("slug", help="its short name for log-ins: letters, digits and hyphens")
        parser.add_argument("email", help="the first admin's e-mail address")

    def handle(self, *args: Any, **options: Any) -> None:
        name, slug, email = options["name"], options["slug"], options["email"]
        try:
            validate_slug(slug)
            validate_email(email)
            place = found_company(name=name, slug=slug, email=email)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except Refused as refused:
            raise CommandError(refused.detail) from None
        self.stdout.write(f"{name} is there. Its first admin answers here:\n{link(token_for(place))}")
