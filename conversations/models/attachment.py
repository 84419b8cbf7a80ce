"""Attachment: a file that somebody sent, before and after it is part of a message."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.actor import Actor, Role
from accounts.models import TenantModel


class Attachment(TenantModel):
    """A stored file. Uploaded into a conversation first, then claimed by its uploader's message.

    `key` is where the bytes lie and is made by us; `name` is what the uploader called it and appears only in a
    Content-Disposition header. A visitor without a contact yet uploads under their `sender_key` into the inbox.
    """

    inbox = models.ForeignKey("conversations.Inbox", models.PROTECT, related_name="+", verbose_name=_("inbox"))
    conversation = models.ForeignKey(
        "conversations.Conversation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        verbose_name=_("conversation"),
    )
    message = models.ForeignKey(
        "conversations.Message",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        verbose_name=_("message"),
    )
    sender_key = models.CharField(_("sender"), max_length=64)
    key = models.CharField(max_length=120, unique=True)
    name = models.CharField(_("file name"), max_length=255)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    private = models.BooleanField(_("private note"), default=False)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(message__isnull=True), name="attachment_unclaimed"),
            # What is summed at every upload, read from the index alone.
            models.Index(fields=["tenant", "size"], condition=Q(deleted_at__isnull=True), name="attachment_in_use"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def visibility(cls, actor: Actor) -> Q:
        there = Q(deleted_at__isnull=True)
        if actor.role is Role.CONTACT:
            own = Q(message__isnull=True, sender_key=actor.key)
            public = Q(message__private=False, conversation__contact_id=actor.contact_id)
            return there & (own | public)
        return there & (~Q(inbox_id__in=actor.hidden_inboxes) if actor.hidden_inboxes else Q())

    @classmethod
    def by_link(cls, tenant_id: int, pk: int) -> Attachment:
        """The file that a signed link names; raises DoesNotExist for one that is gone or whose tenant is suspended."""
        return cls._default_manager.get(pk=pk, tenant_id=tenant_id, tenant__is_active=True, deleted_at__isnull=True)
