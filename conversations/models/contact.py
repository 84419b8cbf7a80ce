"""Contact: a customer; ContactIdentity: how one inbox knows them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.actor import Actor, Role
from accounts.models import TenantModel


class Contact(TenantModel):
    """A customer of one tenant."""

    name = models.CharField(_("name"), max_length=120, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=32, blank=True, default="")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    avatar_url = models.CharField(_("photo"), max_length=500, blank=True, default="")
    # True once an inbox's secret has vouched for who this is.
    verified = models.BooleanField(_("identity verified"), default=False)
    metadata = models.JSONField(_("more about them"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["tenant", "name", "id"], name="contact_by_name"),
            models.Index(fields=["tenant", "phone"], name="contact_by_phone"),
            models.Index(fields=["tenant", "email"], name="contact_by_email"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What colleagues read: the name, else the phone, else the address, else a number."""
        return self.name or self.phone or self.email or f"#{self.pk}"

    @classmethod
    def visibility(cls, actor: Actor) -> Q:
        return Q(pk=actor.contact_id) if actor.role is Role.CONTACT else Q()

    @classmethod
    def known_as(cls, inbox_id: int, identifier: str) -> Contact | None:
        """The contact that an inbox knows by this name, if there is one."""
        return cls._default_manager.filter(identities__inbox_id=inbox_id, identities__identifier=identifier).first()


class ContactIdentity(TenantModel):
    """The name by which one inbox knows a contact: a visitor's id, a shop's customer number, a phone number."""

    inbox = models.ForeignKey("conversations.Inbox", models.PROTECT, related_name="identities", verbose_name=_("inbox"))
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="identities", verbose_name=_("contact"))
    identifier = models.CharField(_("identifier"), max_length=200)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [models.UniqueConstraint(fields=["inbox", "identifier"], name="identity_once_per_inbox")]

    def __str__(self) -> str:
        return self.identifier
