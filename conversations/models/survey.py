"""Survey: the one question after a conversation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.actor import Actor, Role
from accounts.models import TenantModel

if TYPE_CHECKING:
    from conversations.models.message import Message

CHANGEABLE_FOR = timedelta(days=14)


class Survey(TenantModel):
    """A request for a rating and, once answered, the rating. The rated agent is fixed when it is sent."""

    conversation = models.ForeignKey(
        "conversations.Conversation", models.PROTECT, related_name="surveys", verbose_name=_("conversation")
    )
    inbox = models.ForeignKey("conversations.Inbox", models.PROTECT, related_name="+", verbose_name=_("inbox"))
    contact = models.ForeignKey("conversations.Contact", models.PROTECT, related_name="+", verbose_name=_("contact"))
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("rated agent")
    )
    sent_at = models.DateTimeField(_("sent at"), default=clock.now)
    rating = models.PositiveSmallIntegerField(_("rating"), null=True, blank=True)
    feedback = models.TextField(_("feedback"), blank=True, default="")
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="survey_rating_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True, answered_at__isnull=True)
                | Q(rating__isnull=False, answered_at__isnull=False),
                name="survey_answered_with_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "sent_at"], name="survey_by_sending"),
            models.Index(fields=["tenant", "answered_at"], name="survey_by_answer"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @classmethod
    def visibility(cls, actor: Actor) -> Q:
        if actor.role is Role.CONTACT:
            return Q(contact_id=actor.contact_id)
        if actor.oversees:
            return Q()
        own = Q(agent_id=actor.user_id)
        return own & ~Q(inbox_id__in=actor.hidden_inboxes) if actor.hidden_inboxes else own

    @property
    def token(self) -> str:
        """The survey's public name: its number signed with 256 bits, so that nothing secret is stored."""
        return Signer(salt="survey", sep=".").sign(str(self.pk))

    @property
    def url(self) -> str:
        return f"{settings.PUBLIC_URL}/s/{self.token}/"

    @property
    def closes_at(self) -> datetime:
        return self.sent_at + CHANGEABLE_FOR

    @classmethod
    def asked_by(cls, message: Message) -> Survey | None:
        """The survey that a message of the product's own asks for; no agent's message is one."""
        pk = message.metadata.get("survey")
        if message.sender_type != "bot" or not isinstance(pk, int):
            return None
        return cls._default_manager.filter(pk=pk, tenant_id=message.tenant_id).first()

    @classmethod
    def by_token(cls, token: str) -> Survey:
        """The survey that a link names; raises DoesNotExist for a forged one, and when the tenant is suspended."""
        try:
            pk = Signer(salt="survey", sep=".").unsign(token)
        except BadSignature:
            raise cls.DoesNotExist from None
        rows = cls._default_manager.select_related("tenant", "contact", "agent", "inbox", "conversation")
        return rows.get(pk=int(pk), tenant__is_active=True)
