"""Job, a leased row; Beat, when a scheduled task runs next."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor


class State(models.TextChoices):
    READY = "ready", _("ready")
    RUNNING = "running", _("running")
    DEAD = "dead", _("dead letter")


class Job(models.Model):
    """One call of a task that is still owed. A finished job is deleted: what it did stands in the rows that it changed.

    `lease` names the claim under which it runs; whoever holds another one, or none, may not touch the row any more.
    Times are the database's own, so that workers whose clocks disagree still agree on a lease.
    """

    name = models.CharField(_("task"), max_length=100)
    args = models.JSONField(_("arguments"), default=list)
    # A plain id: jobs must never be deleted, or a tenant's row locked, because of a foreign key.
    tenant_id = models.BigIntegerField(_("tenant"), null=True, blank=True)
    unique_key = models.CharField(_("unique key"), max_length=200, blank=True, default="")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.READY)
    run_at = models.DateTimeField(_("runs at"), db_default=Now())
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveSmallIntegerField(_("attempts at most"))
    lease = models.CharField(max_length=32, blank=True, default="")
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True, default="")
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["run_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unique_key"], condition=Q(state="ready") & ~Q(unique_key=""), name="job_waits_once"
            ),
            models.CheckConstraint(condition=Q(state__in=["ready", "running", "dead"]), name="job_state_known"),
        ]
        indexes = [
            models.Index(fields=["run_at"], condition=Q(state="ready"), name="job_due"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="job_lease_over"),
            models.Index(fields=["unique_key"], condition=Q(state="dead"), name="job_dead"),
            models.Index(fields=["tenant_id", "state"], name="job_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"

    @classmethod
    def visible_to(cls, actor: Actor) -> models.QuerySet[Job]:
        """The jobs of the actor's tenant; those of no tenant belong to the platform."""
        return cls._default_manager.filter(tenant_id=actor.tenant_id)


class Beat(models.Model):
    """When a scheduled task is due next; whoever moves it on is the one that queues the job."""

    name = models.CharField(_("task"), max_length=100, primary_key=True)
    next_at = models.DateTimeField(_("due at"), db_default=Now())
    last_at = models.DateTimeField(_("queued last at"), null=True, blank=True)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
