"""The queue in the back office: what waits, what runs, what died, and a button that tries it again."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.backoffice.buttons import Button
from accounts.backoffice.pages import TenantAdmin
from jobs.actions import replay_job
from jobs.models import Beat, Job, State


@admin.register(Job)
class JobsAdmin(TenantAdmin[Job]):
    """A tenant's own jobs; those of the platform are its staff's. Dead letters come first."""

    tenant_path = "tenant_id"
    list_display = ["name", "state", "run_at", "attempts", "max_attempts", "last_error", "created_at"]
    list_filter = ["state", "name"]
    search_fields = ["name", "unique_key"]
    ordering = ["state", "run_at"]
    fields = [
        "name",
        "args",
        "unique_key",
        "state",
        "run_at",
        "lease_until",
        "attempts",
        "max_attempts",
        "last_error",
        "created_at",
    ]
    buttons = [
        Button(
            "replay",
            gettext_lazy("try again"),
            "jobs.replay",
            lambda actor, row: replay_job(actor, row.pk),
            lambda row: row.state == State.DEAD,
        )
    ]
    actions = ["replay_chosen"]

    @admin.action(description=gettext_lazy("Try the chosen dead letters again"))
    def replay_chosen(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        desk = self.desk(request)
        replayed = [replay_job(desk.actor(job.tenant_id), job.pk) for job in chosen.filter(state=State.DEAD)]
        self.message_user(request, _("%(count)s jobs will be tried again.") % {"count": sum(replayed)})


@admin.register(Beat)
class BeatsAdmin(TenantAdmin[Beat]):
    tenant_path = ""
    list_display = ["name", "next_at", "last_at"]
    fields = ["name", "next_at", "last_at"]
