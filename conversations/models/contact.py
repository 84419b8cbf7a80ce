"""Contact: a customer; ContactIdentity: how one inbox knows them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.actor import Actor, Role
from accounts.compiled import Compiled
from accounts.models import Tenant, TenantModel
from conversations.phones import canonical, region_of

if TYPE_CHECKING:
    from conversations.models.inbox import Inbox

# What may be a phone or a part of one; with fewer digits than these everybody's is meant.
PHONE = re.compile(r"\+?[0-9 ().-]+", re.ASCII)
SHORTEST_PART = 4


class Contact(TenantModel):
    """A customer of one tenant."""

    name = models.CharField(_("name"), max_length=120, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=32, blank=True, default="")
    # The same in E.164, however it was written; "" for what is no number.
    phone_key = models.CharField(max_length=16, blank=True, default="", editable=False)
    email = models.EmailField(_("e-mail"), blank=True, default="")
    avatar_url = models.CharField(_("photo"), max_length=500, blank=True, default="")
    # True once an inbox's secret has vouched for who this is.
    verified = models.BooleanField(_("identity verified"), default=False)
    metadata = models.JSONField(_("more about them"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)
    photo_asked_at = models.DateTimeField(null=True, blank=True, editable=False)

    # By which of their names they were found, where they were.
    known_by: ContactIdentity | None = None

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["tenant", "name", "id"], name="contact_by_name"),
            models.Index(fields=["tenant", "phone"], name="contact_by_phone"),
            models.Index(fields=["tenant", "phone_key"], condition=~Q(phone_key=""), name="contact_by_phone_key"),
            models.Index(fields=["tenant", "email"], name="contact_by_email"),
        ]

    def __str__(self) -> str:
        return self.label

    def save(self, **options: Any) -> None:
        """Keep `phone_key` in step with the phone."""
        written = options.get("update_fields")
        if written is None or "phone" in written:
            self.phone_key = self.canonical_phone()
            if written is not None:
                options["update_fields"] = [*written, "phone_key"]
        super().save(**options)

    def canonical_phone(self) -> str:
        """The phone in E.164; a number without a country is one of the tenant's."""
        if not self.phone or self.phone.startswith("+"):
            return canonical(self.phone) if self.phone else ""
        return canonical(self.phone, region_of(self.tenant.timezone))

    @classmethod
    def of_number(cls, tenant_id: int, key: str) -> models.QuerySet[Contact]:
        """The tenant's contacts with this number (E.164), the oldest first. Nobody who chats in a widget is among them:
        what they are called there is their own word.
        """
        chatting = ContactIdentity.objects.filter(tenant_id=tenant_id, inbox__channel="webchat")
        rows = cls._default_manager.filter(tenant_id=tenant_id, phone_key=key) if key else cls._default_manager.none()
        return rows.exclude(pk__in=chatting.values("contact_id")).order_by("pk")

    @classmethod
    def with_phone(cls, tenant_id: int, text: str, path: str = "") -> Q:
        """Which rows have this phone, or this part of one, however it is written; `path` leads to the contact."""
        found = Q(**{f"{path}phone__icontains": text})
        digits = "".join(one for one in text if one.isdigit())
        if len(digits) < SHORTEST_PART or not PHONE.fullmatch(text):
            return found
        zone = Tenant._default_manager.values_list("timezone", flat=True).get(pk=tenant_id)
        key = canonical(text, region_of(zone))
        return found | Q(**{f"{path}phone_key": key} if key else {f"{path}phone_key__contains": digits})

    @property
    def label(self) -> str:
        """What colleagues read: the name, else the phone, else the address, else a number."""
        return self.name or self.phone or self.email or f"#{self.pk}"

    @classmethod
    def labels(cls, tenant_id: int, ids: Collection[int]) -> dict[int, str]:
        """What these contacts of a tenant are called; one that is gone is not among them."""
        rows = cls._default_manager.filter(tenant_id=tenant_id, pk__in=ids).only("name", "phone", "email")
        return {contact.pk: contact.label for contact in rows}

    @classmethod
    def visibility(cls, actor: Actor) -> Q:
        return Q(pk=actor.contact_id) if actor.role is Role.CONTACT else Q()

    @classmethod
    def locked_as(cls, inbox_id: int, identifiers: Iterable[str]) -> Contact | None:
        """The contact that an inbox knows by the first of these names that it knows at all, locked until commit."""
        found = (KNOWN.first(inbox_id=inbox_id, identifier=name) for name in identifiers)
        if identity := next(filter(None, found), None):
            identity.contact.known_by = identity
            return identity.contact
        return None

    @classmethod
    def known_as(cls, inbox_id: int, identifier: str) -> Contact | None:
        """The contact that an inbox knows by this name, if there is one."""
        return cls._default_manager.filter(identities__inbox_id=inbox_id, identities__identifier=identifier).first()

    @classmethod
    def called(cls, inbox_id: int, identifiers: Sequence[str]) -> set[int]:
        """The ids of those whom an inbox knows by any of these names."""
        rows = ContactIdentity.objects.filter(inbox_id=inbox_id, identifier__in=identifiers)
        return set(rows.values_list("contact_id", flat=True))


class ContactIdentity(TenantModel):
    """The name by which one inbox knows a contact: a visitor's id, a shop's customer number, a phone number.

    A contact may have several in one inbox. `address` is what the provider calls them when something is sent, where
    that is not the identifier itself.
    """

    inbox = models.ForeignKey("conversations.Inbox", models.PROTECT, related_name="identities", verbose_name=_("inbox"))
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="identities", verbose_name=_("contact"))
    identifier = models.CharField(_("identifier"), max_length=200)
    address = models.CharField(_("address at the provider"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [models.UniqueConstraint(fields=["inbox", "identifier"], name="identity_once_per_inbox")]

    def __str__(self) -> str:
        return self.identifier

    @classmethod
    def known(cls, inbox: Inbox, identifiers: Iterable[str], contact: Contact) -> dict[str, ContactIdentity]:
        """Which of these names an inbox knows; the one that it found the contact by is at hand."""
        at_hand = contact.known_by
        by_name = {at_hand.identifier: at_hand} if at_hand and at_hand.inbox_id == inbox.pk else {}
        names = list(identifiers)
        asked = (IDENTITY.first(inbox_id=inbox.pk, identifier=name) for name in names if name not in by_name)
        found = by_name | {row.identifier: row for row in asked if row}
        return {name: found[name] for name in names if name in found}

    @classmethod
    def address_of(cls, inbox_id: int, contact_id: int) -> str:
        """What the inbox's provider calls a contact, the newest number first; "" where it never named them."""
        rows = cls._default_manager.filter(inbox_id=inbox_id, contact_id=contact_id).exclude(address="")
        found = list(rows.order_by("-pk").values_list("address", flat=True))
        return next((address for address in found if address.isdigit()), found[0] if found else "")


def _known(inbox_id: int, identifier: str) -> models.QuerySet[ContactIdentity]:
    rows = ContactIdentity.objects.filter(inbox_id=inbox_id, identifier=identifier).select_related("contact")
    return rows.select_for_update(no_key=True, of=("contact",))


def _identity(inbox_id: int, identifier: str) -> models.QuerySet[ContactIdentity]:
    return ContactIdentity.objects.filter(inbox_id=inbox_id, identifier=identifier)


# Every message that comes in begins with these.
KNOWN = Compiled(_known, "inbox_id", texts=["identifier"])
IDENTITY = Compiled(_identity, "inbox_id", texts=["identifier"])
