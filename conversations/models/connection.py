"""What joins an inbox to its provider: the account, what it delivered, what could not be applied, each try to send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.actor import Actor
from accounts.compiled import Compiled
from accounts.models import TenantModel
from accounts.sealing import seal, unseal
from conversations.reasons import parts_of, translated

if TYPE_CHECKING:
    from conversations.models.inbox import Inbox

# How many deliveries are read in one go; what they say is in memory meanwhile, three megabytes each at most.
READ_AT_ONCE = 20


class InboxPart(TenantModel):
    """A row that belongs to an inbox: who may not see that one does not see this."""

    inbox = models.ForeignKey("conversations.Inbox", models.PROTECT, related_name="+", verbose_name=_("inbox"))

    class Meta:
        abstract = True

    @classmethod
    def visibility(cls, actor: Actor) -> Q:
        return ~Q(inbox_id__in=actor.hidden_inboxes) if actor.hidden_inboxes else Q()


class ProviderAccount(TenantModel):
    """The account at the provider that an inbox speaks through.

    `config` holds what may be shown (`phone_number_id`, …), `sealed` each secret under its name, sealed. What the
    provider lets through at most is kept by `next_send_at`: the moment at which the next message may leave.
    """

    inbox = models.OneToOneField("conversations.Inbox", models.PROTECT, related_name="account", verbose_name=_("inbox"))

    class Session(models.TextChoices):
        """What `session_status` last said: how a phone's session at a gateway stands, or whether an account without
        one is connected. Empty where nothing was said yet.
        """

        NONE = "", "–"
        CONNECTING = "connecting", _("connecting")
        QR = "qr", _("waits for the code to be scanned")
        CONNECTED = "connected", _("connected")
        DISCONNECTED = "disconnected", _("disconnected")

    config = models.JSONField(_("settings"), default=dict, blank=True)
    sealed = models.JSONField(default=dict, blank=True, editable=False)
    next_send_at = models.DateTimeField(null=True, blank=True)
    # Health, as the last delivery, the last check and the last refusal told it.
    last_delivery_at = models.DateTimeField(_("last delivery"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, default="")
    # The same as a `reasons.Reason`, to be told in any language.
    last_failure = models.JSONField(default=dict, blank=True, editable=False)
    last_error_at = models.DateTimeField(_("last error at"), null=True, blank=True)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    facts = models.JSONField(_("what the provider says"), default=dict, blank=True)
    session = models.CharField(
        _("phone's session"), max_length=12, choices=Session.choices, blank=True, default=Session.NONE
    )
    session_at = models.DateTimeField(_("session so since"), null=True, blank=True)
    # By the gateway's own clock: what it told before that is old.
    session_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The code that can be scanned now, as a data URL; nobody but admins is shown it.
    qr_code = models.TextField(blank=True, default="", editable=False)
    qr_expires_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("provider's account")
        verbose_name_plural = _("providers' accounts")

    def __str__(self) -> str:
        return f"{self.inbox_id}"

    @classmethod
    def visibility(cls, actor: Actor) -> Q:
        return ~Q(inbox_id__in=actor.hidden_inboxes) if actor.hidden_inboxes else Q()

    @classmethod
    def with_sessions(cls, actor: Actor) -> models.QuerySet[ProviderAccount]:
        """The accounts of inboxes in use whose phone was asked to connect at least once."""
        rows = cls.visible_to(actor).filter(inbox__is_active=True, inbox__channel="whatsapp_qr")
        return rows.exclude(session=cls.Session.NONE).order_by("inbox_id")

    @classmethod
    def told_of(cls, actor: Actor) -> models.QuerySet[ProviderAccount]:
        """The accounts of inboxes in use of which a `session_status` was published, as the last one left them."""
        rows = cls.visible_to(actor).filter(inbox__is_active=True)
        return rows.exclude(session=cls.Session.NONE).order_by("inbox_id")

    def secret(self, name: str) -> str:
        """A secret in the clear; "" where none was given."""
        return unseal(self.sealed.get(name, ""))

    @property
    def secrets(self) -> list[str]:
        """All of them in the clear: to be taken out of what others say."""
        return [unseal(sealed) for sealed in self.sealed.values()]

    def keep_secrets(self, secrets: Mapping[str, str]) -> None:
        """Seal these, unsaved; an empty one is forgotten."""
        kept = {name: seal(secret) for name, secret in secrets.items()}
        self.sealed = {name: sealed for name, sealed in {**self.sealed, **kept}.items() if sealed}

    def current_code(self, moment: datetime) -> str:
        """The code that can be scanned at this moment; "" for none."""
        alive = self.session == self.Session.QR and self.qr_expires_at is not None and moment < self.qr_expires_at
        return self.qr_code if alive else ""

    TROUBLE: ClassVar = ("last_error", "last_failure", "last_error_at")

    def note_trouble(self, error: str, moment: datetime) -> None:
        """Keep what went wrong, unsaved."""
        self.last_error, self.last_failure, self.last_error_at = error[:300], parts_of(error), moment

    def forget_trouble(self) -> None:
        self.last_error, self.last_failure = "", {}

    @property
    def trouble(self) -> str:
        """What went wrong last, in the language that is spoken at this moment."""
        return translated(self.last_error, self.last_failure)

    @property
    def session_reason(self) -> str:
        """Why the session is as it is: `unscanned` where nobody scanned its codes; "" where there is nothing to say."""
        return str(self.facts.get("session_reason", ""))

    def set_fact(self, **facts: Any) -> bool:
        """Take over what the provider says, unsaved; whether any of it is news."""
        before, self.facts = self.facts, {**self.facts, **facts}
        return bool(before != self.facts)


class WebhookDelivery(InboxPart):
    """What a provider posted, as it came. Stored before it is read; the same bytes again are no second row."""

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        # Something unforeseen happened with it: it is tried again on its own, and holds up nobody.
        APART = "apart", _("tried on its own")
        DONE = "done", _("done")
        QUARANTINED = "quarantined", _("quarantined")

    digest = models.CharField(_("fingerprint"), max_length=64)
    body = models.BinaryField()
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.RECEIVED)
    error = models.CharField(_("error"), max_length=300, blank=True, default="")
    # The same as a `reasons.Reason`, to be told in any language.
    failure = models.JSONField(default=dict, blank=True, editable=False)
    received_at = models.DateTimeField(_("received at"), default=clock.now)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["inbox", "digest"], name="delivery_once_per_content")]
        indexes = [
            models.Index(fields=["inbox"], condition=Q(state="received"), name="delivery_backlog"),
            models.Index(fields=["received_at"], name="delivery_by_time"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def end(self, state: str, error: str = "") -> None:
        """Note what became of it."""
        self.state, self.error, self.failure = state, error[:300], parts_of(error)
        self.save(update_fields=["state", "error", "failure"])

    @property
    def why(self) -> str:
        """Why it was not read, in the language that is spoken at this moment."""
        return translated(self.error, self.failure)

    @classmethod
    def is_backlogged(cls, inbox_id: int, most: int) -> bool:
        """Whether more than so many of an inbox's deliveries wait to be looked at."""
        waiting = cls._default_manager.filter(inbox_id=inbox_id, state=cls.State.RECEIVED).order_by()
        return waiting.values("pk")[most : most + 1].exists()

    @classmethod
    def unread(cls, inbox: Inbox) -> list[WebhookDelivery]:
        """The oldest of an inbox's deliveries that nobody has read, in the order in which they came."""
        return list(UNREAD.each(inbox_id=inbox.pk))

    @classmethod
    def waiting(cls, inbox: Inbox) -> int:
        """How many of an inbox's deliveries wait to be read."""
        return cls._default_manager.filter(inbox=inbox, state=cls.State.RECEIVED).count()

    @classmethod
    def unreadable(cls, inbox: Inbox) -> int:
        """How many of an inbox's deliveries nobody could read."""
        return cls._default_manager.filter(inbox=inbox, state=cls.State.QUARANTINED).count()


class Doubt(models.TextChoices):
    """Why something that came in is not believed, or is not there."""

    OTHER_ACCOUNT = "other_account", _("of another account")
    TOO_OLD = "too_old", _("more than seven days old")
    UNKNOWN_KIND = "unknown_kind", _("of a kind that nobody knows")
    NOT_THEIRS = "not_theirs", _("of a message that somebody else wrote")
    UNPROVEN = "unproven", _("a change of what we wrote that may not be ours")
    UNREADABLE = "unreadable", _("not readable")
    DEAD_LETTER = "dead_letter", _("could not be applied, however often it was tried")


def _unread(inbox_id: int) -> models.QuerySet[WebhookDelivery]:
    rows = WebhookDelivery.objects.filter(inbox_id=inbox_id, state=WebhookDelivery.State.RECEIVED)
    return rows.order_by("pk")[:READ_AT_ONCE]


UNREAD = Compiled(_unread, "inbox_id", ordered=True)


class SetAside(InboxPart):
    """One happening of a delivery that was not applied: it came before what it speaks of (`target`), it failed, or it
    is not to be believed. `key` names it within its inbox, so that a repeat is the same row.
    """

    class Reason(models.TextChoices):
        EARLY = "early", _("came before what it speaks of")
        FAILED = "failed", _("failed, is tried again")
        QUARANTINED = "quarantined", _("quarantined")
        DEAD = "dead", _("given up")

    key = models.CharField(_("key"), max_length=300)
    target = models.CharField(_("what it is about"), max_length=200, blank=True, default="")
    body = models.JSONField(_("content"))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    error = models.CharField(_("error"), max_length=300, blank=True, default="")
    created_at = models.DateTimeField(_("created at"), default=clock.now)

    class Meta:
        verbose_name = _("happening set aside")
        verbose_name_plural = _("happenings set aside")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["inbox", "key"], name="set_aside_once")]
        indexes = [
            models.Index(fields=["inbox", "target"], condition=~Q(target=""), name="set_aside_by_target"),
            models.Index(fields=["created_at"], name="set_aside_by_time"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def rests(self) -> bool:
        """Whether it waits for a person, and not for its turn."""
        return self.reason in (self.Reason.QUARANTINED, self.Reason.DEAD)

    @property
    def why(self) -> str:
        """The reason in words: of a quarantine the doubt, of a failure the kind of error."""
        return str(Doubt(self.error).label) if self.error in Doubt.values else self.error

    @classmethod
    def early(cls, inbox: Inbox, target: str) -> list[int]:
        """The numbers of those that wait for what the inbox's provider calls `target`, the oldest first."""
        return [row.pk for row in EARLY.each(inbox_id=inbox.pk, target=target)]

    @classmethod
    def counted(cls, inbox: Inbox) -> dict[str, int]:
        """How many of an inbox's happenings are set aside, by the reason."""
        rows = cls._default_manager.filter(inbox=inbox).order_by().values_list("reason")
        return dict(rows.annotate(count=models.Count("pk")))


def _early(inbox_id: int, target: str) -> models.QuerySet[SetAside]:
    rows = SetAside.objects.filter(inbox_id=inbox_id, target=target, reason=SetAside.Reason.EARLY)
    return rows.only("pk").order_by("pk")


EARLY = Compiled(_early, "inbox_id", texts=["target"], ordered=True)


class SendAttempt(InboxPart):
    """One try to hand a message to the provider, noted before the call: one without an end is not repeated blindly."""

    class State(models.TextChoices):
        CALLING = "calling", _("under way")
        TAKEN = "taken", _("taken by the provider")
        REFUSED = "refused", _("refused")
        UNCERTAIN = "uncertain", _("uncertain")

    message = models.ForeignKey(
        "conversations.Message", models.PROTECT, related_name="attempts", verbose_name=_("message")
    )
    # Which part of a long message is handed over, counted from 0.
    part = models.PositiveSmallIntegerField(_("part"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.CALLING)
    provider_id = models.CharField(_("provider's id"), max_length=200, blank=True, default="")
    error = models.CharField(_("error"), max_length=300, blank=True, default="")
    failure = models.JSONField(default=dict, blank=True, editable=False)
    started_at = models.DateTimeField(_("started at"), default=clock.now)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("try to send")
        verbose_name_plural = _("tries to send")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["message"], condition=Q(state="calling"), name="one_try_at_a_time")
        ]
        indexes = [models.Index(fields=["started_at"], name="attempt_by_time")]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def end(self, state: str, error: str = "", provider_id: str = "") -> None:
        """Note what it came to."""
        self.state, self.error, self.failure = state, error[:300], parts_of(error)
        self.provider_id, self.ended_at = provider_id, clock.now()
        self.save(update_fields=["state", "error", "failure", "ended_at", "provider_id"])

    @property
    def why(self) -> str:
        """Why it was not taken, in the language that is spoken at this moment."""
        return translated(self.error, self.failure)


class MessageTemplate(InboxPart):
    """A text that the provider has approved beforehand: the only thing that may be sent outside the window."""

    class Approval(models.TextChoices):
        APPROVED = "approved", _("approved")
        PENDING = "pending", _("in review")
        REJECTED = "rejected", _("rejected")
        PAUSED = "paused", _("paused")
        DISABLED = "disabled", _("disabled")

    name = models.CharField(_("name"), max_length=512)
    language = models.CharField(_("language"), max_length=16)
    category = models.CharField(_("category"), max_length=32, blank=True, default="")
    approval = models.CharField(_("approval"), max_length=10, choices=Approval.choices)
    components = models.JSONField(_("parts"), default=list)
    synced_at = models.DateTimeField(_("synchronised at"), default=clock.now)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ["name", "language"]
        constraints = [models.UniqueConstraint(fields=["inbox", "name", "language"], name="template_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"
