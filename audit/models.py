"""The book: what was done, by whom, to what. Rows are added and read; nothing here can be changed or taken out."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor


class Verb(models.TextChoices):
    """What can have been done, in the past tense. The README lists them; clients see them as `action`."""

    CONVERSATION_CREATED = "conversation_created", _("conversation created")
    CONVERSATION_UPDATED = "conversation_updated", _("conversation changed")
    CONVERSATION_ASSIGNED = "conversation_assigned", _("conversation assigned")
    CONVERSATION_TRANSFERRED = "conversation_transferred", _("conversation transferred")
    CONVERSATION_SNOOZED = "conversation_snoozed", _("conversation snoozed")
    CONVERSATION_WOKEN = "conversation_woken", _("conversation woken")
    CONVERSATION_CLOSED = "conversation_closed", _("conversation closed")
    CONVERSATION_REOPENED = "conversation_reopened", _("conversation reopened")
    MESSAGE_RECEIVED = "message_received", _("message received")
    MESSAGE_SENT = "message_sent", _("message sent")
    MESSAGE_EDITED = "message_edited", _("message changed by the customer")
    MESSAGE_DELETED = "message_deleted", _("message deleted")
    MESSAGE_REACTED = "message_reacted", _("reaction changed")
    MESSAGE_FAILED = "message_failed", _("message failed")
    MESSAGE_RETRIED = "message_retried", _("message sent again")
    MESSAGE_LEFT = "message_left", _("uncertain message left as it is")
    NOTE_ADDED = "note_added", _("note added")
    ATTACHMENT_UPLOADED = "attachment_uploaded", _("file uploaded")
    SURVEY_SENT = "survey_sent", _("survey sent")
    SURVEY_ANSWERED = "survey_answered", _("survey answered")
    CONTACT_CREATED = "contact_created", _("contact created")
    CONTACT_UPDATED = "contact_updated", _("contact changed")
    INBOX_CREATED = "inbox_created", _("inbox created")
    INBOX_UPDATED = "inbox_updated", _("inbox changed")
    INBOX_DELETED = "inbox_deleted", _("inbox deleted")
    INBOX_PAUSED = "inbox_paused", _("inbox to be authorised again")
    INBOX_RESUMED = "inbox_resumed", _("inbox connected again")
    INBOX_SECRET_ROTATED = "inbox_secret_rotated", _("inbox secret renewed")
    DELIVERY_QUARANTINED = "delivery_quarantined", _("delivery set aside")
    DELIVERY_RETRIED = "delivery_retried", _("delivery tried again")
    DELIVERY_DISCARDED = "delivery_discarded", _("delivery thrown away")
    TEAM_CREATED = "team_created", _("team created")
    TEAM_UPDATED = "team_updated", _("team changed")
    TEAM_DELETED = "team_deleted", _("team deleted")
    LABEL_CREATED = "label_created", _("label created")
    LABEL_UPDATED = "label_updated", _("label changed")
    LABEL_DELETED = "label_deleted", _("label deleted")
    MEMBER_ADDED = "member_added", _("member added")
    MEMBER_CHANGED = "member_changed", _("member changed")
    MEMBER_REMOVED = "member_removed", _("member removed")
    USER_LOGGED_IN = "user_logged_in", _("logged in")
    USER_LOGGED_OUT = "user_logged_out", _("logged out")
    SESSION_REVOKED = "session_revoked", _("session ended")
    REFRESH_REUSED = "refresh_reused", _("used refresh token shown again")
    PASSWORD_CHANGED = "password_changed", _("password changed")
    PASSWORD_RESET_SENT = "password_reset_sent", _("link for a new password sent")
    KEY_CREATED = "key_created", _("client key created")
    KEY_REVOKED = "key_revoked", _("client key revoked")
    TENANT_CREATED = "tenant_created", _("company created")
    TENANT_UPDATED = "tenant_updated", _("company changed")
    TENANT_SUSPENDED = "tenant_suspended", _("company suspended")
    TENANT_RESTORED = "tenant_restored", _("company restored")
    AUDIT_EXPORTED = "audit_exported", _("audit exported")
    JOB_REPLAYED = "job_replayed", _("job replayed")


class Closed(Exception):
    """Somebody tried to change or remove what is written in the book."""

    def __init__(self) -> None:
        super().__init__("Audit records are only ever added.")


class Book(models.QuerySet["AuditRecord"]):
    """Reads and adds. Every way in which a queryset changes or removes rows is closed."""

    def update(self, **_values: Any) -> NoReturn:
        raise Closed

    def delete(self) -> NoReturn:
        raise Closed

    def bulk_update(self, *_args: Any, **_options: Any) -> NoReturn:
        raise Closed

    def _raw_delete(self, using: str | None) -> NoReturn:
        raise Closed


class AuditRecord(models.Model):
    """One thing that was done.

    Everything is written down as ids and words of that moment, never as a key: no deletion elsewhere reaches in here.
    On PostgreSQL a trigger refuses UPDATE, DELETE and TRUNCATE as well. `number` is the place in the tenant's chain;
    what `hash` covers stands in `audit.chain`.
    """

    tenant_id = models.BigIntegerField(_("tenant"))
    number = models.BigIntegerField(_("number"))
    verb = models.CharField(_("action"), max_length=40, choices=Verb.choices)
    user_id = models.BigIntegerField(_("user id"), null=True, blank=True)
    username = models.CharField(_("user"), max_length=150, blank=True, default="")
    contact_id = models.BigIntegerField(_("contact"), null=True, blank=True)
    origin = models.CharField(_("origin"), max_length=12)
    ip = models.CharField(_("address"), max_length=45, blank=True, default="")
    session_id = models.BigIntegerField(_("session"), null=True, blank=True)
    key_id = models.BigIntegerField(_("client key"), null=True, blank=True)
    target_type = models.CharField(_("target"), max_length=40, blank=True, default="")
    target_id = models.BigIntegerField(_("target id"), null=True, blank=True)
    conversation_id = models.BigIntegerField(_("conversation"), null=True, blank=True)
    details = models.JSONField(_("details"), default=dict)
    at = models.DateTimeField(_("time"))
    previous_hash = models.CharField(_("previous hash"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    # The present name of the contact that it is about, where a reader asked for it: see `audit.names`. In no column.
    contact_name = ""

    objects = Book.as_manager()

    class Meta:
        verbose_name = _("audit record")
        verbose_name_plural = _("audit")
        base_manager_name = "objects"
        ordering = ["tenant_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["tenant_id", "number"], name="audit_number_once")]
        indexes = [
            models.Index(fields=["tenant_id", "at"], name="audit_period"),
            models.Index(fields=["tenant_id", "user_id", "-number"], name="audit_user"),
            models.Index(fields=["tenant_id", "verb", "-number"], name="audit_verb"),
            models.Index(fields=["tenant_id", "target_type", "target_id", "-number"], name="audit_target"),
            models.Index(
                fields=["tenant_id", "conversation_id", "-number"],
                condition=models.Q(conversation_id__isnull=False),
                name="audit_conversation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.verb}"

    @classmethod
    def visible_to(cls, actor: Actor) -> models.QuerySet[AuditRecord]:
        """The records of the actor's tenant, the newest first."""
        return cls._default_manager.filter(tenant_id=actor.tenant_id).order_by("-number")

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise Closed
        super().save(*args, **options)

    def delete(self, *_args: Any, **_options: Any) -> NoReturn:
        raise Closed


class AuditChain(models.Model):
    """How far a tenant's chain goes and what it ends with: what tells a missing tail from the end of the book."""

    tenant_id = models.BigIntegerField(_("tenant"), primary_key=True)
    number = models.BigIntegerField(_("number"))
    previous = models.CharField(_("previous hash"), max_length=64)
    head = models.CharField(_("hash"), max_length=64)
    # The number up to which the chain was written down outside the database.
    anchored = models.BigIntegerField(_("anchored"), default=0)

    class Meta:
        verbose_name = _("audit chain")
        verbose_name_plural = _("audit chains")

    def __str__(self) -> str:
        return f"{self.tenant_id}: {self.number}"
