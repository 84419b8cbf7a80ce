"""Check the audit chains."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Tenant
from audit.anchors import read_anchors
from audit.verification import tenants_on_record, verify


class Command(BaseCommand):
    help = (
        "Reads every audit record and reports those that were changed, removed, moved or cut off, "
        "and those that differ from the heads kept outside the database. Exits with 1 if there are any."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", help="only this tenant (its slug)")

    def handle(self, *_args: Any, **options: Any) -> None:
        anchors = read_anchors()
        broken = 0
        for tenant_id in self.chosen(options["tenant"], set(anchors)):
            findings = verify(tenant_id, anchors.get(tenant_id))
            for finding in findings:
                self.stderr.write(f"tenant {tenant_id}: record {finding.number} {finding.what}")
            if not findings:
                self.stdout.write(f"tenant {tenant_id}: in order")
            broken += bool(findings)
        if broken:
            sys.exit(1)

    def chosen(self, slug: str | None, anchored: set[int]) -> list[int]:
        """The tenants to check: the one named, or every one that has or ever had a record."""
        if slug is None:
            return sorted(tenants_on_record() | anchored)
        try:
            return [Tenant.by_slug(slug).pk]
        except Tenant.DoesNotExist:
            raise CommandError(f"There is no tenant {slug!r}.") from None
