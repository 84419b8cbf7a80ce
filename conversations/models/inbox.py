"""Inbox: a way for customers to reach a tenant."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.actor import Actor, Role
from accounts.compiled import Compiled
from accounts.models import TenantModel
from accounts.sealing import seal, unseal


class Channel(models.TextChoices):
    WEBCHAT = "webchat", _("web chat")
    WHATSAPP = "whatsapp", "WhatsApp"
    WHATSAPP_QR = "whatsapp_qr", _("WhatsApp by QR code")
    TELEGRAM = "telegram", "Telegram"
    API = "api", "API"


def new_token() -> str:
    """160 random bits, as an address that nobody guesses."""
    return secrets.token_urlsafe(20)


class Connection(models.TextChoices):
    """Whether an inbox can speak through its provider; empty where it needs none."""

    NONE = "", "–"
    SETUP = "setup", _("to be set up")
    CONNECTED = "connected", _("connected")
    PAUSED = "paused", _("to be authorised again")


class Inbox(TenantModel):
    """A way to reach the tenant. `token` is its public address; `sealed_secret` is what proves a caller to it."""

    name = models.CharField(_("name"), max_length=120)
    channel = models.CharField(_("channel"), max_length=12, choices=Channel.choices)
    token = models.CharField(_("public address"), max_length=40, unique=True, default=new_token, editable=False)
    sealed_secret = models.TextField(blank=True, default="", editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    connection = models.CharField(
        _("connection"), max_length=10, choices=Connection.choices, blank=True, default=Connection.NONE
    )
    # Only its members (Membership.inbox_ids), supervisors and admins see a restricted inbox and what is in it.
    restricted = models.BooleanField(_("restricted to members"), default=False)
    reopen = models.BooleanField(_("a customer's message reopens the closed conversation"), default=True)
    keep_owner = models.BooleanField(_("keep the owner on reopening, present or not"), default=False)
    csat_enabled = models.BooleanField(_("ask for a rating on closing"), default=True)
    show_preview = models.BooleanField(_("show what a visitor types before it is sent"), default=True)
    allowed_origins = models.JSONField(_("sites that may embed the widget"), default=list, blank=True)
    settings = models.JSONField(_("look and words of the widget"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("inbox")
        verbose_name_plural = _("inboxes")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], condition=Q(is_active=True), name="inbox_name_once"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="inbox_channel_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def visibility(cls, actor: Actor) -> Q:
        if actor.role is Role.CONTACT:
            return Q(pk__in=[])
        return ~Q(pk__in=actor.hidden_inboxes) if actor.hidden_inboxes else Q()

    @classmethod
    def by_token(cls, token: str) -> Inbox:
        """The active inbox of an active tenant at a public address; raises DoesNotExist. The way in before an actor."""
        return cls._default_manager.select_related("tenant").get(token=token, is_active=True, tenant__is_active=True)

    @classmethod
    def with_connected_phones(cls) -> QuerySet[Inbox]:
        """All tenants' inboxes in use whose phone is connected, as far as we know: for the schedule."""
        phones = cls._default_manager.filter(channel=Channel.WHATSAPP_QR, account__session="connected")
        return phones.filter(is_active=True, tenant__is_active=True).order_by("pk")

    @classmethod
    def posted_to(cls, token: str, channel: str) -> Inbox:
        """The inbox whose provider posts to this address, with its account; raises DoesNotExist."""
        found = POSTED_TO.first(token=token, channel=str(channel))
        if found is None:
            raise cls.DoesNotExist
        return found

    @classmethod
    def connected_to(cls, actor: Actor, pk: int) -> Inbox | None:
        """The inbox with its provider's account, unless that is still to be set up."""
        rows = cls.visible_to(actor).select_related("tenant", "account")
        speaking = rows.filter(is_active=True, account__isnull=False).exclude(connection=Connection.SETUP)
        return speaking.filter(pk=pk).first()

    @classmethod
    def speaking(cls, actor: Actor, channel: str) -> list[Inbox]:
        """The tenant's inboxes in use that speak through a provider of this channel, with their accounts."""
        rows = cls.visible_to(actor).select_related("tenant", "account")
        return list(rows.filter(channel=channel, is_active=True, account__isnull=False).order_by("pk"))

    @classmethod
    def in_use(cls, actor: Actor, given: Inbox | int) -> Inbox:
        """An inbox of the actor's tenant that takes messages in, with its tenant; raises DoesNotExist.

        Whoever has just read it for several messages gives the row itself instead of its number.
        """
        found = given if isinstance(given, Inbox) else IN_USE.first(tenant_id=actor.tenant_id, pk=given)
        if found is None or found.tenant_id != actor.tenant_id or not found.is_active:
            raise cls.DoesNotExist
        return found

    @classmethod
    def read_for(cls, actor: Actor, pk: int) -> Inbox | None:
        """The inbox whose deliveries are to be read, with its account, be it in use or not."""
        rows = cls.visible_to(actor).select_related("tenant", "account")
        return rows.filter(pk=pk, account__isnull=False).first()

    @classmethod
    def with_session(cls, actor: Actor, pk: int) -> Inbox | None:
        """The inbox whose phone has a session at a gateway, with its account; one out of use may still have to part."""
        rows = cls.visible_to(actor).select_related("tenant", "account")
        return rows.filter(pk=pk, channel=Channel.WHATSAPP_QR, account__isnull=False).first()

    @classmethod
    def embedded(cls, key: str) -> Inbox:
        """The active web chat that pages embed under this public key; raises DoesNotExist."""
        rows = cls._default_manager.select_related("tenant")
        return rows.get(token=key, channel=Channel.WEBCHAT, is_active=True, tenant__is_active=True)

    @classmethod
    def embeddable(cls, tenant_id: int) -> QuerySet[Inbox]:
        """A tenant's active web chats, the oldest first."""
        rows = cls._default_manager.filter(tenant_id=tenant_id, channel=Channel.WEBCHAT, is_active=True)
        return rows.select_related("tenant").order_by("pk")

    @classmethod
    def first_embedded(cls, tenant_slug: str) -> Inbox | None:
        """The oldest active web chat of a tenant, for the demonstration's shop."""
        rows = cls._default_manager.filter(tenant__slug=tenant_slug, channel=Channel.WEBCHAT, is_active=True)
        return rows.order_by("pk").first()

    @classmethod
    def simulated(cls, tenant_slug: str, channel: str, setting: str) -> str:
        """Where the provider of a tenant's inbox is simulated, for the demonstration's phone; "" where none is.

        `setting` names the provider's address.
        """
        rows = cls._default_manager.filter(tenant__slug=tenant_slug, channel=channel, is_active=True)
        here = {f"account__config__{setting}__startswith": "http://127.0.0.1:"}
        inbox = rows.filter(**here).select_related("account").order_by("pk").first()
        return str(inbox.account.config[setting]) if inbox else ""

    @classmethod
    def by_key(cls, pk: int, channel: str, key: str) -> Inbox:
        """The active inbox whose secret this is; raises DoesNotExist for a wrong key and a missing inbox alike."""
        rows = cls._default_manager.select_related("tenant")
        inbox = rows.get(pk=pk, channel=channel, is_active=True, tenant__is_active=True)
        if not inbox.proves(key):
            raise cls.DoesNotExist
        return inbox

    @property
    def has_widget(self) -> bool:
        """Whether its customers follow their conversation on a page; elsewhere nobody hears what is told to them."""
        return self.channel == Channel.WEBCHAT

    @property
    def has_window(self) -> bool:
        """Whether we may write freely only for a while after the customer did."""
        return self.channel == Channel.WHATSAPP

    def new_secret(self) -> str:
        """Give the inbox a new secret, unsaved, and return it: the only moment at which it can be read by a person."""
        secret = f"nis_{secrets.token_urlsafe(32)}"
        self.sealed_secret = seal(secret)
        return secret

    def proves(self, secret: str) -> bool:
        """Whether this is the inbox's secret, compared in constant time."""
        return bool(self.sealed_secret) and hmac.compare_digest(unseal(self.sealed_secret).encode(), secret.encode())

    def signs(self, identifier: str, signature: str) -> bool:
        """Whether `signature` is the hex HMAC-SHA256 of the identifier by the inbox's secret."""
        if not self.sealed_secret:
            return False
        expected = hmac.new(unseal(self.sealed_secret).encode(), identifier.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), signature.lower().encode())


def _in_use(tenant_id: int, pk: int) -> QuerySet[Inbox]:
    return Inbox.objects.filter(tenant_id=tenant_id, pk=pk, is_active=True).select_related("tenant")


IN_USE = Compiled(_in_use, "tenant_id", "pk")


def _posted_to(token: str, channel: str) -> QuerySet[Inbox]:
    rows = Inbox.objects.filter(token=token, channel=channel, is_active=True, tenant__is_active=True)
    return rows.filter(account__isnull=False).select_related("tenant", "account")


# What every delivery of a provider asks first.
POSTED_TO = Compiled(_posted_to, texts=["token", "channel"])
