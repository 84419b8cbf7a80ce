"""The log (Stream, StreamEvent, Epoch) and who holds a socket right now (Connection, Visit, Presence)."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor

NAME_LENGTH = 99


class Stream(models.Model):
    """An address: `head` is the number of its last event, `floor` the number up to which events are gone.

    A missing row is a stream at head 0. The row is locked from `publish` to commit; that lock is the order.
    """

    name = models.CharField(_("name"), max_length=NAME_LENGTH, primary_key=True)
    head = models.BigIntegerField(_("last number"), default=0)
    floor = models.BigIntegerField(_("kept from"), default=0)

    class Meta:
        verbose_name = _("stream")
        verbose_name_plural = _("streams")
        constraints = [models.CheckConstraint(condition=models.Q(floor__lte=models.F("head")), name="floor_below_head")]

    def __str__(self) -> str:
        return f"{self.name} at {self.head}"


class StreamEvent(models.Model):
    """One numbered frame. `body` is the JSON that goes to sockets, encoded once, when it was published."""

    pk = models.CompositePrimaryKey("stream", "seq")
    stream = models.CharField(max_length=NAME_LENGTH)
    seq = models.BigIntegerField()
    type = models.CharField(max_length=40)
    body = models.TextField()
    # The database's clock: several servers' clocks would disagree about what is old.
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="stream_event_age")]

    def __str__(self) -> str:
        return f"{self.stream} {self.seq} {self.type}"


class Epoch(models.Model):
    """Which life of the database this is (one row). After a restore from a backup old cursors mean nothing."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    value = models.CharField(_("epoch"), max_length=32)

    class Meta:
        verbose_name = _("epoch")
        verbose_name_plural = _("epochs")

    def __str__(self) -> str:
        return self.value

    @classmethod
    def current(cls) -> str:
        """The epoch, made up at first use."""
        row, _made = cls._default_manager.get_or_create(pk=1, defaults={"value": secrets.token_hex(8)})
        return row.value

    @classmethod
    @transaction.atomic
    def renew(cls) -> str:
        """Begin a new epoch: every client takes a fresh snapshot when it comes back."""
        value = secrets.token_hex(8)
        cls._default_manager.update_or_create(pk=1, defaults={"value": value})
        return value


class OpenSocket(models.Model):
    """A lease on being online: one open socket, renewed by the process that holds it for as long as it lives.

    Times are the database's. A closed socket's lease is not deleted but shortened (`leaving`), so that a page that
    reloads does not blink. `whose` names the field that says who holds it.
    """

    whose: ClassVar[str]

    id = models.CharField(max_length=32, primary_key=True)
    process = models.CharField(_("process"), max_length=32)
    tenant_id = models.BigIntegerField()
    leaving = models.BooleanField(_("leaving"), default=False)
    connected_at = models.DateTimeField(_("connected at"), db_default=Now())
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        abstract = True


class Visit(OpenSocket):
    """A customer's open widget; a stranger has none before they have written."""

    whose = "contact_id"

    contact_id = models.BigIntegerField(_("contact"))

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [
            models.Index(fields=["tenant_id", "contact_id"], name="visit_contact"),
            models.Index(fields=["process"], name="visit_process"),
            models.Index(fields=["expires_at"], name="visit_expiry"),
        ]

    def __str__(self) -> str:
        return f"contact {self.contact_id} on {self.process}"

    @classmethod
    def contact_ids(cls, tenant_id: int) -> set[int]:
        """Which customers have a widget open right now."""
        rows = cls._default_manager.filter(tenant_id=tenant_id, expires_at__gt=Now())
        return set(rows.values_list("contact_id", flat=True))


class Connection(OpenSocket):
    """A member's open socket, of the dashboard or of another client."""

    whose = "user_id"

    user_id = models.BigIntegerField(_("user"))

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        indexes = [
            models.Index(fields=["tenant_id", "user_id"], name="connection_user"),
            models.Index(fields=["process"], name="connection_process"),
            models.Index(fields=["expires_at"], name="connection_expiry"),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} on {self.process}"

    @classmethod
    def is_online(cls, tenant_id: int, user_id: int) -> bool:
        """Whether the user holds a socket in this tenant right now."""
        return cls._default_manager.filter(tenant_id=tenant_id, user_id=user_id, expires_at__gt=Now()).exists()

    @classmethod
    def user_ids(cls, tenant_id: int) -> set[int]:
        """Who holds a socket in this tenant right now."""
        rows = cls._default_manager.filter(tenant_id=tenant_id, expires_at__gt=Now())
        return set(rows.values_list("user_id", flat=True))

    @classmethod
    def visible_to(cls, actor: Actor) -> models.QuerySet[Connection]:
        """The sockets of the actor's company."""
        return cls._default_manager.filter(tenant_id=actor.tenant_id)

    def shown(self) -> dict[str, Any]:
        """The connection as `GET realtime/stats` shows it."""
        return {"id": self.id, "companyId": self.tenant_id, "userId": self.user_id, "connected": not self.leaving}


class Seats(models.Model):
    """The conversations that a foreign client's connection has joined, kept for when it comes back.

    `lease` is its open socket's Connection, empty once that has ended. Times are the database's.
    """

    pid = models.CharField(max_length=32, primary_key=True)
    tenant_id = models.BigIntegerField()
    user_id = models.BigIntegerField(_("user"))
    lease = models.CharField(max_length=32, blank=True)
    conversation_ids = models.JSONField(default=list)
    kept_until = models.DateTimeField(_("kept until"))

    class Meta:
        verbose_name = _("seats")
        verbose_name_plural = _("seats")
        indexes = [
            models.Index(fields=["tenant_id", "user_id"], name="seats_user"),
            models.Index(fields=["kept_until"], name="seats_expiry"),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in {len(self.conversation_ids)} conversations"


class Presence(models.Model):
    """What a user chose to be seen as in a tenant, and when they were last there. Whether they are, leases tell."""

    class Status(models.TextChoices):
        ONLINE = "online", _("online")
        AWAY = "away", _("away")
        BUSY = "busy", _("busy")
        OFFLINE = "offline", _("offline")

    tenant_id = models.BigIntegerField()
    user_id = models.BigIntegerField(_("user"))
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.ONLINE)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "user_id"], name="presence_once_per_member"),
            models.CheckConstraint(
                condition=models.Q(status__in=["online", "away", "busy", "offline"]), name="presence_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id}: {self.status}"

    @classmethod
    def absent(cls, tenant_id: int) -> set[int]:
        """Who chose to be seen as away or offline, there or not."""
        chosen = cls._default_manager.filter(tenant_id=tenant_id, status__in=[cls.Status.AWAY, cls.Status.OFFLINE])
        return set(chosen.values_list("user_id", flat=True))
